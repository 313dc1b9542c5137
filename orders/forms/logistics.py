"""What sellers hand in about parcels, and what operations say to it (TM-11)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.pages.widgets import MinuteInput
from orders.models.logistics import CLAIM_KINDS
from orders.rules.logistics import ClaimKind

MOST_LETTERS = 2_000


class HandInForm(forms.Form):
    """A pickup proof or a claim about one of the order's parcels; its files come beside it."""

    kind = forms.ChoiceField(label=_("What happened"), choices=CLAIM_KINDS, widget=forms.RadioSelect)
    tracking_no = forms.ChoiceField(label=_("Parcel"))
    happened_at = forms.DateTimeField(
        label=_("Picked up"),
        help_text=_("Of a pickup proof: the time that stands in it."),
        widget=MinuteInput(),
        required=False,
    )
    statement = forms.CharField(
        label=pgettext_lazy("logistics claim", "Statement"),
        max_length=MOST_LETTERS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any, *, kinds: Sequence[ClaimKind], numbers: Sequence[str]) -> None:
        initial = {"kind": kinds[0] if kinds else "", "tracking_no": numbers[0] if numbers else ""}
        super().__init__(data, initial=initial, auto_id="hand-in-%s")
        kind: Any = self.fields["kind"]
        kind.choices = [(value, label) for value, label in CLAIM_KINDS if value in kinds]
        number: Any = self.fields["tracking_no"]
        number.choices = [(value, value) for value in numbers]

    def given(self) -> dict[str, Any]:
        """What `submit_claim` takes; call it on a valid form."""
        happened_at: datetime | None = self.cleaned_data["happened_at"]
        return {
            "kind": ClaimKind(self.cleaned_data["kind"]),
            "tracking_no": self.cleaned_data["tracking_no"],
            "happened_at": happened_at,
            "statement": self.cleaned_data["statement"],
        }
