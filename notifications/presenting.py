"""Notices and messages as the contexts of pages: words and addresses."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from metrics import words
from metrics.catalogue import METRICS, Kind
from metrics.presenting.metric import factors_text
from notifications.forms import NoticeFilter, NoticeOrderFilter
from notifications.models import Message, Notice, NoticeOrder
from notifications.queries.notices import (
    APPEAL,
    VIEW,
    NoticeQuery,
    clocks_of,
    count_parts,
    open_notices,
    present_standing,
)
from notifications.rules import Level, State
from notifications.texts import figure, message_text, what_happened
from rulebook.queries import policy_at
from rulebook.rules import EffectiveLine, Factor
from stores import formats
from stores.access import StoreRequest
from stores.context import nav
from stores.models import Deadline
from stores.tables import Column

Part = dict[str, Any]
Orders = QuerySet[NoticeOrder]

NOTICES_A_PAGE = 50
# So many problem orders leave room for the rest of the notice on one sheet of paper (PG-21).
ORDERS_A_PAGE = 20
MESSAGES_A_PAGE = 50
PART_WORDS = {
    "record": gettext_lazy("Performance record"),
    "predicted": pgettext_lazy("notices", "Predicted"),
    "historical": pgettext_lazy("notices", "Historical"),
}
# Where a cause is mended (PN-07): the tab of the order list; other causes are looked at order by order.
TARGET_TABS = {"orders_to_ship": "ship", "disputes": "dispute", "carriers": "abnormal"}


# ── The list ──


def list_context(
    request: StoreRequest, form: NoticeFilter, query: NoticeQuery, notices: QuerySet[Notice], now: datetime
) -> Part:
    """What templates/notifications/list.html reads."""
    store_no, path = request.store.store_no, request.path
    counts = count_parts(request.store)
    page = Paginator(notices.select_related("opened_by"), NOTICES_A_PAGE).get_page(request.GET.get("page"))
    asked = request.GET.copy()
    asked.pop("page", None)
    files = {
        suffix: f"{reverse(f'notifications:list_{suffix}', args=[store_no])}?{asked.urlencode()}"
        for suffix in ("csv", "xlsx")
    }
    return {
        "store": request.store,
        "nav": nav(request, current="notices"),
        "now": now,
        "form": form,
        "part": query.part,
        "tabs": [
            {"label": label, "url": f"{path}?part={part}", "current": part == query.part, "count": counts[part]}
            for part, label in PART_WORDS.items()
        ],
        "columns": [
            Column("number", _("Number")),
            Column("level", _("Level")),
            Column("metric", _("Metric")),
            Column("trigger", _("Trigger")),
            Column("value", _("Value"), figure=True),
            Column("opened", _("Opened")),
            Column("state", _("State")),
        ],
        "rows": [list_row(notice, store_no) for notice in page],
        "page": page,
        "clear_url": f"{path}?part={query.part}",
        "files": files,
    }


def list_row(notice: Notice, store_no: str) -> Part:
    """A line of the record."""
    return {
        "notice": notice,
        "url": notice_url(notice, store_no),
        "metric": METRICS[notice.metric].title,
        "value": figure(notice.value, unit_of(notice), _threshold(notice)),
        "line": words.line_text(_threshold(notice), unit_of(notice)),
    }


def notice_url(notice: Notice, store_no: str) -> str:
    """The page of a notice."""
    return reverse("notifications:notice", args=[store_no, notice.number])


def unit_of(notice: Notice) -> str:
    """The unit of its metric as it was frozen."""
    return str(notice.frozen.get("unit", ""))


def _threshold(notice: Notice) -> Decimal:
    line = notice.red if notice.level == Level.RED else notice.yellow
    return line if line is not None else notice.value


# ── The panel ──


def panel_context(request: StoreRequest, now: datetime) -> Part:
    """What templates/notifications/panel.html reads: the open notices with the clock that ends first."""
    store_no = request.store.store_no
    notices = list(open_notices(request.store))
    clocks = clocks_of(request.store, [notice.number for notice in notices])
    items = [
        {
            "level": notice.level,
            "title": f"{METRICS[notice.metric].title} {figure(notice.value, unit_of(notice), _threshold(notice))}",
            "number": notice.number,
            "url": notice_url(notice, store_no),
            "note": "" if notice.state == State.OPENED else notice.get_state_display(),
            **_next_clock(clocks[notice.number]),
            "rectify": rectify_url(notice, store_no, now),
        }
        for notice in notices
    ]
    return {
        "store": request.store,
        "nav": nav(request, current="notices"),
        "now": now,
        "items": items,
        "list_url": reverse("notifications:list", args=[store_no]),
    }


def _next_clock(clocks: Mapping[str, Deadline]) -> Part:
    running = [clock for clock in clocks.values() if clock.state == Deadline.State.OPEN]
    first = min(running, key=lambda clock: clock.due_at, default=None)
    if first is None:
        return {"due": None, "clock": ""}
    return {"due": first.due_at, "clock": _("open within") if first.kind == VIEW else _("appeal within")}


def rectify_url(notice: Notice, store_no: str, at: datetime) -> str:
    """The page that mends the cause, with the problem orders filtered in (PN-07)."""
    target = policy_at(at).notices.rectify_targets.get(notice.metric, "")
    if target in TARGET_TABS:
        return f"{reverse('orders:list', args=[store_no])}?{urlencode({'tab': TARGET_TABS[target]})}"
    query = urlencode({"day": notice.day.isoformat()})
    return f"{reverse('metrics:metric', args=[store_no, notice.metric])}?{query}#problems"


# ── The notice ──


def notice_context(
    request: StoreRequest, notice: Notice, form: NoticeOrderFilter, orders: Orders, now: datetime
) -> Part:
    """What templates/notifications/notice.html reads."""
    store_no = request.store.store_no
    page = Paginator(orders, ORDERS_A_PAGE).get_page(request.GET.get("page"))
    asked = request.GET.copy()
    asked.pop("page", None)
    clocks = clocks_of(request.store, [notice.number])[notice.number]
    replaced_by = notice.replaced_by.first()
    return {
        "store": request.store,
        "nav": nav(request, current="notices"),
        "now": now,
        "notice": notice,
        "metric": METRICS[notice.metric].title,
        "sentence": what_happened(notice),
        "clocks": clock_items(clocks),
        "present": present_items(notice, now),
        "terms": terms_of(notice),
        "facts": facts_of(notice),
        "replaced_by": replaced_by,
        "replaced_by_url": notice_url(replaced_by, store_no) if replaced_by else "",
        "replaces_url": notice_url(notice.replaces, store_no) if notice.replaces else "",
        "follows": follows_of(notice, clocks),
        "rectify_url": rectify_url(notice, store_no, now),
        "rectify_text": ngettext("Rectify now: %(count)s order", "Rectify now: %(count)s orders", page.paginator.count)
        % {"count": formats.number(page.paginator.count)},
        "form": form,
        "columns": order_columns(),
        "rows": [order_row(row, store_no) for row in page],
        "page": page,
        "clear_url": request.path,
        "files": {
            suffix: f"{reverse(f'notifications:orders_{suffix}', args=[store_no, notice.number])}?{asked.urlencode()}"
            for suffix in ("csv", "xlsx")
        },
        "rules": [
            {"id": rule, "url": reverse("rulebook:rule", args=[rule])}
            for rule in dict.fromkeys((METRICS[notice.metric].rule, "PN-04", "PN-05", "PN-06", "DM-31"))
        ],
    }


def clock_items(clocks: Mapping[str, Deadline]) -> list[Part]:
    """The countdowns on top of a notice, with what became of those that ended."""
    names = {VIEW: _("Open within"), APPEAL: _("Appeal within")}
    ended = {
        (VIEW, Deadline.State.MET): _("opened in time"),
        (VIEW, Deadline.State.LAPSED): _("not opened in time"),
        (APPEAL, Deadline.State.LAPSED): _("the window has closed"),
        (APPEAL, Deadline.State.VOID): _("no appeal any more"),
    }
    return [
        {
            "name": name,
            "due": clocks[kind].due_at,
            "running": clocks[kind].state == Deadline.State.OPEN,
            "ended": ended.get((kind, Deadline.State(clocks[kind].state)), ""),
        }
        for kind, name in names.items()
        if kind in clocks
    ]


def present_items(notice: Notice, now: datetime) -> Part:
    """The value then and the value now, beside each other."""
    standing = present_standing(notice, now)
    return {
        "then": figure(notice.value, unit_of(notice), _threshold(notice)),
        "then_day": notice.day,
        "now": words.value_text(standing.card.value.value, standing.unit, standing.lines),
        "now_day": standing.card.day,
        "level": str(standing.card.level),
        "url": reverse("metrics:metric", args=[notice.store.store_no, notice.metric]),
    }


def terms_of(notice: Notice) -> list[Part]:
    """The worked arithmetic from what was frozen: ``14 ÷ 226 = 6.19 % > 4.75 %`` (DM-32)."""
    unit, line = unit_of(notice), _threshold(notice)
    terms = [
        *_counted_terms(notice),
        {"op": "=", "value": figure(notice.value, unit, line), "result": True},
    ]
    sign = ">" if notice.value > line else "<" if notice.value < line else "="
    return [*terms, {"op": sign, "value": words.line_text(line, unit), "note": line_note(notice, notice.level)}]


def _counted_terms(notice: Notice) -> list[Part]:
    metric = METRICS[notice.metric]
    if metric.kind == Kind.STARS:
        return [
            {
                "op": "+" if place else "",
                "value": f"{formats.percent(part['weight'], places=1)} × {formats.score(part['value'])}",
                "note": words.PART_WORDS.get(name, name),
            }
            for place, (name, part) in enumerate(notice.frozen.get("parts", {}).items())
        ]
    upper, lower = words.counters_text(metric.upper), words.counters_text(metric.lower)
    whole, part = notice.denominator or 0, notice.numerator or 0
    if metric.kind == Kind.FLOOR:
        return [
            {"op": "(", "value": formats.number(whole), "note": lower},
            {"op": "−", "value": formats.number(whole - part), "note": upper},
            {"op": ") ÷", "value": formats.number(whole), "note": lower},
        ]
    return [
        {"value": formats.number(part), "note": upper},
        {"op": "÷", "value": formats.number(whole), "note": lower},
    ]


def line_note(notice: Notice, level: str) -> str:
    """How a line came about: its factors, or for a new store the category's mean (DM-31, PN-22)."""
    kept = notice.frozen.get("lines", {}).get(level)
    if kept is None:
        return _("category benchmark") if level == Level.YELLOW and notice.yellow == notice.benchmark else ""
    factors = tuple(Factor(one["kind"], one["name"], formats.exact(one["value"])) for one in kept["factors"])
    top = None if kept["top"] is None else Decimal(kept["top"])
    line = EffectiveLine(formats.exact(0), Decimal(kept["base"]), top, factors)
    return factors_text(line, unit_of(notice))


