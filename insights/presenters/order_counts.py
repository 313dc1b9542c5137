"""How an order counts, as a section of its page: "counts in: …" (PG-06)."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.timebase import performance_day, rating_day
from insights.presenters.reasons import also_text, measured_text
from insights.queries.order_counts import Count, Standing, order_counts
from metrics.catalogue import Calendar
from orders.models import Order
from stores.models import Store

LEVELS = {Standing.FAILS: "red", Standing.LEFT_OUT: "no_data", Standing.COUNTS: "ok"}


def counts_of_order(store: Store, order: Order, at: datetime) -> dict[str, Any]:
    """The section: where the order fails or is left out, and behind them where it counts without failing."""
    rows = [_row(count, store.store_no, at) for count in order_counts(order, at)]
    failing = [row for row in rows if row["standing"] != Standing.COUNTS]
    counting = [row for row in rows if row["standing"] == Standing.COUNTS]
    return {"failing": failing, "counting": counting}


def _row(count: Count, store_no: str, at: datetime) -> dict[str, Any]:
    of_today = rating_day if count.metric.calendar == Calendar.RATING else performance_day
    today = of_today(at)
    ahead = count.day > today
    return {
        "standing": count.standing,
        "level": "yellow" if ahead and count.standing == Standing.FAILS else LEVELS[count.standing],
        "word": _word(count.standing, ahead=ahead),
        "title": count.metric.title,
        "url": reverse("dashboard:metric", args=[store_no, count.metric.code]),
        "text": _why(count, at),
        "also": also_text(count.reason.also),
        "day": count.day,
        "ahead": ahead,
        "leaves": count.leaves,
        "left": count.leaves <= today,
        "rule": count.condition.rule if count.condition else "",
    }


def _word(standing: Standing, *, ahead: bool) -> str:
    words = {
        Standing.FAILS: pgettext("order in a metric", "will fail") if ahead else pgettext("order in a metric", "fails"),
        Standing.LEFT_OUT: pgettext("order in a metric", "left out"),
        Standing.COUNTS: pgettext("order in a metric", "counts"),
    }
    return words[standing]


def _why(count: Count, at: datetime) -> str:
    if count.standing == Standing.FAILS:
        return measured_text(count.reason.code, count.reason.lasted(at), count.counter)
    return str(count.condition.text) if count.condition else _("no failure")
