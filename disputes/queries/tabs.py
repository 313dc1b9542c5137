"""The tabs of the order list that are about disputes. Open disputes are few; they are sorted by deadline."""

from datetime import datetime

from django.db.models import Case, ExpressionWrapper, F, OuterRef, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from core.fields import InstantField
from core.models import Deadline
from core.timebase import from_epoch
from disputes.models import OPEN_STATES, Dispute
from disputes.queries.deadlines import ANSWER as ANSWER_DEADLINE
from disputes.queries.deadlines import SUBJECT
from orders.models import Order
from orders.queries.tabs import SELLER_SHIPS, Orders, Tab
from stores.models import Store

# Disputes without a deadline sort last: first the unanswered ones, then those that wait for somebody else.
_NO_CLOCK = 4_102_444_800
NO_CLOCK_FROM = from_epoch(_NO_CLOCK)


def _in_dispute(orders: Orders, store: Store, at: datetime) -> Orders:
    # Both conditions exclude closed disputes: the first one matches the partial index, the second one decides.
    return orders.filter(disputes__store=store, disputes__closed_at=None, disputes__state__in=OPEN_STATES)


def _to_answer(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(
        disputes__store=store,
        disputes__closed_at=None,
        disputes__state=Dispute.State.OPEN,
        disputes__responded_at=None,
    )


def _to_act_on(orders: Orders, store: Store, at: datetime) -> Orders:
    # Two ranges of indexes: either condition of a row would be looked at in every order of the store.
    every = Order.objects.filter(store=store).order_by()
    to_ship = every.filter(SELLER_SHIPS, ship_by__isnull=False)
    return orders.filter(pk__in=to_ship.values("pk").union(_to_answer(every, store, at).values("pk")))


def _clock_of_answer() -> Combinable:
    """The due instant of a dispute's answer (DM-27); disputes without one sort last."""
    clocks = Deadline.objects.filter(
        store_id=OuterRef("store"),
        kind=ANSWER_DEADLINE,
        subject_kind=SUBJECT,
        subject_key=OuterRef("disputes__dispute_no"),
        state=Deadline.State.OPEN,
    )
    behind = Case(When(disputes__responded_at=None, then=Value(_NO_CLOCK)), default=Value(2 * _NO_CLOCK))
    without = ExpressionWrapper(F("disputes__opened_at") + behind, output_field=InstantField())
    return Coalesce(Subquery(clocks.values("due_at")[:1]), without, output_field=InstantField())


_OF_DISPUTE = (("dispute_no", "disputes__dispute_no"), ("dispute_state", "disputes__state"))

IN_DISPUTE = Tab(
    "dispute",
    _("In dispute"),
    _("Answer due"),
    _in_dispute,
    key=_clock_of_answer(),
    tie="disputes__pk",
    states=True,
    shows=_OF_DISPUTE,
)
# A part of the tab that counts link to.
ANSWER = Tab(
    "answer",
    _("Waiting for your answer"),
    _("Answer due"),
    _to_answer,
    key=_clock_of_answer(),
    tie="disputes__pk",
    states=True,
    shows=_OF_DISPUTE,
    within="dispute",
)
# Only links to a subset of orders, such as those of a notice, lead here.
ACT = Tab("act", _("Can be acted on"), _("Created"), _to_act_on, descending=True, states=True, within="all")
