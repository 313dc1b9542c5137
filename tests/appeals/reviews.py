"""Appeals under review and reviewers for the tests of their review."""

from datetime import datetime, timedelta

from appeals.models import Appeal, AppealOrder
from appeals.rules import AppealState, EvidenceField, FailingField, OrderDecision, Verdict
from appeals.services.clocks import start_review_clock
from stores.models import User
from stores.roles import REVIEWER
from tests.appeals.build import NIGHT, make_appeal, make_notice, make_store
from tests.stores.people import make_staff

SUBMITTED = NIGHT + timedelta(hours=10)
NOW = SUBMITTED + timedelta(hours=20)
ACCEPT = Verdict(OrderDecision.ACCEPTED)
REJECT = Verdict(
    OrderDecision.REJECTED,
    "wrong_order",
    (FailingField(EvidenceField.TRACKING_NO, "SZ1", "SZ2"),),
    "A stamped letter of the carrier that lists SZ2",
)
SUPPLEMENT = Verdict(OrderDecision.SUPPLEMENT, REJECT.reason_code, REJECT.fields, REJECT.remedy)


def under_review(store_no: str = "S1", at: datetime = SUBMITTED, orders: int = 3, **more: object) -> Appeal:
    """An appeal of a store of its own, submitted at an instant."""
    notice = make_notice(make_store(store_no), orders=orders, state="appealing")
    appeal = make_appeal(notice, AppealState.REVIEW, submitted_at=at, **more)
    start_review_clock(appeal=appeal, at=at)
    return fresh(appeal)


def fresh(appeal: Appeal) -> Appeal:
    return Appeal.objects.select_related("store__company", "notice__store", "previous").get(pk=appeal.pk)


def reviewer(name: str = "judge", role: str = REVIEWER) -> User:
    return make_staff(name, role)


def verdicts(appeal: Appeal, *each: Verdict) -> dict[int, Verdict]:
    """A verdict for each order, in the order of their places; the last one for all that follow."""
    keys = AppealOrder.objects.filter(appeal=appeal).order_by("place").values_list("pk", flat=True)
    return {key: each[min(place, len(each) - 1)] for place, key in enumerate(keys)}
