"""Who is liable when a dispute ends (DP-16)."""

from datetime import datetime

from core.rules import has_lapsed

SELLER = "seller"


def gave_evidence(first_evidence_at: datetime | None, clock_ends_at: datetime) -> bool:
    """Whether the seller gave evidence within the response clock, the whole second of its end included (RL-05)."""
    return first_evidence_at is not None and not has_lapsed(clock_ends_at, first_evidence_at)


def liable_party(decided: str, *, has_evidence: bool) -> str:
    """Who is liable for a dispute that operations or both sides ended: a seller without evidence is, whatever was
    decided or paid."""
    return decided if has_evidence else SELLER
