"""Filters of the pages of metrics, read from the address."""

from datetime import date
from typing import Any

from django import forms
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from metrics.words import COUNTER_WORDS

SPANS = (30, 90, 180)


def parsed_day(text: str | None) -> date | None:
    """A day of an address (``2026-11-20``); None for anything else."""
    try:
        return parse_date(text or "")
    except ValueError:
        return None


def parsed_span(text: str | None) -> int:
    """The days a chart shows; 30 for anything but 30, 90 and 180."""
    return int(text) if text in {str(span) for span in SPANS} else SPANS[0]


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


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
            field = self.fields[name]
            field.choices = [("", _("all")), *choices]  # type: ignore[attr-defined]
        if len(counters) < 2:
            del self.fields["counter"]

    def chosen(self) -> dict[str, Any]:
        """The filters that were given and make sense; others are left out, so a stale link still shows its list."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class StoreFilter(forms.Form):
    """Filters of the list of all stores."""

    q = forms.CharField(label=_("Name or number"), required=False, widget=forms.TextInput(attrs={"type": "search"}))
    level = forms.ChoiceField(
        label=_("Worst metric"),
        required=False,
        choices=[("", _("all")), ("red", _("red")), ("yellow", _("yellow")), ("ok", _("ok"))],
    )
    linked = forms.BooleanField(label=_("linked stores only"), required=False)


class EndFreezeForm(forms.Form):
    """Why a reviewer ends a freeze of a rating (SR-06)."""

    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
