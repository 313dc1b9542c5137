"""Automatic reviews and after-sales guides (AF-01, AF-09)."""

from collections.abc import Sequence

from core.deadlines import on_lapse
from core.models import Deadline
from orders.models import GuideStage
from orders.rules.clocks import AUTO_REVIEW, GUIDE, SECOND_GUIDE
from orders.services.auto_reviews import make_auto_reviews
from orders.services.clocks import orders_of
from orders.services.guides import send_guide


@on_lapse(AUTO_REVIEW, is_recorded=False)
def review_for_the_buyer(deadlines: Sequence[Deadline]) -> None:
    """Make the automatic reviews, as of the beginning of their day."""
    make_auto_reviews([(order, deadline.due_at) for deadline, order in orders_of(deadlines)])


@on_lapse(GUIDE, is_recorded=False)
def send_first_guide(deadlines: Sequence[Deadline]) -> None:
    """Send the after-sales guide."""
    _send(deadlines, GuideStage.FIRST)


@on_lapse(SECOND_GUIDE, is_recorded=False)
def send_second_guide(deadlines: Sequence[Deadline]) -> None:
    """Write to the buyer a second time."""
    _send(deadlines, GuideStage.SECOND)


def _send(deadlines: Sequence[Deadline], stage: GuideStage) -> None:
    for deadline, order in orders_of(deadlines):
        send_guide(order=order, stage=stage, at=deadline.due_at)
