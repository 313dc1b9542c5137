"""The filters of the order list, read from the address (PG-06)."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.pages.formats import told_apart
from orders.data_issues import DATA_ISSUE_WORDS
from orders.models import OrderState, Source
from orders.queries import Filters, Subset, Tab
from orders.queries.names import carrier_names, site_names
from orders.queries.tabs import DATA_ISSUES

# A code that the reference data lack may be asked for all the same: orders carry codes as their source wrote them.
FREE = frozenset({"carrier", "site"})
# The parameters that a saved filter keeps.
KEPT = frozenset({"tab", "sort", "number", "carrier", "site", "source", "state", "created_from", "created_to", "issue"})


class OrderFilterForm(forms.Form):
    """Bound to the query string."""

    number = forms.CharField(label=_("Order or tracking numbers"), required=False, widget=forms.SearchInput)
    carrier = forms.ChoiceField(label=_("Carrier"), required=False)
    site = forms.ChoiceField(label=_("Site"), required=False)
    source = forms.ChoiceField(label=_("Source"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    issue = forms.ChoiceField(label=_("Data issue"), required=False)
    created_from = forms.DateField(
        label=_("Created from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    created_to = forms.DateField(label=_("Created to"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    tab = forms.CharField(required=False, widget=forms.HiddenInput)
    notice = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, tab: Tab, at: datetime) -> None:
        super().__init__(data)
        self.initial = {"tab": tab.code}
        self.carriers = carrier_names()
        self._offer("carrier", told_apart(self.carriers.items()))
        self._offer("site", site_names(at).items())
        self._offer("source", Source.choices)
        self._offer("state", OrderState.choices)
        self._offer("issue", [(str(bit), words) for bit, words in DATA_ISSUE_WORDS])
        if tab is not DATA_ISSUES:
            del self.fields["issue"]
        if not tab.states:
            del self.fields["state"]

    def _offer(self, name: str, choices: Iterable[tuple[str, object]]) -> None:
        offered: list[tuple[str, Any]] = [("", gettext("all")), *choices]
        asked = self.data.get(name, "")
        if asked and name in FREE and "\x00" not in asked and asked not in dict(offered):
            offered.append((asked, asked))
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = offered

    def filters(self, subset: Subset | None = None) -> Filters:
        """What was asked for, as far as it makes sense; days are days of the viewer's zone."""
        self.full_clean()
        given: dict[str, Any] = {
            name: value for name, value in self.cleaned_data.items() if name not in ("tab", "notice")
        }
        given["subset"] = subset
        given["number"] = given.get("number", "").strip()
        given["issue"] = int(given.get("issue") or 0)
        given["created_from"] = _start(given.get("created_from"))
        last = given.get("created_to")
        given["created_to"] = _start(last + timedelta(days=1)) if last and last < date.max else None
        return Filters(**given)


def _start(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, timezone.get_current_timezone()) if day else None


class SavedFilterForm(forms.Form):
    """The name under which filters are kept."""

    name = forms.CharField(label=_("Name"), max_length=40)
