"""Risk cases as their queue and page show them (TM-07, PN-35, AF-12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core.pages.components import Banner, Fact, Tab
from core.rules import has_lapsed
from core.templatetags.ui import duration, instant
from orders.cases import PastEvent, case_kind, declared_case_kinds
from orders.models import RiskCase
from orders.presenters.working import ClaimBar
from orders.queries.working import CaseQueue
from stores.claims import Holder, holder_of, name_of
from stores.models import User

DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in the queue; ``level`` and ``word`` of one that was decided."""

    url: str
    kind: str
    subject: str
    store: str
    facts: str
    since: datetime
    due_at: datetime | None
    overdue: bool
    age: str
    level: str
    word: str
    holder: Holder | None
    act: str


@dataclass(frozen=True, slots=True)
class CaseQueuePage:
    """What templates/orders/case_queue.html reads."""

    tabs: list[Tab]
    rows: list[CaseRow]
    page: Page[Any]
    may_decide: bool
    now: datetime
    nav: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CasePage:
    """What templates/orders/case.html reads. ``confirmed`` and ``dismissed``: what either verdict means; ``brings``:
    what follows from a confirmation, or did; ``past``: what else happened to the store."""

    title: str
    subject: str
    subject_url: str
    store: str
    store_url: str
    opened_at: datetime
    due_at: datetime | None
    question: str
    confirmed: str
    dismissed: str
    brings: list[str]
    facts: Sequence[Fact]
    past: list[PastEvent]
    bar: ClaimBar
    banners: list[Banner]
    form: Any
    action_url: str
    queue_url: str
    now: datetime
    nav: dict[str, Any]


def case_tabs(queue: CaseQueue, part: str) -> list[Tab]:
    """All open cases, those of each kind, and the decided ones."""
    url = reverse("admin:orders_riskcase_queue")
    kinds = [kind for kind in declared_case_kinds() if queue.counts.get(kind.name) or part == kind.name]
    return [
        Tab(_("Open"), url, part == "", sum(queue.counts.values())),
        *(
            Tab(
                str(kind.label),
                f"{url}?{urlencode({'kind': kind.name})}",
                part == kind.name,
                queue.counts.get(kind.name, 0),
            )
            for kind in kinds
        ),
        Tab(_("Decided"), f"{url}?{urlencode({'kind': DECIDED})}", part == DECIDED),
    ]


def case_row(case: RiskCase, *, user: User, at: datetime) -> CaseRow:
    """One case."""
    kind = case_kind(case.kind)
    is_open = case.state == RiskCase.State.OPEN
    holder = holder_of(case, user=user, at=at) if is_open else None
    return CaseRow(
        url=reverse("admin:orders_riskcase_decide", args=[case.pk]),
        kind=str(kind.label),
        subject=case.subject_key,
        store=case.store.name,
        facts=" · ".join(f"{fact.name}: {fact.value}" for fact in list(kind.facts(case))[:2]),
        since=case.opened_at,
        due_at=case.due_at if is_open else None,
        overdue=is_open and case.due_at is not None and has_lapsed(case.due_at, at),
        age=duration(at - case.opened_at),
        level="" if is_open else "red" if case.state == RiskCase.State.CONFIRMED else "ok",
        word=str(case.get_state_display()),
        holder=holder,
        act="watch" if not is_open else "claim" if holder is None else "continue" if holder.mine else "watch",
    )


def past_rows(cases: Sequence[RiskCase], told: Sequence[PastEvent]) -> list[PastEvent]:
    """The store's other cases among what else is known of its past, the latest first."""
    level = {RiskCase.State.OPEN: "info", RiskCase.State.CONFIRMED: "red", RiskCase.State.DISMISSED: "ok"}
    rows = [
        PastEvent(
            at=case.opened_at,
            title=str(case_kind(case.kind).label),
            text=f"{case.get_state_display()} · {case.subject_key}",
            level=level[RiskCase.State(case.state)],
            url=reverse("admin:orders_riskcase_decide", args=[case.pk]),
        )
        for case in cases
    ]
    return sorted([*rows, *told], key=lambda event: event.at, reverse=True)


def case_banner(case: RiskCase, bar: ClaimBar, *, is_own: bool) -> Banner | None:
    """What has to be known before deciding: that it was decided, by whom, or that somebody else has it."""
    if case.state != RiskCase.State.OPEN:
        given = {"state": case.get_state_display(), "who": name_of(case.decided_by), "at": instant(case.decided_at)}
        reason = " · ".join(text for text in (str(case.get_code_display()), case.reason) if text)
        return Banner("info", _("%(state)s by %(who)s on %(at)s") % given, reason)
    if is_own:
        return Banner("yellow", "", _("It is about a company that you are a member of; somebody else decides it."))
    if bar.holder is not None and not bar.holder.mine:
        return Banner("info", "", _("%(who)s has claimed it; you can look.") % {"who": bar.holder.name})
    return None
