"""The events of commands given to orders (DM-22)."""

from django.utils.translation import gettext_lazy as _

from core.events import EventKind, column_details, declare_events
from orders.models import Order

DESCRIBE = column_details(Order)

declare_events(
    EventKind("order.paid", _("Payment recorded"), "order", describe=DESCRIBE),
    EventKind("order.dispatch_confirmed", _("Dispatch confirmed"), "order", describe=DESCRIBE),
    EventKind("order.shipped", _("Shipment recorded"), "order", describe=DESCRIBE),
    EventKind("order.delivered", _("Delivery recorded"), "order", describe=DESCRIBE),
    EventKind("order.receipt_confirmed", _("Receipt recorded"), "order", describe=DESCRIBE),
    EventKind("order.cancelled", _("Cancellation recorded"), "order", describe=DESCRIBE),
    EventKind("order.refunded", _("Full refund recorded"), "order", describe=DESCRIBE),
    EventKind("order.closed", _("Order closed"), "order", describe=DESCRIBE),
)
