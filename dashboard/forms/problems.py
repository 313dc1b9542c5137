"""Filters of a metric's problem orders, read from the address (PG-04)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.pages.choices import set_choices
from core.pages.widgets import DayInput
from metrics.catalogue import problem_counters
from metrics.queries.problems import ORDER_FILTERS, SORTS, ProblemQuery, occurring
from metrics.words import COUNTER_WORDS


class ProblemFilter(forms.Form):
    """Filters of problem orders. Choices are what occurs among them, so a choice never leads to nothing."""

    counter = forms.ChoiceField(label=_("Failure"), required=False)
    carrier = forms.ChoiceField(label=_("Carrier"), required=False)
    site = forms.ChoiceField(label=_("Site"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    first = forms.DateField(label=_("From"), required=False, widget=DayInput())
    last = forms.DateField(label=_("To"), required=False, widget=DayInput())
    # What the page around the list shows stays as it is.
    day = forms.CharField(required=False, widget=forms.HiddenInput())
    days = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, data: Any, *, counters: tuple[str, ...], occurring: dict[str, list[tuple[str, str]]]) -> None:
        super().__init__(data)
        fields = {"counter": [(name, COUNTER_WORDS[name]) for name in counters], **occurring}
        for name, choices in fields.items():
            set_choices(self, name, [("", _("all")), *choices])
        if len(counters) < 2:
            del self.fields["counter"]

    def chosen(self) -> dict[str, Any]:
        """The filters that were given and make sense; others are left out, so a stale link still shows its list."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


@dataclass(frozen=True, slots=True)
class AskedProblems:
    """The filter form and the query that it stands for."""

    form: ProblemFilter
    query: ProblemQuery


def asked_problems(params: QueryDict, *, store_id: int, code: str, last: date, window_days: int) -> AskedProblems:
    """Read the filters; without days the metric's whole window is listed."""
    counters = problem_counters(code)
    whole = ProblemQuery(store_id, counters, last - timedelta(days=window_days - 1), last)
    data = params.copy()
    data["first"] = data.get("first") or whole.first.isoformat()
    data["last"] = data.get("last") or whole.last.isoformat()
    form = ProblemFilter(data, counters=counters, occurring=occurring(whole))
    chosen, sort = form.chosen(), params.get("sort")
    query = ProblemQuery(
        store_id,
        (chosen["counter"],) if "counter" in chosen else counters,
        chosen.get("first", whole.first),
        chosen.get("last", whole.last),
        {name: chosen[name] for name in ORDER_FILTERS if name in chosen},
        sort if sort in SORTS else whole.sort,
    )
    return AskedProblems(form, query)
