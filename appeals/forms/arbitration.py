"""A verdict on a dispute as its form sends it (DP-19)."""

from decimal import Decimal, InvalidOperation

from django.http import QueryDict

from disputes.commands.arbitrating import Verdict

MOST_LETTERS = 2_000


def verdict_in(data: QueryDict) -> Verdict:
    """What was filled in; an amount that can't be read is none."""
    return Verdict(
        liability=data.get("liability", ""),
        outcome_usd=_amount(data.get("outcome", "")),
        reason=data.get("reason", "").replace("\x00", "")[:MOST_LETTERS].strip(),
    )


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace(",", "").strip()).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < 10**9 else None