def facts_of(notice: Notice) -> list[Part]:
    """What the notice was judged by, frozen."""
    unit = unit_of(notice)
    first = date.fromisoformat(notice.frozen["first"])
    window = {"first": formats.day(first), "last": formats.day(notice.day), "days": notice.frozen["days"]}
    facts: list[Part] = [{"name": _("Window"), "value": _("%(first)s … %(last)s, %(days)s days") % window}]
    for name, level, line in (
        (_("Yellow line"), Level.YELLOW, notice.yellow),
        (_("Red line"), Level.RED, notice.red),
    ):
        if line is not None:
            facts.append({"name": name, "value": words.line_text(line, unit), "note": line_note(notice, level)})
    for name, value in (
        (_("Category benchmark"), notice.benchmark),
        (_("The store's own mean before"), notice.frozen.get("own_mean")),
    ):
        if value is not None:
            facts.append({"name": name, "value": figure(Decimal(value), unit)})
    version = reverse("rulebook:version", args=[notice.policy_version])
    number = _("version %(number)s") % {"number": notice.policy_version}
    return [*facts, {"name": _("Policy"), "value": number, "url": version}]


def follows_of(notice: Notice, clocks: Mapping[str, Deadline]) -> list[str]:
    """What follows if nothing is done, as far as it is still ahead."""
    if notice.state == State.HISTORICAL:
        return [_("Nothing: the day was first judged long after it ended, so this is a record only.")]
    if notice.predicted:
        return [_("Nothing here: the platform decides. It may issue a notice of its own for this day.")]
    if notice.state == State.ESCALATED:
        return [_("The red notice that replaced this one counts now.")]
    sentences = []
    if VIEW in clocks and clocks[VIEW].state == Deadline.State.OPEN:
        sentences.append(_("If nobody of the company opens it in time, the appeal is waived."))
    if APPEAL in clocks and clocks[APPEAL].state == Deadline.State.OPEN:
        sentences.append(_("When the appeal window closes, the notice stands as it is."))
    if notice.state == State.WAIVED:
        sentences.append(_("The appeal is waived: nobody of the company opened the notice in time."))
    if notice.level == Level.YELLOW:
        sentences.append(_("If the metric crosses the red line, a red notice replaces this one at once."))
    sentences.append(_("While the notice is open it stays in the performance record, and nobody can close or mute it."))
    return sentences


