"""What a metric counts, one line per kind of event, with the conditions that leave events out (DM-32)."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.sql import SQL, Composable, Identifier, Literal
from metrics import words
from metrics.anchors import Anchor, Subject
from metrics.catalogue import METRICS, Kind, problem_counters
from metrics.conditions import Condition, all_of
from metrics.counters import ANCHOR_OF, COUNTERS

COUNTER_OF = {counter.name: counter for counter in COUNTERS}
# Of the rating's counters, those that a dimension is made of.
OF_DIMENSION: dict[str, tuple[str, ...]] = {
    "described": ("described_n",),
    "communication": ("communication_n",),
    "shipping": ("r_dispatch_n", "r_delivery_n", "unconfirmed"),
}
TITLES: dict[str, Any] = {
    "described_n": _("reviews with a star: as described"),
    "communication_n": _("reviews with a star: communication"),
    "r_dispatch_n": _("rated on dispatch"),
    "r_delivery_n": _("rated on delivery"),
}
# The view of a kind of subject, its order and what tells subjects of one order apart.
VIEWS: dict[Subject, tuple[str, str, str]] = {
    Subject.ORDER: ("tmp_order", "order_id", "order_id"),
    Subject.WAIT: ("tmp_wait", "order_id", "begun_at"),
    Subject.DISPUTE: ("tmp_dispute", "order_id", "dispute_id"),
    Subject.COMPLAINT: ("tmp_complaint", "0", "complaint_id"),
}


@dataclass(frozen=True)
class Tally:
    """The events of one counter: ``name`` is the counter's; those that pass every condition count."""

    name: str
    anchor: Anchor
    when: str
    conditions: tuple[Condition, ...]
    rule: str

    @property
    def title(self) -> str:
        return str(TITLES.get(self.name) or words.COUNTER_WORDS.get(self.name, self.name))

    def rows_sql(self, first: int, last: int) -> Composable:
        """SELECT of the events on the days: order_id, subject_id, day and ``reason``: 0 for those that count, else the
        place, from 1, of the first condition that fails."""
        view, order, subject = VIEWS[self.anchor.subject]
        failing = [
            SQL("WHEN ({condition}) IS NOT TRUE THEN {place}").format(
                condition=SQL(condition.sql), place=Literal(place)
            )
            for place, condition in enumerate(self.conditions, start=1)
        ]
        reason = SQL("CASE {failing} ELSE 0 END").format(failing=SQL(" ").join(failing)) if failing else SQL("0")
        return SQL("""SELECT order_id, subject_id, day, reason FROM (
            SELECT {order} AS order_id, {subject} AS subject_id, {day} AS day, {reason} AS reason
            FROM {view} WHERE {when}) events WHERE day BETWEEN {first} AND {last}""").format(
            order=SQL(order),
            subject=SQL(subject),
            day=self.anchor.would_day_sql,
            reason=reason,
            view=Identifier(view),
            when=SQL(self.when or "1 = 1"),
            first=Literal(first),
            last=Literal(last),
        )

    def condition(self, reason: int) -> Condition | None:
        """The condition that a reason stands for."""
        return self.conditions[reason - 1] if reason else None


def tallies_of(code: str) -> tuple[Tally, ...]:
    """The tallies of a metric, failures first; counters that speak of the same events make one. None for composites,
    which are made of other metrics."""
    found: dict[tuple[str, str, tuple[Condition, ...]], Tally] = {}
    for name in _counters_of(code):
        anchor, counter = ANCHOR_OF[name], COUNTER_OF[name]
        when = all_of(anchor.when, counter.when)
        conditions = (*anchor.where, *counter.where)
        found.setdefault((anchor.name, when, conditions), Tally(name, anchor, when, conditions, counter.rule))
    return tuple(found.values())


def _counters_of(code: str) -> tuple[str, ...]:
    metric = METRICS[code]
    if metric.kind != Kind.STARS:
        return (*metric.upper, *metric.lower)
    dimensions = OF_DIMENSION if code == "dsr" else {code: OF_DIMENSION[code]}
    return (*problem_counters(code), *(name for names in dimensions.values() for name in names))
