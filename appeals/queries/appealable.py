"""What of an order can be appealed besides notices: its negative review, its verdicts (SR-10, DP-08)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from appeals.models import Appeal
from appeals.queries.eligibility import appeals_against, judge
from appeals.queries.kinds import Subject, review_subject, verdict_subject
from disputes.models import Dispute
from orders.models import Order, Review
from stores.models import Store


@dataclass(frozen=True, slots=True)
class Appealable:
    """A subject that can be appealed until ``until``, or that has an appeal already (``present``)."""

    subject: Subject
    until: datetime | None
    present: Appeal | None


def appealable_of(
    store: Store, order: Order, reviews: Iterable[Review], disputes: Iterable[Dispute], at: datetime
) -> Sequence[Appealable]:
    """The review and the verdicts of an order that can be appealed at an instant; ``reviews`` and ``disputes``: all of
    the order."""
    every = [review_subject(store, order, reviews), *(verdict_subject(store, one, order) for one in disputes)]
    appeals = appeals_against(every)
    found = [(subject, judge(subject, appeals, at)) for subject in every]
    return [
        Appealable(subject, one.until, one.present)
        for subject, one in found
        if one.refusal is None or one.present is not None
    ]
