"""What staff propose and answer (PN-42)."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from penalties.models import KINDS
from penalties.queries.proposals import PenaltyFilters, store_numbered
from penalties.rules import PenaltyKind, ProposalGap, proposal_gaps
from stores.models import Store

MOST_LETTERS = 2_000
MOST_DAYS, MOST_POINTS = 3_650, 100
FIELDS = {ProposalGap.LISTING: "subject", ProposalGap.POINTS: "points", ProposalGap.PERIOD: "days"}
GAPS = {
    ProposalGap.LISTING: gettext_lazy("A delisting names one listing; other penalties none."),
    ProposalGap.POINTS: gettext_lazy("Say how many points; other penalties have none."),
    ProposalGap.PERIOD: gettext_lazy("This penalty has no period: leave it empty."),
}


class ReasonForm(forms.Form):
    """Why something is proposed, as the seller reads it."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The seller reads it once another person has confirmed: facts, not rule codes."),
        max_length=MOST_LETTERS,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ProposalForm(forms.Form):
    """A penalty that no rule brings."""

    store_no = forms.CharField(label=gettext_lazy("Store number"), max_length=64)
    kind = forms.ChoiceField(label=gettext_lazy("Penalty"), choices=[("", gettext_lazy("Choose")), *KINDS])
    subject = forms.CharField(label=gettext_lazy("Listing (SKU)"), max_length=120, required=False)
    points = forms.IntegerField(
        label=pgettext_lazy("penalty", "Points"), min_value=1, max_value=MOST_POINTS, required=False
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days"),
        help_text=gettext_lazy("Empty: until it is lifted."),
        min_value=1,
        max_value=MOST_DAYS,
        required=False,
    )
    reason = ReasonForm.base_fields["reason"]

    def __init__(self, data: Any = None, *, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}), auto_id="proposal-%s")
        self.store: Store | None = None

    def clean_store_no(self) -> str:
        number: str = self.cleaned_data["store_no"].strip()
        self.store = store_numbered(number)
        if self.store is None:
            raise forms.ValidationError(_("There is no store with this number."))
        if self.store.mode == Store.Mode.MIRRORED:
            raise forms.ValidationError(_("The store mirrors another platform, which decides about its penalties."))
        return number

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind"):
            for gap in proposal_gaps(PenaltyKind(given["kind"]), **self._terms()):
                self.add_error(FIELDS[gap], str(GAPS[gap]))
        return given

    def _terms(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"subject": given.get("subject", ""), "days": given.get("days"), "points": given.get("points") or 0}

    def given(self) -> dict[str, Any]:
        """What `propose_penalty` takes; call it on a valid form."""
        return {
            "store": self.store,
            "kind": PenaltyKind(self.cleaned_data["kind"]),
            "reason": self.cleaned_data["reason"],
            **self._terms(),
        }


class AnswerForm(forms.Form):
    """What the second person says; a refusal needs it."""

    answer = forms.CharField(
        label=gettext_lazy("Answer"),
        help_text=gettext_lazy("The person who proposed it reads it. A refusal says why."),
        max_length=MOST_LETTERS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="answer-%s")
        self.do = data.get("do", "") if data else ""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.do == "refuse" and not given.get("answer"):
            self.add_error("answer", _("Say why it is refused."))
        return given


class PenaltyFilterForm(forms.Form):
    """Bound to the query string; what makes no sense filters nothing."""

    part = forms.CharField(required=False, widget=forms.HiddenInput)
    store = forms.CharField(label=gettext_lazy("Store number or name"), required=False, widget=forms.SearchInput)
    kind = forms.ChoiceField(label=gettext_lazy("Penalty"), required=False)
    source = forms.ChoiceField(label=gettext_lazy("Source"), required=False)

    def __init__(self, data: Any, *, sources: Mapping[str, Any]) -> None:
        super().__init__(data)
        for name, choices in (("kind", KINDS), ("source", list(sources.items()))):
            field: Any = self.fields[name]
            field.choices = [("", _("All")), *choices]

    def filters(self) -> PenaltyFilters:
        """What was asked for."""
        self.full_clean()
        given = {name: self.cleaned_data.get(name, "") for name in ("store", "kind", "source")}
        return PenaltyFilters(**{name: value.replace("\x00", "").strip() for name, value in given.items()})