def order_columns() -> list[Column]:
    """The columns of the problem orders."""
    return [
        Column("order", _("Order")),
        Column("day", _("Day")),
        Column("failure", _("Failure")),
        Column("carrier", _("Carrier and number")),
        Column("site", _("Site")),
        Column("paid", _("Paid")),
        Column("due", _("Due")),
        Column("done", _("Done")),
    ]


def order_row(row: NoticeOrder, store_no: str) -> Part:
    """A frozen problem order; due and done are those of dispatch until it was shipped, then of delivery."""
    dispatch = row.counter in ("dispatch_late", "r_dispatch_late")
    return {
        "row": row,
        "url": reverse("orders:order", args=[store_no, row.order_no]) if row.order_no else "",
        "failure": words.COUNTER_WORDS.get(row.counter, row.counter),
        "due": row.ship_by if dispatch else row.estimated_delivery_at,
        "done": row.shipped_at if dispatch else row.delivered_at,
    }


# ── Messages ──


def messages_context(request: HttpRequest, rows: QuerySet[Message], unread_only: bool) -> Part:
    """What templates/notifications/messages.html reads."""
    page = Paginator(rows, MESSAGES_A_PAGE).get_page(request.GET.get("page"))
    tabs = [
        {"label": _("All"), "url": request.path, "current": not unread_only, "count": None},
        {"label": _("Unread"), "url": f"{request.path}?show=unread", "current": unread_only, "count": None},
    ]
    return {"tabs": tabs, "page": page, "rows": message_rows(page), "unread_only": unread_only}


def message_rows(messages: Iterable[Any]) -> list[Part]:
    """Messages in the reader's words."""
    rows = []
    for message in messages:
        title, text = message_text(message)
        rows.append(
            {
                "message": message,
                "title": title,
                "text": text,
                "level": "info" if message.kind == Message.Kind.PREDICTED else message.parameters["level"],
                "url": notice_url(message.notice, message.store.store_no),
                "is_read": message.is_read,
            }
        )
    return rows
