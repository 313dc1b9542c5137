"""Answers to disputes that are prepared before they are handed in (DP-10)."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from disputes.models import Dispute, DisputeAnswer
from stores.principals import Principal

MOST_LETTERS = 4_000


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says: the after-sales plan, the amount that it offers (USD), and the text to the buyer in a
    language, begun from a reply template."""

    plan: str
    amount_usd: Decimal | None
    text: str
    language: str
    template: str


def save_answer(*, dispute: Dispute, said: Said, principal: Principal, at: datetime) -> DisputeAnswer:
    """Keep a draft; one that was handed in stays as it is and is returned."""
    row, is_new = DisputeAnswer.objects.get_or_create(
        dispute=dispute, round=dispute.reopenings, defaults=_columns(dispute, said, principal, at)
    )
    drafts = DisputeAnswer.objects.filter(pk=row.pk, submitted_at=None)
    if not is_new and drafts.update(**_columns(dispute, said, principal, at)):
        row.refresh_from_db()
    return row


def hand_in(*, dispute: Dispute, said: Said, principal: Principal, at: datetime) -> None:
    """Keep an answer as it was handed in."""
    DisputeAnswer.objects.update_or_create(
        dispute=dispute,
        round=dispute.reopenings,
        defaults={**_columns(dispute, said, principal, at), "submitted_at": at},
    )


def _columns(dispute: Dispute, said: Said, principal: Principal, at: datetime) -> dict[str, object]:
    columns = {**asdict(said), "text": said.text.strip()[:MOST_LETTERS]}
    return {**columns, "store_id": dispute.store_id, "actor": principal.actor, "saved_at": at}
