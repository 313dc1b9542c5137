"""In which metrics one order counts, where it fails and why, and what leaves it out of the others (PG-06, DM-32).

The conditions are those of the facts, asked of one order: nothing is counted a second way.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db import connection

from core.sql import SQL, Identifier, Literal, execute
from core.timebase import from_day_number
from insights.explanation.tallies import Tally, tallies_of
from metrics.anchors import Subject
from metrics.catalogue import METRICS, RATED, Kind, Metric, problem_counters
from metrics.conditions import Condition
from metrics.counters import FAILURES
from metrics.reasons.lookup import UNKNOWN, Reason, key_of, reasons_of, view_query
from orders.models import Order
from rulebook.queries import policy_at

# Every day that an instant can have.
FIRST, LAST = -(10**6), 10**6


class Outcome(StrEnum):
    """The state of an order in a metric."""

    FAILS = "fails"
    LEFT_OUT = "left out"
    COUNTS = "counts"


@dataclass(frozen=True, slots=True)
class Count:
    """One metric's view of an order: from the day on which it counts (or would) to the first one on which it does not
    any more; ``reason`` why it fails, ``condition`` what leaves it out."""

    metric: Metric
    outcome: Outcome
    day: date
    leaves: date
    counter: str
    reason: Reason
    condition: Condition | None


@dataclass(frozen=True, slots=True)
class _Event:
    counter: str
    order_id: int
    subject_id: int
    day: int
    condition: Condition | None


def counted_metrics() -> list[str]:
    """The metrics that orders can fail; the rating by its dimensions."""
    return [code for code in METRICS if problem_counters(code) and code != RATED[0]]


def order_counts(order: Order, at: datetime) -> list[Count]:
    """Where an order counts, failures first, each metric's newest event; a fixed number of queries."""
    tallies = {code: tallies_of(code) for code in counted_metrics()}
    events = _events(order, {tally.name: tally for several in tallies.values() for tally in several})
    reasons = reasons_of([event for event in events if event.condition is None and event.counter in FAILURES])
    policy = policy_at(at)
    found = []
    for code, several in tallies.items():
        of_metric = [event for event in events if event.counter in {tally.name for tally in several}]
        if (chosen := _telling(code, of_metric)) is None:
            continue
        event, outcome = chosen
        day = from_day_number(event.day)
        window = policy.rating.window_days if METRICS[code].kind == Kind.STARS else policy.metrics[code].window_days
        found.append(
            Count(
                METRICS[code],
                outcome,
                day,
                day + timedelta(days=window),
                event.counter,
                reasons.get(key_of(event), Reason(UNKNOWN)),
                event.condition,
            )
        )
    order_of = list(Outcome)
    return sorted(found, key=lambda count: order_of.index(count.outcome))


def _telling(code: str, events: Iterable[_Event]) -> tuple[_Event, Outcome] | None:
    """The event that says how an order stands in a metric: its newest failure, else what keeps one out, else its
    newest place among the orders that are counted."""
    newest = sorted(events, key=lambda event: -event.day)
    failures = [event for event in newest if event.counter in problem_counters(code)]
    others = [event for event in newest if event.counter not in problem_counters(code)]
    ranked = (
        *((event, Outcome.FAILS) for event in failures if event.condition is None),
        *((event, Outcome.LEFT_OUT) for event in failures if event.condition is not None),
        *((event, Outcome.COUNTS) for event in others if event.condition is None),
        *((event, Outcome.LEFT_OUT) for event in others),
    )
    return next(iter(ranked), None)


def _events(order: Order, tallies: dict[str, Tally]) -> list[_Event]:
    """Every event of the order: counted, or left out by a condition; one query."""
    asked = [tally for tally in tallies.values() if tally.anchor.subject != Subject.COMPLAINT]
    selects = [
        SQL("SELECT {place} AS tally, order_id, subject_id, day, reason FROM ({rows}) {alias}").format(
            place=Literal(place), rows=tally.rows_sql(FIRST, LAST), alias=Identifier(f"t{place}")
        )
        for place, tally in enumerate(asked)
    ]
    with connection.cursor() as cursor:
        execute(cursor, view_query([order.pk], [Subject.ORDER, Subject.WAIT, Subject.DISPUTE], selects))
        return list(_read(cursor.fetchall(), asked))


def _read(rows: Iterable[tuple[int, ...]], asked: list[Tally]) -> Iterator[_Event]:
    for place, order_id, subject_id, day, reason in rows:
        tally = asked[place]
        yield _Event(tally.name, order_id, subject_id, day, tally.condition(reason))
