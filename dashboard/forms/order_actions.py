"""Forms of actions on orders (PG-06)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

REASONS = [
    ("out_of_stock", _("out of stock")),
    ("price_error", _("the price was wrong")),
    ("cannot_ship_to_address", _("can't be shipped to this address")),
    ("buyer_asked", _("the buyer asked for it")),
    ("other", _("another reason")),
]
LONGEST_NOTE = 200


class CancelForm(forms.Form):
    """Why orders are cancelled; another reason has to be told."""

    reason = forms.ChoiceField(label=_("Reason"), choices=REASONS, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=LONGEST_NOTE,
        help_text=_("Needed for another reason; colleagues see it on the order's page."),
    )

    def clean(self) -> dict[str, Any]:
        """Another reason has to be told."""
        given = super().clean() or {}
        if given.get("reason") == "other" and not given.get("note"):
            self.add_error("note", _("Say why the orders are cancelled."))
        return given

    def text(self) -> str:
        """What is kept with the order."""
        note = self.cleaned_data["note"]
        return f"{self.cleaned_data['reason']}: {note}" if note else str(self.cleaned_data["reason"])
