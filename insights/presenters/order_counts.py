"""How an order counts, as a section of its page: "counts in: …" (PG-06)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.timebase import performance_day, rating_day
from insights.presenters.reasons import also_text, measured_text
from insights.queries.order_counts import Count, Outcome
from metrics.catalogue import Calendar
from stores.models import Store

LEVELS = {Outcome.FAILS: "red", Outcome.LEFT_OUT: "no_data", Outcome.COUNTS: "ok"}


@dataclass(frozen=True, slots=True)
class CountRow:
    """How the order counts in a metric: ``text`` says why, ``also`` what else would have made it fail; ``ahead``: only
    on a day to come; ``left``: it is out of the window."""

    level: str
    word: str
    title: str
    url: str
    text: str
    also: str
    day: date
    ahead: bool
    leaves: date
    left: bool
    rule: str


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """What templates/dashboard/_order_counts.html reads: where the order fails or is left out, and where it counts
    without failing."""

    failing: list[CountRow]
    counting: list[CountRow]


def counts_part(store: Store, counts: Iterable[Count], at: datetime) -> OrderCounts:
    """How an order counts in the metrics of its store."""
    failing: list[CountRow] = []
    counting: list[CountRow] = []
    for count in counts:
        rows = counting if count.outcome == Outcome.COUNTS else failing
        rows.append(_row(count, store.store_no, at))
    return OrderCounts(failing, counting)


def _row(count: Count, store_no: str, at: datetime) -> CountRow:
    of_today = rating_day if count.metric.calendar == Calendar.RATING else performance_day
    today = of_today(at)
    ahead = count.day > today
    return CountRow(
        level="yellow" if ahead and count.outcome == Outcome.FAILS else LEVELS[count.outcome],
        word=_word(count.outcome, ahead=ahead),
        title=str(count.metric.title),
        url=reverse("dashboard:metric", args=[store_no, count.metric.code]),
        text=_why(count, at),
        also=also_text(count.reason.also),
        day=count.day,
        ahead=ahead,
        leaves=count.leaves,
        left=count.leaves <= today,
        rule=count.condition.rule if count.condition else "",
    )


def _word(outcome: Outcome, *, ahead: bool) -> str:
    words = {
        Outcome.FAILS: pgettext("order in a metric", "will fail") if ahead else pgettext("order in a metric", "fails"),
        Outcome.LEFT_OUT: pgettext("order in a metric", "left out"),
        Outcome.COUNTS: pgettext("order in a metric", "counts"),
    }
    return words[outcome]


def _why(count: Count, at: datetime) -> str:
    if count.outcome == Outcome.FAILS:
        return measured_text(count.reason.code, count.reason.lasted(at), count.counter)
    return str(count.condition.text) if count.condition else _("no failure")
