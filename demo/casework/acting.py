"""The steps of the demo's stories: each is done by a person at an instant, by the services that pages use."""

import io
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import File

from appeals.models import Appeal, AppealOrder
from appeals.queries.kinds import KINDS, Subject, find_subject
from appeals.queries.suggestions import suggest_exceptions
from appeals.rules import (
    AppealKind,
    AppealState,
    EvidenceField,
    ExceptionType,
    FailingField,
    OrderDecision,
    RefusedAppealError,
    StaleAppealError,
    Verdict,
)
from appeals.services.deciding import decide_appeal, mark_complex
from appeals.services.drafting import ClaimedOrder, attach_file, save_orders, save_statement, start_appeal
from appeals.services.submitting import submit_appeal
from appeals.services.supplementing import hand_in_supplement
from appeals.services.withdrawing import withdraw_appeal
from core.timebase import performance_day
from demo.casework.papers import carrier_letter, trace_picture
from evidence.services.examining import examine_file
from evidence.services.receiving import receive_file
from insights.queries.causes import Name, causes_of
from insights.queries.metric import metric_page
from insights.rules.causes import has_causes
from notifications.models import ImprovementPlan, Notice
from notifications.rules import DONE, PREVENTION, Measure, PlanContent, cause_key
from notifications.services.lifecycle import open_notice
from notifications.services.plans import save_plan, submit_plan
from orders.models import TrackingEvent
from stores.models import Carrier, Store, User
from stores.principals import Person

MOST_NAMED = 12
# Where the orders have nothing in common.
OTHER_CAUSE = {"dimension": "other", "value": "", "name": "", "failures": 0, "whole": 0}


@dataclass(frozen=True)
class Case:
    """A story's subject and who acts: a member of the company, and two reviewers."""

    store: Store
    kind: AppealKind
    key: str
    seller: User
    reviewers: tuple[User, User]

    @property
    def appeal(self) -> Appeal | None:
        """The latest appeal against the subject."""
        rows = Appeal.objects.select_related("store__company", "notice__store__company", "previous", "dispute")
        return rows.filter(store=self.store, kind=self.kind, subject_key=self.key).order_by("-id").first()

    @property
    def notice(self) -> Notice:
        return Notice.objects.select_related("store__company").get(number=self.key)


Act = Callable[[Case, datetime], None]


@dataclass(frozen=True)
class Step:
    """What is done so long after the story's subject came up."""

    after: timedelta
    act: Act


def hours(after: float, act: Act) -> Step:
    return Step(timedelta(hours=after), act)


def days(after: float, act: Act) -> Step:
    return Step(timedelta(days=after), act)


# ── What sellers do ────────────────────────────────────────────────────────────────────────────────────────────────


def open_it(case: Case, at: datetime) -> None:
    open_notice(notice=case.notice, user=case.seller, at=at)


def appeal(*, statement: str, most: int = MOST_NAMED, letter: bool = True, pictures: int = 1, send: bool = True) -> Act:
    """Draft an appeal against what is failing, and hand it in."""

    def act(case: Case, at: datetime) -> None:
        with suppress(RefusedAppealError, StaleAppealError):
            draft = start_appeal(subject=_subject(case), at=at, principal=Person(case.seller))
            _name_orders(case, draft, at, most)
            save_statement(
                appeal=draft, statement=statement, at=at, principal=Person(case.seller), version=draft.version
            )
            _attach(case, draft, at, letter=letter, pictures=pictures)
            if send:
                draft.refresh_from_db()
                submit_appeal(
                    appeal=draft, expedited=False, at=at, principal=Person(case.seller), version=draft.version
                )

    return act


def appeal_again(*, error: str) -> Act:
    """Appeal a second time against a rejection, naming the error of the first decision."""

    def act(case: Case, at: datetime) -> None:
        with suppress(RefusedAppealError, StaleAppealError):
            person = Person(case.seller)
            draft = start_appeal(subject=_subject(case), at=at, principal=person)
            save_statement(
                appeal=draft,
                statement=draft.statement,
                named_error=error,
                at=at,
                principal=person,
                version=draft.version,
            )
            draft.refresh_from_db()
            submit_appeal(appeal=draft, expedited=False, at=at, principal=person, version=draft.version)

    return act


def withdraw(case: Case, at: datetime) -> None:
    if (found := case.appeal) is not None:
        withdraw_appeal(appeal=found, at=at, principal=Person(case.seller), version=found.version)


def supplement(*, answer: str) -> Act:
    """Hand in what the reviewer asked for."""

    def act(case: Case, at: datetime) -> None:
        found = case.appeal
        if found is None or found.state != AppealState.SUPPLEMENT:
            return
        _attach(case, found, at, letter=False, pictures=1)
        asked = found.orders.filter(decision=OrderDecision.SUPPLEMENT).values_list("order__order_no", flat=True)
        found.refresh_from_db()
        hand_in_supplement(
            appeal=found,
            answers=dict.fromkeys(asked, answer),
            given_up=(),
            at=at,
            principal=Person(case.seller),
            version=found.version,
        )

    return act


def hand_in_plan(*, explanation: str, done: str, prevention: str) -> Act:
    """Write an improvement plan against the causes found, and hand it in."""

    def act(case: Case, at: datetime) -> None:
        plan = ImprovementPlan.objects.select_related("notice__store__company").filter(notice__number=case.key).first()
        if plan is None:
            return
        content = _plan(case, at, explanation, done, prevention)
        if save_plan(plan=plan, content=content, version=plan.version, user=case.seller, at=at):
            submit_plan(plan=plan, user=case.seller, at=at)

    return act


# ── What reviewers do ──────────────────────────────────────────────────────────────────────────────────────────────


