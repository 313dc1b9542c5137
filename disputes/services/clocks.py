"""All countdowns of disputes, brought in line with their states (DM-27, DP-10, DP-19)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from core.deadlines import Subject, meet_deadlines, open_deadlines, void_deadlines
from disputes.models import Dispute
from disputes.queries.deadlines import SETTLEMENT, SUBJECT
from disputes.services.answering import derive_answer_deadlines, terms_of
from disputes.services.arbitrations import derive_arbitrations
from stores.models import Store

_CHUNK = 5_000


def derive_dispute_clocks(*, dispute_ids: Iterable[int], at: datetime) -> None:
    """Open, meet or void the deadlines of disputes according to their present states, and open or end arbitrations."""
    ids = list(dispute_ids)
    for start in range(0, len(ids), _CHUNK):
        rows = Dispute.objects.select_related("store").filter(pk__in=ids[start : start + _CHUNK])
        disputes = list(rows)
        derive_answer_deadlines(disputes, at)
        _derive_settlements(disputes, at)
        derive_arbitrations(disputes, at)


def _derive_settlements(disputes: Sequence[Dispute], at: datetime) -> None:
    """An answered dispute of a governed store waits some days for the buyer (DP-19)."""
    governed = [one for one in disputes if one.store.mode == Store.Mode.GOVERNED]
    waiting = {_subject(one): due_at for one in governed if (due_at := settlement_due(one)) and due_at > at}
    if waiting:
        open_deadlines(kind=SETTLEMENT, subject_kind=SUBJECT, due=waiting, at=at)
    others = [one for one in governed if one.state != Dispute.State.RESPONDED]
    ended = {_subject(one): one.closed_at for one in others if one.closed_at is not None}
    if ended:
        meet_deadlines(kind=SETTLEMENT, subject_kind=SUBJECT, happened=ended)
    if others:
        void_deadlines(kind=SETTLEMENT, subject_kind=SUBJECT, subjects=[_subject(one) for one in others], at=at)


def _subject(dispute: Dispute) -> Subject:
    return dispute.store_id, dispute.dispute_no


def settlement_due(dispute: Dispute) -> datetime | None:
    """Until when the buyer may accept the answer or withdraw."""
    if dispute.state != Dispute.State.RESPONDED or dispute.responded_at is None:
        return None
    return dispute.responded_at + timedelta(days=terms_of(dispute).settle_days)
