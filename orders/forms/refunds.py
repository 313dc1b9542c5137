"""Answers to refunds and results of inspections (TM-12, TM-13)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.pages.choices import set_choices
from core.pages.formats import money

AGREE, OFFER, REFUSE = "agree", "offer", "refuse"
ACCEPT, DISPUTE = "accept", "dispute"


class RefundAnswerForm(forms.Form):
    """One of the three answers with what it needs; ``asked`` is what the buyer wants, US dollars."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Your answer"),
        widget=forms.RadioSelect,
        choices=[
            (AGREE, gettext_lazy("Agree")),
            (OFFER, gettext_lazy("Offer a part")),
            (REFUSE, pgettext_lazy("verb", "Refuse")),
        ],
        error_messages={"required": gettext_lazy("Choose one of the three answers.")},
    )
    amount_usd = forms.DecimalField(
        label=gettext_lazy("Amount, USD"), max_digits=12, decimal_places=2, required=False, localize=False
    )
    reason = forms.CharField(
        label=gettext_lazy("Why only a part"),
        help_text=gettext_lazy("The buyer reads this."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
    )
    refusal = forms.ChoiceField(label=gettext_lazy("Reason of the refusal"), required=False)
    note = forms.CharField(
        label=gettext_lazy("What the evidence shows"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
    )

    def __init__(
        self, data: Any, *, asked: Decimal, reasons: Sequence[tuple[str, str]], proofs: int, initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial, auto_id="refund_%s")
        self.asked, self.proofs = asked, proofs
        set_choices(self, "refusal", [("", _("choose a reason")), *reasons])

    def clean(self) -> dict[str, Any]:
        """Each answer needs its own fields (TM-12)."""
        given = super().clean() or {}
        answer = given.get("answer")
        if answer == OFFER:
            self._check_offer(given)
        if answer == REFUSE and not given.get("refusal"):
            self.add_error("refusal", _("Choose a reason."))
        if answer in (OFFER, REFUSE) and not self.proofs:
            raise ValidationError(_("This answer needs proof: attach at least one file first, then send it again."))
        return given

    def _check_offer(self, given: dict[str, Any]) -> None:
        amount = given.get("amount_usd")
        if "amount_usd" not in self.errors and (amount is None or not 0 < amount < self.asked):
            text = _("Enter an amount above 0 and below %(asked)s, which the buyer asks for.")
            self.add_error("amount_usd", text % {"asked": money(self.asked, "USD")})
        if not given.get("reason", "").strip():
            self.add_error("reason", _("Say why only a part: the buyer decides by it."))


class InspectionForm(forms.Form):
    """The result of an inspection."""

    result = forms.ChoiceField(
        label=gettext_lazy("Result of the inspection"),
        widget=forms.RadioSelect,
        choices=[
            (ACCEPT, gettext_lazy("Complete and as described: confirm the refund")),
            (DISPUTE, gettext_lazy("Something is missing or damaged: dispute the content")),
        ],
        error_messages={"required": gettext_lazy("Choose a result.")},
    )
    note = forms.CharField(
        label=gettext_lazy("What is wrong with it"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
    )

    def __init__(self, data: Any, *, proofs: int) -> None:
        super().__init__(data, auto_id="return_%s")
        self.proofs = proofs

    def clean(self) -> dict[str, Any]:
        """A disputed content needs words and proof (TM-13)."""
        given = super().clean() or {}
        if given.get("result") == DISPUTE:
            if not given.get("note", "").strip():
                self.add_error("note", _("Say what is missing or damaged."))
            if not self.proofs:
                raise ValidationError(_("This needs proof: attach at least one photo first, then send it again."))
        return given
