"""The evidence of both sides of a dispute (DP-01, DP-07, DP-16)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from core.events import record_event
from core.rules import has_lapsed
from disputes.models import OPEN_STATES, Dispute, DisputeAnswer, DisputeEvidence
from disputes.queries.deadlines import SUBJECT
from disputes.rules.liability import gave_evidence
from disputes.services.answering import answer_ends_at, terms_of
from evidence.models import EvidenceFile
from evidence.queries import evidence_limits
from stores.models import Store
from stores.principals import Principal

MOST_LETTERS = 2_000
TRACE, CONFIRMATION = "full_trace", "buyer_confirmation"
Side = DisputeEvidence.Side


class StaleDisputeError(Exception):
    """A dispute that takes no evidence any more: it ended, or the response clock did."""


class TooManyFilesError(Exception):
    """As many files as one side may have."""


def takes_evidence(dispute: Dispute, at: datetime) -> bool:
    """Whether the seller may still add evidence: until the response clock ends, and in mirrored stores, which prepare
    it for the platform, until the dispute does."""
    if dispute.state not in OPEN_STATES:
        return False
    return dispute.store.mode == Store.Mode.MIRRORED or not has_lapsed(answer_ends_at(dispute), at)


@transaction.atomic
def add_file(
    *,
    dispute: Dispute,
    file: EvidenceFile,
    name: str,
    kind: str,
    principal: Principal,
    at: datetime,
    side: str = Side.SELLER,
) -> DisputeEvidence:
    """Add a file; one that is there already stays as it is. Raises StaleDisputeError, TooManyFilesError."""
    _hold(dispute, at, side)
    files = DisputeEvidence.objects.filter(dispute=dispute, side=side, file__isnull=False)
    present = files.filter(file=file).first()
    if present is not None:
        return present
    if files.count() >= evidence_limits(at).max_files:
        raise TooManyFilesError
    return _add(dispute, principal, at, side=side, kind=known_kind(dispute, kind), file=file, name=name[:255])


def count_files(dispute: Dispute) -> int:
    """How many files the seller gave."""
    return DisputeEvidence.objects.filter(dispute=dispute, side=Side.SELLER, file__isnull=False).count()


@transaction.atomic
def cite_trace(*, dispute: Dispute, tracking_no: str, principal: Principal, at: datetime) -> DisputeEvidence:
    """Give the trace of one of the order's parcels, as the data have it, once. Raises StaleDisputeError."""
    _hold(dispute, at, Side.SELLER)
    there = DisputeEvidence.objects.filter(dispute=dispute, side=Side.SELLER, tracking_no=tracking_no)
    return there.first() or _add(dispute, principal, at, side=Side.SELLER, kind=TRACE, tracking_no=tracking_no)


@transaction.atomic
def add_words(
    *, dispute: Dispute, kind: str, text: str, principal: Principal, at: datetime, side: str = Side.SELLER
) -> DisputeEvidence:
    """Add words, such as a quoted message or the address of a video. Raises StaleDisputeError."""
    _hold(dispute, at, side)
    text = text.strip()[:MOST_LETTERS]
    there = DisputeEvidence.objects.filter(dispute=dispute, side=side, kind=kind, text=text, file=None)
    return there.first() or _add(dispute, principal, at, side=side, kind=known_kind(dispute, kind), text=text)


@transaction.atomic
def remove_evidence(*, dispute: Dispute, key: int, principal: Principal, at: datetime) -> bool:
    """Take a piece of the seller's evidence out while the dispute is unanswered. Raises StaleDisputeError."""
    _hold(dispute, at, Side.SELLER, unanswered=True)
    rows = DisputeEvidence.objects.filter(pk=key, dispute=dispute, side=Side.SELLER)
    removed = rows.delete()[0] == 1
    if removed:
        _record("dispute.evidence_removed", dispute, principal, at, {})
    return removed


@transaction.atomic
def declare_kind(*, dispute: Dispute, key: int, kind: str, at: datetime) -> None:
    """Say what a file of the seller's is. Raises StaleDisputeError."""
    _hold(dispute, at, Side.SELLER)
    rows = DisputeEvidence.objects.filter(pk=key, dispute=dispute, side=Side.SELLER, file__isnull=False)
    rows.update(kind=known_kind(dispute, kind))


def has_evidence_in_time(dispute: Dispute) -> bool:
    """Whether the seller gave evidence of a valid kind before the response clock ended (DP-16). An answer that a source
    reports counts as such: what was given with it is not known here."""
    given = DisputeEvidence.objects.filter(dispute=dispute, side=Side.SELLER, kind__in=terms_of(dispute).evidence_kinds)
    first = given.order_by("added_at").values_list("added_at", flat=True).first()
    if first is None and not _answered_here(dispute):
        first = dispute.responded_at
    return gave_evidence(first, answer_ends_at(dispute))


def _answered_here(dispute: Dispute) -> bool:
    answers = DisputeAnswer.objects.filter(dispute=dispute, round=dispute.reopenings)
    return answers.filter(submitted_at__isnull=False).exists()


def known_kind(dispute: Dispute, kind: str) -> str:
    """The kind of evidence if policy knows it, else empty: a file that was not declared yet."""
    terms = terms_of(dispute)
    return kind if kind in (*terms.evidence_kinds, *terms.supporting_kinds) else ""


def _hold(dispute: Dispute, at: datetime, side: str, *, unanswered: bool = False) -> None:
    """Lock a dispute that takes evidence until the transaction ends."""
    states = (Dispute.State.OPEN,) if unanswered else OPEN_STATES
    row = Dispute.objects.select_for_update(no_key=True, of=("self",)).select_related("store")
    held = row.filter(pk=dispute.pk, state__in=states).first()
    if held is None or (side == Side.SELLER and not takes_evidence(held, at)):
        raise StaleDisputeError


def _add(dispute: Dispute, principal: Principal, at: datetime, **columns: Any) -> DisputeEvidence:
    added = DisputeEvidence.objects.create(
        store_id=dispute.store_id,
        dispute=dispute,
        round=dispute.reopenings,
        actor=principal.actor,
        added_at=at,
        **columns,
    )
    _record("dispute.evidence_added", dispute, principal, at, {"side": added.side, "evidence": added.kind})
    return added


def _record(kind: str, dispute: Dispute, principal: Principal, at: datetime, after: dict[str, Any]) -> None:
    record_event(
        kind=kind,
        subject_kind=SUBJECT,
        subject_key=dispute.dispute_no,
        store_no=dispute.store.store_no,
        actor=principal.actor,
        at=at,
        after=after,
        cause="DP-07",
    )
