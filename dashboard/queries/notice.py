"""Everything that the page of one notice shows (PN-30)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator

from appeals.models import Appeal
from appeals.queries.corrections import CorrectionOfNotice, correction_of_notice
from appeals.queries.deadlines import deadlines_of as deadlines_of_appeals
from core.models import Deadline
from dashboard.queries.what_now import Standing, WhatNow, what_now
from insights.queries.causes import Causes, causes_of
from insights.queries.metric import metric_page
from insights.queries.status import MetricStatus
from metrics.models import PlatformNotice
from metrics.reasons.lookup import Reason
from notifications.complaints import COPYRIGHT
from notifications.ladder import ConsequenceStep, consequence_steps
from notifications.models import Notice, NoticeOrder
from notifications.queries.complaints import named_since
from notifications.queries.lives import notice_lives
from notifications.queries.notices import Orders, deadlines_of, present_figures
from notifications.queries.past import PastNotice, past_notices
from notifications.queries.reasons import with_reasons
from notifications.queries.record import platform_notices
from notifications.rules import State
from notifications.titles import told_by_causes
from penalties.models import Penalty
from penalties.queries.penalties import penalties_of_notice
from rulebook.queries import policy_at

ORDERS_A_PAGE = 20
# The print version shows all problem orders, at most so many (PG-21).
ORDERS_PRINTED = 2_000
# States in which no correction has said anything of a notice yet.
UNTOUCHED = frozenset({State.ISSUED, State.OPENED, State.HISTORICAL, State.PREDICTED})


@dataclass(frozen=True, slots=True)
class NoticePage:
    """``deadlines``: those of the notice by kind; ``present``: how its metric stands now; ``similar``: earlier notices
    of the metric; ``orders``: a page of the problem orders with their reasons; ``causes``: of the print version, which
    has everything in the first answer; ``steps``: what follows; ``appeal_deadlines``: those of the appeal under way;
    ``correction``: what ended the notice, or left it standing (AP-05); ``named_since``: copyright complaints that were
    upheld while it was open; ``penalties``: what it brought (PN-14); ``platform``: what the platform itself issued
    while a predicted one stood (IX-08)."""

    notice: Notice
    deadlines: Mapping[str, Deadline]
    replaced_by: Notice | None
    present: MetricStatus
    similar: Sequence[PastNotice]
    page: Page[NoticeOrder]
    orders: Sequence[tuple[NoticeOrder, Reason]]
    causes: Causes | None
    now: WhatNow
    steps: Sequence[ConsequenceStep]
    appeal_deadlines: Mapping[str, Deadline]
    correction: CorrectionOfNotice | None
    named_since: Sequence[str]
    penalties: Sequence[Penalty]
    platform: Sequence[PlatformNotice]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which problem orders an address asks for: ``orders`` as filtered, of those that stand as ``standing``, a page of
    them; ``whole``: the print version with every problem order and the causes (PG-21)."""

    orders: Orders
    standing: Standing | None = None
    page: str | None = None
    whole: bool = False


def notice_details(notice: Notice, asked: Asked, at: datetime) -> NoticePage:
    """Load the page."""
    deadlines = deadlines_of(notice.store, [notice.number])[notice.number]
    status, store_span = present_figures(notice, at)
    now = what_now(notice, status, store_span, deadlines, at)
    orders = asked.orders.filter(pk__in=now.of(asked.standing)) if asked.standing else asked.orders
    whole = asked.whole
    shown = Paginator(orders, ORDERS_PRINTED if whole else ORDERS_A_PAGE).get_page(asked.page)
    return NoticePage(
        notice=notice,
        deadlines=deadlines,
        replaced_by=notice.replaced_by.first(),
        present=status,
        similar=past_notices(notice),
        page=shown,
        orders=list(with_reasons(notice, list(shown))),
        causes=_causes(notice, at) if whole and told_by_causes(notice.metric) else None,
        now=now,
        steps=_steps(notice, at),
        appeal_deadlines=_appeal_deadlines(now.appeal),
        correction=None if notice.state in UNTOUCHED else correction_of_notice(notice),
        named_since=named_since(notice) if notice.metric == COPYRIGHT else (),
        penalties=penalties_of_notice(notice.store, notice.number),
        platform=platform_notices(notice.store, [notice]).get(notice.pk, ()),
    )


def standing_orders(notice: Notice, orders: Orders, standing: Standing, at: datetime) -> Orders:
    """The problem orders among ``orders`` with a standing at an instant, for files."""
    deadlines = deadlines_of(notice.store, [notice.number])[notice.number]
    return orders.filter(pk__in=what_now(notice, *present_figures(notice, at), deadlines, at).of(standing))


def _steps(notice: Notice, at: datetime) -> list[ConsequenceStep]:
    """What follows by the policy in force at the trigger; nothing from notices that stand apart."""
    if notice.is_apart:
        return []
    return consequence_steps(policy_at(notice.triggered_at), notice_lives([notice])[notice.pk], at)


def _appeal_deadlines(appeal: Appeal | None) -> Mapping[str, Deadline]:
    return {} if appeal is None else deadlines_of_appeals(appeal.store, [appeal.number])[appeal.number]


def _causes(notice: Notice, at: datetime) -> Causes:
    """The root causes as of the notice's day (MX-15)."""
    found = metric_page(store=notice.store, code=notice.metric, at=at, asked=notice.day, span=1)
    return causes_of(found.store_day, notice.metric)
