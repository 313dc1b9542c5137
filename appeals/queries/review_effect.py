"""What a decision changes in the figures, before it is sent (AP-04, BX-04)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from appeals.queries.kinds import KINDS, Subject
from insights.queries.whatif.simulation import NoticeStory, Supposed, what_if
from insights.queries.whatif.ticked_orders import EXCLUDE, EXCLUDE_DISPUTE, EXCLUDE_REVIEW, Ticked
from metrics.scorecards.results import MetricResult
from rulebook.policy import MetricPolicy


@dataclass(frozen=True, slots=True)
class Effect:
    """A metric on the appealed day as it is and as it would be without the accepted orders; ``story``: what becomes of
    its notice."""

    metric: str
    rules: MetricPolicy
    day: date
    before: MetricResult
    after: MetricResult
    story: NoticeStory | None


def effect_of(subject: Subject, order_ids: Collection[int], at: datetime) -> Effect:
    """The exact difference that accepting these orders makes to the metric of what is appealed."""
    supposed = Supposed(ticked=_ticked(subject, order_ids), ahead=0)
    found = what_if(store=subject.store, at=at, supposed=supposed, asked=subject.day)
    course = found.courses[subject.metric]
    pair = course.days[0]
    return Effect(subject.metric, course.rules, pair.day, pair.as_is, pair.would, course.story)


def _ticked(subject: Subject, order_ids: Collection[int]) -> Ticked:
    ids, tick = frozenset(order_ids), KINDS[subject.kind].tick
    return Ticked(
        excluded=ids if tick == EXCLUDE else frozenset(),
        reviews=ids if tick == EXCLUDE_REVIEW else frozenset(),
        disputes=ids if tick == EXCLUDE_DISPUTE else frozenset(),
    )
