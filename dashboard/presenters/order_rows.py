"""The rows of the list of orders: every cell as the text that it shows (PG-06)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.pages.addresses import address_maker
from core.pages.formats import NO_VALUE
from core.templatetags.ui import duration, instant_short, money
from dashboard.queries.order_list import OrderList, Silences
from disputes.queries.disputed_orders import ListedDisputes
from disputes.queries.tabs import NO_CLOCK_FROM
from insights.presenters.reasons import reason_text
from orders.data_issues import data_issue_texts
from orders.models import Fulfilment, Order, OrderState, Source
from orders.queries import Row
from orders.queries.order import Countdown, countdowns_of
from orders.queries.tabs import DATA_ISSUES

CLOCK_WORDS = {"confirm": gettext_lazy("confirm"), "ship": gettext_lazy("ship"), "answer": gettext_lazy("answer")}
DISPUTE_WORDS = {
    "open": gettext_lazy("dispute waits for your answer"),
    "responded": gettext_lazy("dispute answered"),
    "arbitration": gettext_lazy("dispute in arbitration"),
}


@dataclass(frozen=True, slots=True)
class RowNow:
    """What runs on an order: a clock, with the page of the dispute that it is about, else how long the parcel is
    silent; of an order with contradictions those."""

    tone: str
    due: datetime | None
    due_word: str
    due_url: str
    silence: str
    silence_level: str
    issues: str


@dataclass(frozen=True, slots=True)
class RowAction:
    """What can be done with an order at once: a button with ``do``, or a link."""

    label: str
    do: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A row of the list; ``reason``: why it failed, where the list shows problem orders; ``key`` and ``moment``: the
    tab's own instant for machines and people; ``badges``: level and word; ``action``: where rows can be ticked."""

    url: str
    number: str
    sku: str
    source_note: str
    reason: str
    state: str
    badges: list[tuple[str, str]]
    key: str
    moment: str
    site: str
    tracking: str
    carrier: str
    amount: str
    usd: str
    now: RowNow
    action: RowAction | None = None


def rows_of(found: OrderList, *, acts: bool = False) -> list[OrderRow]:
    """The rows of a page for templates/dashboard/_order_rows.html: texts, since a page has hundreds of cells. ``acts``:
    with an action each."""
    states = {value: str(label) for value, label in OrderState.choices}
    address = address_maker("dashboard:order", found.question.store.store_no)
    rows = [_row(row, found, states, address) for row in found.page.rows]
    return [replace(row, action=_action(row, found)) for row in rows] if acts else rows


def _action(row: OrderRow, found: OrderList) -> RowAction:
    if found.question.tab.code == "confirm":
        return RowAction(_("Confirm"), do=f"confirm:{row.number}")
    return RowAction(_("Dispatch"), url=f"{row.url}#dispatch")


def _reason(order: Order, found: OrderList) -> str:
    if order.order_no not in found.reasons:
        return ""
    kept, reason = found.reasons[order.order_no]
    return reason_text(reason, kept.counter, found.question.at)


def _row(row: Row, found: OrderList, states: dict[str, str], address: Callable[[str], str]) -> OrderRow:
    order, moment = row.order, _moment(row)
    return OrderRow(
        url=address(order.order_no),
        number=order.order_no,
        sku=order.sku,
        source_note=source_note(order),
        reason=_reason(order, found),
        state=states.get(order.state, order.state),
        badges=_row_badges(row, found.disputes),
        key=moment.isoformat() if moment else "",
        moment=instant_short(moment),
        site=found.sites.get(order.site, order.site) or NO_VALUE,
        tracking=order.tracking_no,
        carrier=found.carriers.get(order.carrier, order.carrier),
        amount=money(order.total_amount, order.currency),
        usd=money(order.total_usd) if order.currency != "USD" else "",
        now=_now(row, found),
    )


def _moment(row: Row) -> datetime | None:
    """The tab's own instant as it is shown; None of a dispute whose clocks don't run."""
    return row.key if row.key < NO_CLOCK_FROM else None


def _now(row: Row, found: OrderList) -> RowNow:
    clock, at = _clock(row, found), found.question.at
    silent = _silent(row, at)
    level = _silence_level(row, silent, found.silences)
    return RowNow(
        tone="red" if clock and clock.due_at < at else "",
        due=clock.due_at if clock else None,
        due_word=str(CLOCK_WORDS[clock.kind]) if clock else "",
        due_url=_dispute_url(row, found) if clock and clock.kind == "answer" else "",
        silence=_silence_words(row, silent, abnormal=bool(level)),
        silence_level=level,
        issues=" · ".join(data_issue_texts(row.order.data_issues)) if found.question.tab == DATA_ISSUES else "",
    )


def _dispute_url(row: Row, found: OrderList) -> str:
    return reverse("dashboard:dispute", args=[found.question.store.store_no, getattr(row.order, "dispute_no", "")])


def _clock(row: Row, found: OrderList) -> Countdown | None:
    answer_due = found.disputes.answers_due.get(getattr(row.order, "dispute_no", ""))
    if answer_due is not None:
        return Countdown("answer", answer_due)
    running = countdowns_of(row.order, found.question.at, found.periods)
    wanted = "confirm" if found.question.tab.code == "confirm" else "ship"
    return next((clock for clock in running if clock.kind == wanted), None)


def _silent(row: Row, at: datetime) -> timedelta | None:
    if row.order.state != OrderState.SHIPPED or row.bad_end or row.silent_since is None or row.silent_since > at:
        return None
    return at - row.silent_since


def _silence_words(row: Row, silent: timedelta | None, *, abnormal: bool) -> str:
    if silent is None:
        return ""
    span = {"span": duration(silent)}
    if row.last_scan_at is None:
        return _("no scan yet, %(span)s after dispatch") % span
    return (_("no scan for %(span)s") if abnormal else _("scanned %(span)s ago")) % span


def _silence_level(row: Row, silent: timedelta | None, silences: Silences) -> str:
    if silent is None:
        return ""
    allowed = silences.limits.silence if row.last_scan_at else silences.limits.first_scan
    return "red" if silent > silences.recheck else "yellow" if silent >= allowed else ""


def _row_badges(row: Row, disputes: ListedDisputes) -> list[tuple[str, str]]:
    # Tabs of disputes show the state of one, the others only that there is one.
    state = getattr(row.order, "dispute_state", "")
    level = "red" if state in ("", "open") else "yellow"
    badges = [
        (row.order.pk in disputes.order_ids, level, DISPUTE_WORDS.get(state, _("in dispute"))),
        (bool(row.bad_end), "red", row.bad_end),
        (bool(row.order.data_issues), "yellow", _("data issue")),
        (row.auto_reviewed, "few", _("reviewed by the system")),
        (row.order.fulfilled_by == Fulfilment.PLATFORM, "info", _("shipped by the platform")),
        (row.order.is_presale and row.order.state == OrderState.PAID, "info", _("presale")),
    ]
    return [(level, str(word)) for holds, level, word in badges if holds]


def source_note(order: Order) -> str:
    """Where an order counts that does not count everywhere (MX-04, TM-16); empty for the platform's own."""
    if order.source == Source.EXTERNAL:
        return _("other channel: not counted")
    if order.source == Source.CERTIFIED:
        return _("certified channel: counts in the rating only")
    return ""
