"""What accepting an appeal changes, computed as what-if does (BX-04, AP-05)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from appeals.queries.kinds import KINDS, Subject
from insights.queries.whatif.simulation import Supposed, what_if
from insights.queries.whatif.ticked_orders import EXCLUDE, EXCLUDE_DISPUTE, EXCLUDE_REVIEW, Ticked
from metrics.scorecards.results import MetricResult
from notifications.complaints import COPYRIGHT
from notifications.models import NoticeOrder
from notifications.queries.complaints import complaints_about_orders
from notifications.services.consequences import still_stands
from orders.models import Order
from rulebook.policy import MetricPolicy

# Failures of the rating that an order has by its review: the review is left out with the order.
BY_STARS = ("described_low", "communication_low")


@dataclass(frozen=True, slots=True)
class Effect:
    """The metric on the day that an appeal is about, as it is and as it would be if ``orders`` were accepted; ``ends``:
    whether the notice would stand no longer, None where there is none."""

    metric: str
    rules: MetricPolicy
    day: date
    before: MetricResult
    after: MetricResult
    orders: int
    ends: bool | None


def effect_of(subject: Subject, order_ids: Collection[int], at: datetime) -> Effect:
    """The exact difference that accepting these orders makes."""
    supposed = Supposed(ticked=_ticked(subject, frozenset(order_ids)), ahead=0)
    found = what_if(store=subject.store, at=at, supposed=supposed, asked=subject.day)
    course = found.courses[subject.metric]
    pair = course.days[0]
    ends = None if subject.notice is None else not still_stands(found.would, subject.notice)
    return Effect(subject.metric, course.rules, pair.day, pair.as_is, pair.would, len(order_ids), ends)


def _ticked(subject: Subject, ids: frozenset[int]) -> Ticked:
    if subject.notice is not None and subject.notice.metric == COPYRIGHT:
        complaints = complaints_about_orders(subject.notice, ids)
        return Ticked(complaints=frozenset(complaint.pk for complaint in complaints))
    tick = KINDS[subject.kind].tick
    reviews = ids if tick == EXCLUDE_REVIEW else _rated_low(subject, ids)
    return Ticked(
        excluded=ids if tick == EXCLUDE else frozenset(),
        reviews=reviews,
        disputes=ids if tick == EXCLUDE_DISPUTE else frozenset(),
    )


def _rated_low(subject: Subject, ids: frozenset[int]) -> frozenset[int]:
    if subject.notice is None:
        return frozenset()
    named = NoticeOrder.objects.filter(notice=subject.notice, counter__in=BY_STARS).values("order_no")
    rows = Order.objects.filter(store=subject.store, pk__in=ids, order_no__in=named)
    return frozenset(rows.values_list("pk", flat=True))
