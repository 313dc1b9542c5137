"""The steps of a draft (AP-01)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from appeals.checks.findings import Finding
from appeals.models import EXCEPTION_TYPES, AppealFile, AppealOrder
from appeals.presenters.findings import Findings, present_findings
from appeals.presenters.frame import CaseFrame, case_frame
from appeals.presenters.wording import EXCEPTIONS, REFUSALS
from appeals.queries.choices import OrderChoice, OrderChoices
from appeals.queries.draft_page import Draft
from appeals.queries.points import Expediting
from appeals.rules import Refusal, Step
from evidence.presenters import size_words
from insights.presenters.reasons import measured_text
from rulebook.policy import Policy
from rulebook.reading import word
from stores.access import StoreRequest
from stores.context_processors import nav


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order to tick, with why it counts and the exception that is chosen or proposed."""

    number: str
    url: str
    reason: str
    carrier: str
    site: str
    picked: bool
    exception: str


@dataclass(frozen=True, slots=True)
class OrderGroup:
    """Orders of which the data suggest one exception type, with the reason in words and the evidence that it needs;
    without a code those of which they suggest none."""

    code: str
    title: str
    why: str
    needs: list[tuple[str, bool]]
    rows: list[OrderRow]
    picked: int


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """``total``: the orders that may be named, of which the page shows ``shown``."""

    nav: dict[str, Any]
    now: datetime
    frame: CaseFrame
    groups: list[OrderGroup]
    exceptions: list[tuple[str, Any]]
    shown: int
    total: int
    fixed: bool


@dataclass(frozen=True, slots=True)
class ClaimField:
    """What happened to the orders of an exception type."""

    code: str
    title: str
    orders: list[str]
    text: str


@dataclass(frozen=True, slots=True)
class StatementPage:
    """``warnings``: what the check says of the statement (PN-29)."""

    nav: dict[str, Any]
    now: datetime
    frame: CaseFrame
    claims: list[ClaimField]
    statement: str
    named_error: str
    letters: int
    most_letters: int


def orders_page(
    request: StoreRequest, draft: Draft, choices: OrderChoices, policy: Policy, now: datetime
) -> OrdersPage:
    """The step on which orders are chosen."""
    return OrdersPage(
        nav=nav(request, current="appeals"),
        now=now,
        frame=case_frame(draft, Step.ORDERS, policy),
        groups=_groups(choices, request.store.store_no),
        exceptions=EXCEPTION_TYPES,
        shown=len(choices.shown),
        total=choices.total,
        fixed=draft.subject.order is not None,
    )


def _groups(choices: OrderChoices, store_no: str) -> list[OrderGroup]:
    """Group rows by suggested exception in the order of the types, those without one last."""
    by_code: dict[str, list[OrderChoice]] = {code: [] for code in (*EXCEPTIONS, "")}
    for choice in choices.shown:
        by_code[str(choice.suggestion.exception) if choice.suggestion else ""].append(choice)
    return [_group(code, members, store_no, choices) for code, members in by_code.items() if members]


def _group(code: str, members: Sequence[OrderChoice], store_no: str, choices: OrderChoices) -> OrderGroup:
    rows = [_row(choice, store_no, choices) for choice in members]
    found = [choice.suggestion for choice in members if choice.suggestion is not None]
    needs = [(word(kind), all(kind in one.present for one in found)) for kind in (found[0].needs if found else ())]
    why = "; ".join(dict.fromkeys(str(one.text) for one in found))
    return OrderGroup(code, str(EXCEPTIONS.get(code, "")), why, needs, rows, sum(row.picked for row in rows))


def _row(choice: OrderChoice, store_no: str, choices: OrderChoices) -> OrderRow:
    order, named, suggested = choice.order, choice.named, choice.suggestion
    return OrderRow(
        number=order.order_no,
        url=reverse("dashboard:order", args=[store_no, order.order_no]),
        reason=_failure_words(choice),
        carrier=choices.carriers.get(order.carrier, order.carrier),
        site=choices.sites.get(order.site, order.site),
        picked=order.pk in choices.picked,
        exception=named.exception if named and named.exception else str(suggested.exception) if suggested else "",
    )


def _failure_words(choice: OrderChoice) -> str:
    if choice.failure is None:
        return ""
    row, reason = choice.failure
    return measured_text(reason.code, reason.lasted(row.notice.triggered_at), row.counter)


