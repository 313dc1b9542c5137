"""The risk board in words and shapes (PG-07, TM-06, TM-14)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from core.pages import formats
from core.templatetags.ui import duration
from dashboard.presenters.risk_why import Why, score_tone, why_of
from dashboard.queries.risk import WARNING_LANE, Board, Lane, LaneRow, OpenLane
from orders.queries.flags import FlagGroup
from orders.queries.flags.numbers import CARRIER_UNAPPROVED
from rulebook.policy.conduct import RiskFlag
from stores.access import StoreRequest, may_write
from stores.context_processors import nav
from stores.models import Store
from stores.principals import Area

GROUPS = {
    FlagGroup.DISPATCH: pgettext_lazy("flags", "Dispatch"),
    FlagGroup.TRACE: pgettext_lazy("flags", "Number and trace"),
    FlagGroup.BUYER: pgettext_lazy("flags", "Buyer"),
}


@dataclass(frozen=True, slots=True)
class LaneLine:
    """A lane in the list; ``width`` of its bar in percent of the longest."""

    label: str
    url: str
    tone: str
    level: str
    count: int
    width: int
    first_due: datetime | None
    current: bool


@dataclass(frozen=True, slots=True)
class LaneGroup:
    title: str
    count: int
    lines: Sequence[LaneLine]


@dataclass(frozen=True, slots=True)
class RowLine:
    """An order of the open lane; ``score`` in words, empty for none; ``why_url`` explains it."""

    number: str
    url: str
    span: str
    last_scan_at: datetime | None
    last_scan: str
    amount: str
    score: str
    tone: str
    width: int
    why_url: str
    due_at: datetime | None
    current: bool


@dataclass(frozen=True, slots=True)
class OpenedLane:
    """The open lane; ``what_to_do`` is policy's; ``register_url``: where carriers are registered, if that mends it;
    ``has_since``: its orders may be due."""

    code: str
    title: str
    level: str
    count: str
    what_to_do: str
    register_url: str
    note: str
    rule: str
    has_since: bool
    rows: Sequence[RowLine]
    page: Page[Any]
    why: Why | None


@dataclass(frozen=True, slots=True)
class RiskPage:
    """What templates/dashboard/risk.html reads; ``alone``: narrow screens show the open lane instead of the list."""

    nav: dict[str, Any]
    now: datetime
    checked_at: datetime | None
    red: str
    yellow: str
    summary: str
    board_url: str
    score_url: str
    groups: Sequence[LaneGroup]
    opened: OpenedLane | None
    alone: bool


def risk_page_of(
    request: StoreRequest, store: Store, board: Board, opened: OpenLane | None, *, alone: bool, at: datetime
) -> RiskPage:
    writes = may_write(request.principal, store, Area.ORDERS)
    red, yellow = (sum(lane.count for lane in board.lanes if lane.terms.severity == one) for one in ("red", "yellow"))
    return RiskPage(
        nav=nav(request, current="risk"),
        now=at,
        checked_at=board.checked_at,
        red=ngettext("%(count)s red flag", "%(count)s red flags", red) % {"count": formats.number(red)},
        yellow=ngettext("%(count)s yellow flag", "%(count)s yellow flags", yellow) % {"count": formats.number(yellow)},
        summary=_summary(board),
        board_url=reverse("dashboard:risk", args=[store.store_no]),
        score_url=reverse("dashboard:risk_score", args=[store.store_no]),
        groups=list(_groups(store, board, opened.code if opened else "")),
        opened=_opened(store, board, opened, at, writes=writes) if opened else None,
        alone=alone,
    )


def first_lane(board: Board) -> str:
    """The lane that the board opens with: the first red one with orders, else the first with any; empty for none."""
    filled = [lane for lane in board.lanes if lane.count]
    red = [lane for lane in filled if lane.terms.severity == "red"]
    return next((lane.flag.code for lane in red or filled), WARNING_LANE if board.warned else "")


def _summary(board: Board) -> str:
    orders = ngettext("on %(count)s order", "on %(count)s orders", board.orders) % {
        "count": formats.number(board.orders)
    }
    empty = sum(not lane.count for lane in board.lanes)
    kinds = _("%(all)s kinds of flags, %(empty)s of them at zero") % {"all": len(board.lanes), "empty": empty}
    return f"{orders} · {kinds}"


def _groups(store: Store, board: Board, current: str) -> Iterator[LaneGroup]:
    longest = max([lane.count for lane in board.lanes] + [board.warned, 1])
    for group, title in GROUPS.items():
        lanes = [lane for lane in board.lanes if lane.flag.group is group]
        lines = [_line(store, lane, longest, current) for lane in sorted(lanes, key=_urgency)]
        yield LaneGroup(str(title), sum(line.count for line in lines), lines)
    line = LaneLine(
        label=_("Score to be warned of"),
        url=lane_url(store, WARNING_LANE),
        tone="red" if board.warned else "none",
        level="red" if board.warned else "none",
        count=board.warned,
        width=_width(board.warned, longest),
        first_due=None,
        current=current == WARNING_LANE,
    )
    yield LaneGroup(_("Early warning"), board.warned, [line])


def _urgency(lane: Lane) -> tuple[bool, bool]:
    """Red before yellow, filled before empty."""
    return lane.terms.severity != "red", not lane.count


def _line(store: Store, lane: Lane, longest: int, current: str) -> LaneLine:
    level = lane.terms.severity if lane.count else "none"
    return LaneLine(
        label=str(lane.flag.label),
        url=lane_url(store, lane.flag.code),
        tone=level,
        level=level,
        count=lane.count,
        width=_width(lane.count, longest),
        first_due=lane.first_due,
        current=current == lane.flag.code,
    )


def _width(count: int, longest: int) -> int:
    return max(100 * count // longest, 2) if count else 0


def lane_url(store: Store, code: str) -> str:
    return reverse("dashboard:risk_lane", args=[store.store_no, code])


def _places(store: Store, order_no: str, *, writes: bool) -> dict[str, str]:
    """Where what helps an order is done; who only reads is led to the order."""
    order = reverse("dashboard:order", args=[store.store_no, order_no])
    dispatch = f"{reverse('dashboard:dispatch', args=[store.store_no])}?{urlencode({'orders': order_no})}"
    return {
        "order": order,
        "thread": reverse("orders:thread", args=[store.store_no, order_no]),
        "refunds": reverse("orders:order_refunds", args=[store.store_no, order_no]),
        "dispatch": dispatch if writes else order,
    }


def _opened(store: Store, board: Board, opened: OpenLane, at: datetime, *, writes: bool) -> OpenedLane:
    count = opened.page.paginator.count
    words = ngettext("%(count)s order", "%(count)s orders", count) % {"count": formats.number(count)}
    explained = opened.explained
    why = None
    if explained and explained.score:
        urls = _places(store, explained.order.order_no, writes=writes)
        why = why_of(explained.order, explained.score, board.scoring, opened.names, urls, at)
    lane = opened.lane
    return OpenedLane(
        code=opened.code,
        title=str(lane.flag.label) if lane else _("Score to be warned of"),
        level=lane.terms.severity if lane else "red",
        count=words,
        what_to_do=_action(lane.terms) if lane else _("Look at what the score is made of and do what can be changed."),
        register_url=_register_url(store) if lane and lane.flag.code == CARRIER_UNAPPROVED.code else "",
        note="" if lane else _warning_note(board),
        rule=lane.flag.rule if lane else "TM-06",
        has_since=lane is not None,
        rows=[_row(store, row, opened, board, at) for row in opened.rows],
        page=opened.page,
        why=why,
    )


def _register_url(store: Store) -> str:
    return reverse("dashboard:carrier_register", args=[store.store_no])


def _action(terms: RiskFlag) -> str:
    return terms.action_zh if (get_language() or "").startswith("zh") else terms.action_en


def _warning_note(board: Board) -> str:
    line = formats.percent(board.scoring.line / 1000, places=1)
    if board.scoring.model is None:
        return _("from %(line)s of all points on") % {"line": line}
    return _("from %(line)s on") % {"line": line}


def _row(store: Store, row: LaneRow, opened: OpenLane, board: Board, at: datetime) -> RowLine:
    score = row.score
    query = {"order": row.order.order_no, "page": str(opened.page.number)}
    scan = row.last_scan
    return RowLine(
        number=row.order.order_no,
        url=reverse("dashboard:order", args=[store.store_no, row.order.order_no]),
        span=duration(at - row.since) if row.since else "",
        last_scan_at=scan.at if scan else None,
        last_scan=(scan.text or str(scan.get_kind_display())) if scan else "",
        amount=formats.money(row.order.total_amount, row.order.currency),
        score=formats.percent(score.score / 1000, places=1) if score else "",
        tone=score_tone(score.score, board.scoring) if score else "none",
        width=score.score // 10 if score else 0,
        why_url=f"{lane_url(store, opened.code)}?{urlencode(query)}#why" if score else "",
        due_at=row.due_at,
        current=row is opened.explained,
    )
