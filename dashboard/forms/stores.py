"""Filters of the list of all stores (PG-02)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.pages.tables import Sort
from dashboard.queries.store_list import StoreQuery


class StoreFilter(forms.Form):
    """Filters of the list of all stores."""

    q = forms.CharField(label=_("Name or number"), required=False, widget=forms.TextInput(attrs={"type": "search"}))
    level = forms.ChoiceField(
        label=_("Worst metric"),
        required=False,
        choices=[("", _("all")), ("red", _("red")), ("yellow", _("yellow")), ("ok", _("ok"))],
    )
    notices = forms.ChoiceField(
        label=_("Open notices"),
        required=False,
        choices=[("", _("all")), ("any", _("with open notices")), ("red", _("with red notices"))],
    )
    due = forms.ChoiceField(
        label=_("Next step"),
        required=False,
        choices=[("", _("all")), ("0", _("overdue")), ("24", _("within 24 h")), ("72", _("within 3 days"))],
    )
    linked = forms.BooleanField(label=_("linked stores only"), required=False)

    def query(self, sort: Sort, page: str | None) -> StoreQuery:
        """What was asked for, as far as it makes sense."""
        self.is_valid()
        given = self.cleaned_data
        due = given.get("due")
        return StoreQuery(
            text=given.get("q", ""),
            level=given.get("level", ""),
            notices=given.get("notices", ""),
            due_hours=int(due) if due else None,
            linked=bool(given.get("linked")),
            key=sort.key,
            descending=sort.descending,
            page=page,
        )

    def keep_text(self) -> None:
        """Offer the search alone: so many stores are not compared."""
        for name in ("level", "notices", "due", "linked"):
            del self.fields[name]