def statement_page(
    request: StoreRequest, draft: Draft, policy: Policy, most_letters: int, now: datetime
) -> StatementPage:
    """The step on which it is said what happened."""
    appeal = draft.appeal
    return StatementPage(
        nav=nav(request, current="appeals"),
        now=now,
        frame=case_frame(draft, Step.STATEMENT, policy),
        claims=claim_fields(draft.orders),
        statement=appeal.statement,
        named_error=appeal.named_error,
        letters=len(appeal.statement),
        most_letters=most_letters,
    )


def claim_fields(orders: Sequence[AppealOrder]) -> list[ClaimField]:
    """A field for each exception type that occurs."""
    by_code: dict[str, list[AppealOrder]] = {}
    for row in orders:
        by_code.setdefault(row.exception, []).append(row)
    return [
        ClaimField(code, str(EXCEPTIONS.get(code, "")), [row.order.order_no for row in rows], rows[0].claim)
        for code, rows in by_code.items()
        if code
    ]


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """The summary before submission. ``lacking``: why it can't be submitted yet, with the step that mends it;
    ``expediting``: whether the store may have it expedited, ``review_by``: until when it is reviewed, either way."""

    nav: dict[str, Any]
    now: datetime
    frame: CaseFrame
    claims: list[ClaimField]
    statement: str
    named_error: str
    files: list[Any]
    lacking: str
    lacking_url: str
    expediting: Expediting
    not_expedited: str
    review_by: datetime
    expedited_by: datetime
    expedited_hours: int
    review_hours: int
    supplement_days: int
    second_days: int


STEP_OF_REFUSAL = {
    Refusal.NO_ORDERS: Step.ORDERS,
    Refusal.NO_EXCEPTION: Step.ORDERS,
    Refusal.NO_STATEMENT: Step.STATEMENT,
    Refusal.NOTHING_NEW: Step.EVIDENCE,
}


def confirm_page(
    request: StoreRequest,
    draft: Draft,
    refusal: Refusal | None,
    expediting: Expediting,
    policy: Policy,
    now: datetime,
) -> ConfirmPage:
    """The last step: everything that goes out, and what follows."""
    appeal, limits = draft.appeal, policy.appeals
    step = STEP_OF_REFUSAL.get(refusal) if refusal else None
    where = [request.store.store_no, appeal.number]
    return ConfirmPage(
        nav=nav(request, current="appeals"),
        now=now,
        frame=case_frame(draft, Step.CONFIRM, policy),
        claims=claim_fields(draft.orders),
        statement=appeal.statement,
        named_error=appeal.named_error,
        files=attached_files(draft.files),
        lacking=str(REFUSALS[refusal]) if refusal else "",
        lacking_url=reverse(f"appeals:{step}", args=where) if step else "",
        expediting=expediting,
        not_expedited=str(REFUSALS[expediting.refusal]) if expediting.refusal else "",
        review_by=now + timedelta(hours=limits.review_hours),
        expedited_by=now + timedelta(hours=limits.expedited_hours),
        expedited_hours=limits.expedited_hours,
        review_hours=limits.review_hours,
        supplement_days=limits.supplement_days,
        second_days=limits.second_window_days,
    )


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file in a list that only shows."""

    name: str
    url: str
    kind: str
    size: str
    pages: int


def attached_files(files: Sequence[AppealFile]) -> list[AttachedFile]:
    """Files with what they were declared as."""
    return [
        AttachedFile(
            name=row.name,
            url=reverse("evidence:file", args=[row.file_id]),
            kind=word(row.kind) if row.kind else "",
            size=size_words(row.file.size),
            pages=row.file.pages,
        )
        for row in files
    ]


@dataclass(frozen=True, slots=True)
class CheckPage:
    """What the Smart Check says before submission (PN-28)."""

    nav: dict[str, Any]
    now: datetime
    frame: CaseFrame
    findings: Findings


def check_page(
    request: StoreRequest, draft: Draft, findings: Sequence[Finding], policy: Policy, now: datetime
) -> CheckPage:
    """The step on which nothing is filled in."""
    frame = case_frame(draft, Step.CHECK, policy)
    addresses = dict(zip(Step, (link.url for link in frame.steps), strict=True))
    steps = {str(step): url for step, url in addresses.items()}
    return CheckPage(nav(request, current="appeals"), now, frame, present_findings(findings, draft.files, steps))
