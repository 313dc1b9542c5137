"""Drafting an appeal: each step is kept as it is saved, so that a lost session loses nothing (AP-01, PN-29)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max

from appeals.models import Appeal, AppealFile, AppealOrder
from appeals.queries.deadlines import DRAFT, SUBJECT
from appeals.queries.eligibility import Eligibility, eligibility_of
from appeals.queries.files import round_of
from appeals.queries.kinds import KINDS, Subject, subject_of
from appeals.rules import (
    AppealKind,
    AppealState,
    ExceptionType,
    OrderDecision,
    RefusedAppealError,
    StaleAppealError,
    Step,
    evidence_kinds,
)
from appeals.services.lifecycle import record_appeal_event, take_appeal_number
from core.deadlines import open_deadline
from evidence.models import EvidenceFile
from notifications.rules import State
from notifications.services.lifecycle import open_notice
from rulebook.queries import policy_at
from stores.principals import Person, Principal

MOST_LETTERS = 2_000
# As many as what-if computes the effect of.
MOST_ORDERS = 500
STARTED, EDITED, ATTACHED, REMOVED = "appeal.started", "appeal.edited", "appeal.file_attached", "appeal.file_removed"


@dataclass(frozen=True, slots=True)
class ClaimedOrder:
    """An order that an appeal names, with the exception type and what happened; None: as it was written before."""

    order_no: str
    exception: str
    claim: str | None = None


class TooManyFilesError(Exception):
    """An appeal that has as many files as it may have."""


# ── Start ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def start_appeal(*, subject: Subject, at: datetime, principal: Principal) -> Appeal:
    """The draft of an appeal against a subject: the present one, else a new one. A second appeal begins with what the
    first one said of the orders that were rejected. Raises RefusedAppealError."""
    found = eligibility_of(subject, at)
    if found.refusal is not None:
        raise RefusedAppealError(found.refusal)
    if found.present is not None:
        return found.present
    try:
        with transaction.atomic():
            return _start(subject, found, at, principal)
    except IntegrityError:
        # Somebody was faster: there is one draft for all.
        return Appeal.objects.get(
            store=subject.store, kind=subject.kind, subject_key=subject.key, state=AppealState.DRAFT
        )


def _start(subject: Subject, found: Eligibility, at: datetime, principal: Principal) -> Appeal:
    person = principal.user if isinstance(principal, Person) else None
    if subject.notice is not None and subject.notice.state == State.ISSUED:
        open_notice(notice=subject.notice, user=person, at=at, actor=principal.actor)
    appeal = Appeal.objects.create(
        store=subject.store,
        number=take_appeal_number(at),
        kind=subject.kind,
        subject_key=subject.key,
        notice=subject.notice,
        dispute=subject.dispute,
        previous=found.previous,
        statement=found.previous.statement if found.previous else "",
        step=Step.ORDERS,
        created_at=at,
        created_by=person,
    )
    if found.previous is not None:
        _name_rejected(appeal, found.previous)
    elif subject.order is not None:
        AppealOrder.objects.create(appeal=appeal, order=subject.order, place=1)
    if found.until is not None:
        open_deadline(
            owner_id=appeal.store_id,
            kind=DRAFT,
            subject_kind=SUBJECT,
            subject_key=appeal.number,
            due_at=found.until,
            at=at,
        )
    _record(STARTED, appeal, principal, at, {"subject": subject.key})
    return appeal


def _name_rejected(appeal: Appeal, previous: Appeal) -> None:
    rows = AppealOrder.objects.filter(appeal=previous, decision=OrderDecision.REJECTED).order_by("place")
    AppealOrder.objects.bulk_create(
        AppealOrder(appeal=appeal, order_id=row.order_id, place=place, exception=row.exception, claim=row.claim)
        for place, row in enumerate(rows, 1)
    )


# ── Steps ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def save_orders(
    *, appeal: Appeal, orders: Sequence[ClaimedOrder], at: datetime, principal: Principal, version: int
) -> None:
    """Keep which orders a draft names and why. Orders that it may not name are left out. Raises StaleAppealError."""
    _save(appeal, version, step=Step.STATEMENT)
    known = dict(KINDS[AppealKind(appeal.kind)].orders(subject_of(appeal)).values_list("order_no", "pk"))
    named = {known[one.order_no]: one for one in orders[:MOST_ORDERS] if one.order_no in known}
    kept = {row.order_id: row for row in AppealOrder.objects.filter(appeal=appeal)}
    AppealOrder.objects.filter(appeal=appeal).exclude(order__in=named).delete()
    rows = []
    for place, (order_id, one) in enumerate(named.items(), 1):
        row = kept.get(order_id) or AppealOrder(appeal=appeal, order_id=order_id)
        row.place, row.exception = place, _exception(one.exception)
        row.claim = row.claim if one.claim is None else one.claim[:MOST_LETTERS]
        rows.append(row)
    AppealOrder.objects.bulk_create([row for row in rows if row.pk is None])
    AppealOrder.objects.bulk_update([row for row in rows if row.pk], ["place", "exception", "claim"], batch_size=500)
    _record(EDITED, appeal, principal, at, {"orders": len(named)})


@transaction.atomic
def save_statement(
    *,
    appeal: Appeal,
    statement: str,
    claims: Mapping[str, str] | None = None,
    named_error: str = "",
    at: datetime,
    principal: Principal,
    version: int,
) -> None:
    """Keep the statement of a draft, by exception type what happened to the orders (``claims``), and of a second appeal
    the error of the first decision. Raises StaleAppealError."""
    claims = claims or {}
    texts = {"statement": statement[:MOST_LETTERS], "named_error": named_error[:MOST_LETTERS]}
    _save(appeal, version, step=Step.EVIDENCE, **texts)
    # What a form makes up is not looked for: it may have thousands of fields.
    for exception in set(ExceptionType) & set(claims):
        AppealOrder.objects.filter(appeal=appeal, exception=exception).update(claim=claims[exception][:MOST_LETTERS])
    _record(EDITED, appeal, principal, at, {"letters": len(texts["statement"])})


def _exception(code: str) -> str:
    return code if code in set(ExceptionType) else ""


def _save(appeal: Appeal, version: int, **columns: Any) -> None:
    """Write columns of a draft that is still the one that was shown (RL-06)."""
    row = Appeal.objects.filter(pk=appeal.pk, state=AppealState.DRAFT, version=version)
    if row.update(version=F("version") + 1, **columns) != 1:
        raise StaleAppealError
    appeal.version = version + 1
    for name, value in columns.items():
        setattr(appeal, name, value)


# ── Files ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def attach_file(
    *, appeal: Appeal, file: EvidenceFile, name: str, kind: str = "", at: datetime, principal: Principal
) -> AppealFile:
    """Add a file to a draft, or to the supplement that an appeal waits for; one that is there already stays as it is.

    Raises TooManyFilesError for one more than policy allows at a time, StaleAppealError if nothing can be added any
    more.
    """
    _hold(appeal)
    there = AppealFile.objects.filter(appeal=appeal)
    present = there.filter(file=file).first()
    if present is not None:
        return present
    current = round_of(appeal)
    if there.filter(round=current).count() >= policy_at(at).appeals.max_files:
        raise TooManyFilesError
    last = there.aggregate(last=Max("place"))["last"] or 0
    attached = AppealFile.objects.create(
        appeal=appeal,
        file=file,
        place=last + 1,
        kind=_evidence_kind(appeal, kind, at),
        name=name[:255],
        round=current,
        added_at=at,
    )
    _record(ATTACHED, appeal, principal, at, {"file": attached.place})
    return attached


@transaction.atomic
def declare_kinds(*, appeal: Appeal, kinds: Mapping[int, str], at: datetime) -> None:
    """Keep what the files that can still be changed are, by their ids. Raises StaleAppealError."""
    _hold(appeal)
    files = list(AppealFile.objects.filter(appeal=appeal, round=round_of(appeal), pk__in=kinds))
    for file in files:
        file.kind = _evidence_kind(appeal, kinds[file.pk], at)
    AppealFile.objects.bulk_update(files, ["kind"])


@transaction.atomic
def detach_file(*, appeal: Appeal, attached: AppealFile, at: datetime, principal: Principal) -> None:
    """Take a file out of a draft or of a supplement that was not handed in yet. Raises StaleAppealError."""
    _hold(appeal)
    rows = AppealFile.objects.filter(pk=attached.pk, appeal=appeal, round=round_of(appeal))
    if rows.delete()[0]:
        _record(REMOVED, appeal, principal, at, {"file": attached.place})


def _hold(appeal: Appeal) -> None:
    """Lock an appeal whose files may be changed until the transaction ends."""
    open_for_files = (AppealState.DRAFT, AppealState.SUPPLEMENT)
    row = Appeal.objects.select_for_update(no_key=True).filter(pk=appeal.pk, state__in=open_for_files).first()
    if row is None:
        raise StaleAppealError


def _evidence_kind(appeal: Appeal, kind: str, at: datetime) -> str:
    return kind if kind in evidence_kinds(AppealKind(appeal.kind), policy_at(at)) else ""


def _record(kind: str, appeal: Appeal, principal: Principal, at: datetime, after: dict[str, Any]) -> None:
    record_appeal_event(kind=kind, appeal=appeal, actor=principal.actor, at=at, cause="AP-01", after=after)
