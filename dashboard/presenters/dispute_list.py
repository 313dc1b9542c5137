"""The dispute desk's list: parts, groups and rows with their clocks (PG-08)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.pages.addresses import address_maker
from core.pages.components import Tab
from dashboard.forms.disputes import DeskFilterForm
from disputes.models import Dispute
from disputes.queries.desk import ENDED, OPEN, TO_ANSWER, WAITING, Desk, DeskQuery
from disputes.rules.windows import AnswerWindow
from stores.models import Store

# Units of the bar that one hour takes.
UNITS = 10
TONES = {"golden": "ok", "late": "yellow", "default": "red"}


@dataclass(frozen=True, slots=True)
class Segment:
    """A window of the answer on the bar, in its units: where it begins, how wide it is, how much of it is over."""

    x: int
    width: int
    past: int
    tone: str


@dataclass(frozen=True, slots=True)
class ClockBar:
    """The three windows of an answer to scale, with a mark where it is now (None: it stands still)."""

    width: int
    segments: list[Segment]
    mark: int | None


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A dispute in the list; ``word``: which clock runs, or whom it waits for."""

    number: str
    kind: str
    claimed: Decimal | None
    place: str
    url: str
    current: bool
    due_at: datetime | None
    ended_at: datetime | None
    word: str
    tone: str
    bar: ClockBar | None


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows under a heading."""

    title: str
    note: str
    rows: list[DisputeRow]


@dataclass(frozen=True, slots=True)
class DisputeList:
    """What templates/dashboard/_dispute_list.html reads."""

    tabs: list[Tab]
    filters: DeskFilterForm
    clear_url: str
    groups: list[RowGroup]
    page: Page[Any]
    empty: str


def dispute_list(
    desk: Desk,
    form: DeskFilterForm,
    store: Store,
    windows: dict[int, Sequence[AnswerWindow]],
    sites: dict[str, str],
    shown: str,
    at: datetime,
) -> DisputeList:
    """The list of one part; ``windows`` by dispute id, ``shown``: the number of the dispute that is open beside it."""
    address = address_maker("dashboard:dispute", store.store_no)
    asked = _address(desk.query)
    rows = [
        (one, _row(one, windows[one.pk], sites, f"{address(one.dispute_no)}{asked}", shown, at)) for one in desk.rows
    ]
    own = [row for one, row in rows if one.waits_for_answer]
    others = [row for one, row in rows if not one.waits_for_answer]
    groups = [
        RowGroup(_("Waiting for your answer"), _("first to lapse on top"), own),
        RowGroup(_("Over") if desk.query.part == ENDED else _("Waiting for others"), "", others),
    ]
    base = reverse("dashboard:disputes", args=[store.store_no])
    return DisputeList(
        tabs=_tabs(desk, base),
        filters=form,
        clear_url=f"{base}?part={desk.query.part}",
        groups=[group for group in groups if group.rows],
        page=desk.page,
        empty=_empty(desk.query),
    )


def clock_bar(windows: Sequence[AnswerWindow], start: datetime, now: datetime, *, runs: bool) -> ClockBar:
    """The windows to scale from ``start``; ``now``: until when time went, the answer's instant where it was given."""
    gone = _units(now - start)
    segments, begin = [], 0
    for window in windows:
        end = _units(window.due_at - start)
        past = max(0, min(gone, end) - begin)
        segments.append(Segment(begin, end - begin, past, TONES[window.code]))
        begin = end
    return ClockBar(begin, segments, min(max(gone, 0), begin) if runs else None)


def window_word(code: str) -> str:
    """What the running window is called."""
    return {
        "golden": _("golden hours"),
        "late": _("late answer"),
        "default": _("then judged without your side"),
    }[code]


def _units(span: timedelta) -> int:
    return int(span.total_seconds() * UNITS // 3600)


def _row(
    dispute: Any, windows: Sequence[AnswerWindow], sites: dict[str, str], url: str, shown: str, at: datetime
) -> DisputeRow:
    running = next((window for window in windows if window.state == "running"), None)
    waits = dispute.waits_for_answer
    return DisputeRow(
        number=dispute.dispute_no,
        kind=str(dispute.get_kind_display()),
        claimed=dispute.claimed_usd,
        place=sites.get(dispute.order.site, dispute.order.site),
        url=url,
        current=dispute.dispute_no == shown,
        due_at=dispute.due_at or (running.due_at if running and waits else None),
        ended_at=dispute.closed_at,
        word=_word(dispute, running),
        tone=TONES[running.code] if running and waits else "",
        bar=clock_bar(windows, dispute.clock_starts_at, at, runs=True) if waits else None,
    )


def _word(dispute: Dispute, running: AnswerWindow | None) -> str:
    if dispute.waits_for_answer:
        return window_word(running.code) if running else _("all clocks are over")
    if dispute.closed_at is not None:
        liable = str(dispute.get_liability_display()) if dispute.liability else ""
        state = str(dispute.get_state_display())
        return _("%(state)s, liable: %(liable)s") % {"state": state, "liable": liable} if liable else state
    if dispute.state == Dispute.State.ARBITRATION:
        return _("operations decide")
    return _("answered; the buyer decides")


def _tabs(desk: Desk, base: str) -> list[Tab]:
    counts = desk.counts
    words = {
        OPEN: (pgettext("disputes", "Open"), counts[TO_ANSWER] + counts[WAITING]),
        TO_ANSWER: (_("To answer"), counts[TO_ANSWER]),
        WAITING: (_("With others"), counts[WAITING]),
        ENDED: (pgettext("disputes", "Over"), counts[ENDED]),
    }
    return [
        Tab(label, f"{base}{_address(desk.query, part=part)}", part == desk.query.part, count)
        for part, (label, count) in words.items()
    ]


def _address(query: DeskQuery, **changed: str) -> str:
    given = {"part": query.part, "kind": query.kind, "q": query.text, **changed}
    kept = {name: value for name, value in given.items() if value and (name, value) != ("part", OPEN)}
    return f"?{urlencode(kept)}" if kept else ""


def _empty(query: DeskQuery) -> str:
    if query.kind or query.text:
        return _("No dispute matches the filters.")
    if query.part == ENDED:
        return _("No dispute of this store has ended yet.")
    return _("Nothing waits. Disputes appear here as soon as the data or a program brings them.")
