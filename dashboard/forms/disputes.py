"""What the dispute desk sends: its filters, and a seller's answer (PG-08, DP-10)."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from disputes.models import Dispute, DisputeAnswer
from disputes.queries.desk import OPEN, PARTS, DeskQuery
from disputes.services.drafting import Said

KIND = "kind-"


class DeskFilterForm(forms.Form):
    """Bound to the query string."""

    part = forms.CharField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(label=_("Dispute or order"), required=False, widget=forms.SearchInput)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("all")), *Dispute.Kind.choices])

    def query(self) -> DeskQuery:
        """The filters that can be read; the others filter nothing."""
        self.is_valid()
        part = self.cleaned_data.get("part", "")
        return DeskQuery(
            part=part if part in PARTS else OPEN,
            kind=self.cleaned_data.get("kind", ""),
            text=self.cleaned_data.get("q", "").strip(),
        )


def said_in(data: QueryDict, languages: list[str]) -> Said:
    """The answer as it was filled in; what can't be read is left out."""
    plan, language = data.get("plan", ""), data.get("language", "")
    return Said(
        plan=plan if plan in DisputeAnswer.Plan.values else DisputeAnswer.Plan.EXPLAIN,
        amount_usd=_amount(data.get("amount", "")),
        text=data.get("text", "").replace("\x00", "").strip(),
        language=language if language in languages else "",
        template=data.get("template", "")[:64].replace("\x00", ""),
    )


def kinds_in(data: QueryDict) -> dict[int, str]:
    """What each file was declared as, by the evidence's id; no id has more than 18 digits."""
    given: dict[str, Any] = {name.removeprefix(KIND): data[name] for name in data if name.startswith(KIND)}
    return {int(key): kind for key, kind in given.items() if key.isascii() and key.isdecimal() and len(key) < 19}


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace(",", "").strip()).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < 10**9 else None