def accept(share: float = 1.0, *, remedy: str = "") -> Act:
    """Accept the first orders of an appeal, and reject the others."""

    def act(case: Case, at: datetime) -> None:
        rows = _orders(case)
        kept = max(round(len(rows) * share), 1)
        verdicts = [Verdict(OrderDecision.ACCEPTED)] * kept + [_rejection(row, remedy) for row in rows[kept:]]
        _decide(case, at, dict(zip((row.pk for row in rows), verdicts, strict=True)))

    return act


def reject(*, remedy: str, again: bool = False) -> Act:
    """Reject every order; ``again``: by the reviewer who did not decide the first appeal."""

    def act(case: Case, at: datetime) -> None:
        verdicts = {row.pk: _rejection(row, remedy) for row in _orders(case)}
        _decide(case, at, verdicts, place=int(again))

    return act


def ask(*, remedy: str) -> Act:
    """Ask for a supplement to half of the orders."""

    def act(case: Case, at: datetime) -> None:
        rows = _orders(case)
        verdicts = {row.pk: Verdict(OrderDecision.ACCEPTED) for row in rows}
        for row in rows[: max(len(rows) // 2, 1)]:
            verdicts[row.pk] = _rejection(row, remedy, OrderDecision.SUPPLEMENT)
        _decide(case, at, verdicts)

    return act


def call_complex(case: Case, at: datetime) -> None:
    if (found := case.appeal) is not None:
        mark_complex(appeal=found, reviewer=case.reviewers[0], at=at)


# ── Parts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _subject(case: Case) -> Subject:
    found = find_subject(case.store, case.kind, case.key)
    assert found is not None
    return found


def _name_orders(case: Case, draft: Appeal, at: datetime, most: int) -> None:
    """Those for which the data suggest an exception, else the first ones."""
    orders = list(KINDS[case.kind].orders(_subject(case)).order_by("pk"))
    metric = _subject(case).metric
    found = suggest_exceptions(store=case.store, metric=metric, order_ids=[one.pk for one in orders], at=at)
    named = sorted(orders, key=lambda order: order.pk not in found)[:most]
    claims = [
        ClaimedOrder(
            order.order_no, found[order.pk].exception if order.pk in found else ExceptionType.OTHER, "详见所附证据。"
        )
        for order in named
    ]
    save_orders(appeal=draft, orders=claims, at=at, principal=Person(case.seller), version=draft.version)


def _attach(case: Case, draft: Appeal, at: datetime, *, letter: bool, pictures: int) -> None:
    orders = [row.order for row in draft.orders.select_related("order").order_by("place")]
    shipped = [order for order in orders if order.tracking_no]
    if letter and shipped:
        carriers = dict(Carrier.objects.values_list("code", "name"))
        content = carrier_letter(carrier=_latin(carriers.get(shipped[0].carrier, "")), orders=shipped, at=at)
        _add(case, draft, at, "carrier-letter.pdf", content, "third_party_document")
    traced = TrackingEvent.objects.filter(order__in=shipped).order_by("-at")
    for order in shipped[:pictures]:
        events = [event for event in traced if event.order_id == order.pk]
        name = f"trace-{order.tracking_no}.jpg"
        _add(case, draft, at, name, trace_picture(order=order, events=events), "carrier_trace")


def _add(case: Case, draft: Appeal, at: datetime, name: str, content: bytes, kind: str) -> None:
    person = Person(case.seller)
    file = receive_file(
        company=case.store.company, name=name, content=File(io.BytesIO(content), name), principal=person, at=at
    )
    examine_file(file=file, at=at)
    attach_file(appeal=draft, file=file, name=name, kind=kind, at=at, principal=person)


def _latin(name: str) -> str:
    """The part of a carrier's name that every font has."""
    return name.encode("ascii", "ignore").decode().strip() or "Carrier"


def _orders(case: Case) -> Sequence[AppealOrder]:
    found = case.appeal
    return list(found.orders.select_related("order").order_by("place")) if found else []


def _rejection(row: AppealOrder, remedy: str, decision: OrderDecision = OrderDecision.REJECTED) -> Verdict:
    failing = FailingField(EvidenceField.TRACKING_NO, "未列出该运单号", row.order.tracking_no)
    return Verdict(decision, "evidence_missing", (failing,), remedy)


def _decide(case: Case, at: datetime, verdicts: dict[int, Verdict], place: int = 0) -> None:
    found = case.appeal
    if found is not None and found.state == AppealState.REVIEW:
        decide_appeal(appeal=found, decisions=verdicts, reviewer=case.reviewers[place], at=at, version=found.version)


def _plan(case: Case, at: datetime, explanation: str, done: str, prevention: str) -> PlanContent:
    notice = case.notice
    causes = _causes(notice, at)[:2] or [OTHER_CAUSE]
    today = performance_day(at)
    measures = [
        Measure(kind, text, cause_key(cause), case.seller.pk, today + timedelta(days=ahead))
        for cause in causes
        for kind, text, ahead in ((DONE, done, 0), (PREVENTION, prevention, 7))
    ]
    return PlanContent(causes, explanation, measures)


def _causes(notice: Notice, at: datetime) -> list[dict[str, Any]]:
    if not has_causes(notice.metric):
        return []
    page = metric_page(store=notice.store, code=notice.metric, at=at, asked=notice.day, span=1)
    found = causes_of(page.store_day, notice.metric)
    groups = [cause.group for cause in found.causes]
    return [
        {
            "dimension": group.dimension,
            "value": group.value,
            "name": found.names.get((group.dimension, group.value), Name(group.value)).text,
            "failures": group.failures,
            "whole": found.failures,
        }
        for group in groups
    ]
