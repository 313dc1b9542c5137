"""Open orders whose buyers may give a low rating (TM-14): what they wrote, or a delivery later than estimated."""

from datetime import datetime

from django.db.models import BigIntegerField, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from orders.models import Order, OrderState, Review
from rulebook.queries import policy_at

# A buyer who has received the order may still be waited for; one who reviewed has spoken.
OPEN = (OrderState.PAID, OrderState.SHIPPED, OrderState.DELIVERED)
DAY = 86_400


def low_star_orders(orders: QuerySet[Order], at: datetime) -> QuerySet[Order]:
    """Those of ``orders`` that are open, not reviewed by their buyer, and show a low-star tendency as of ``at``.

    Each has ``low_star_word``, the buyer's word or an empty text, and ``late_seconds``, how long after its estimate
    it was delivered (0 or less: in time).
    """
    late = policy_at(at).transactions.low_star_late_days * DAY
    over = F("delivered_at") - F("estimated_delivery_at")
    open_orders = orders.filter(state__in=OPEN).annotate(
        low_star_word=Coalesce(F("thread__low_star_word"), Value("")),
        late_seconds=Coalesce(over, 0, output_field=BigIntegerField()),
    )
    delivered_late = Q(late_seconds__gt=late, delivered_at__lte=at)
    reviewed = Review.objects.filter(kind=Review.Kind.BUYER).values("order")
    return open_orders.filter(Q(low_star_word__gt="") | delivered_late).exclude(pk__in=reviewed)
