"""Orders: one purchase of one buyer in one store (DM-16, DM-20, DM-21). State is a function of instants.

Columns named ``…_given`` hold what a source said; their namesakes without the suffix are derived by
`orders.deriving.derive_orders` (DM-20). Instants are epoch seconds in the database.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import ExactDecimalField, InstantField
from stores.models import Store


class Source(models.TextChoices):
    """Where an order was placed; external orders never count, certified ones only in the rating (MX-04)."""

    PLATFORM = "platform", pgettext_lazy("source of an order", "platform")
    CERTIFIED = "certified_api", pgettext_lazy("source of an order", "certified channel")
    EXTERNAL = "external", pgettext_lazy("source of an order", "other channel")


class Fulfilment(models.TextChoices):
    """Who ships an order; orders that the platform ships don't count in metrics of dispatch and carriage (MX-04a)."""

    SELLER = "seller", _("the seller")
    PLATFORM = "platform", _("the platform")


class OrderState(models.TextChoices):
    """DM-21, most advanced first where several instants are set."""

    REFUNDED = "refunded", pgettext_lazy("state of an order", "refunded")
    CANCELLED = "cancelled", pgettext_lazy("state of an order", "cancelled")
    CLOSED = "closed", pgettext_lazy("state of an order", "closed")
    SUCCESS = "success", pgettext_lazy("state of an order", "success")
    DELIVERED = "delivered", pgettext_lazy("state of an order", "delivered")
    SHIPPED = "shipped", pgettext_lazy("state of an order", "shipped")
    PAID = "paid", pgettext_lazy("state of an order", "paid")
    CREATED = "created", pgettext_lazy("state of an order", "created")


class Order(models.Model):
    """One purchase of one buyer in one store (DM-16), with its active shipment (DM-17)."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="orders", db_index=False)
    order_no = models.CharField(_("order number"), max_length=64)
    sku_given = models.CharField(max_length=120, blank=True)
    sku = models.CharField(_("SKU"), max_length=120, blank=True)
    category = models.CharField(_("category"), max_length=64, blank=True)
    buyer_ref = models.CharField(_("buyer"), max_length=64, blank=True)
    site = models.CharField(_("site"), max_length=8, blank=True)
    source = models.CharField(_("source"), max_length=16, choices=Source.choices, default=Source.PLATFORM)
    payment_method = models.CharField(_("payment method"), max_length=64, blank=True)
    is_presale = models.BooleanField(_("presale"), default=False)

    created_at = InstantField(_("created"))
    paid_at = InstantField(_("paid"), null=True)
    dispatch_confirmed_at = InstantField(_("dispatch confirmed"), null=True)
    ship_by_given = InstantField(null=True)
    ship_by = InstantField(_("ship by"), null=True)
    shipped_at = InstantField(_("shipped"), null=True)
    carrier = models.CharField(_("carrier"), max_length=64, blank=True)
    tracking_no = models.CharField(_("tracking number"), max_length=64, blank=True)
    first_scan_at = InstantField(_("first scan"), null=True)
    estimated_delivery_at = InstantField(_("estimated delivery"), null=True)
    delivered_given = InstantField(null=True)
    delivered_at = InstantField(_("delivered"), null=True)
    confirmed_at = InstantField(_("receipt confirmed"), null=True)
    confirmed_by = models.CharField(_("confirmed by"), max_length=16, blank=True)
    cancelled_at = InstantField(_("cancelled"), null=True)
    cancelled_by = models.CharField(_("cancelled by"), max_length=16, blank=True)
    cancel_reason = models.CharField(_("reason of cancellation"), max_length=255, blank=True)
    refunded_given = InstantField(null=True)
    refunded_at = InstantField(_("refunded"), null=True)
    closed_at = InstantField(_("closed"), null=True)
    end_unclear = models.BooleanField(_("ended, nobody knows how"), default=False)

    total_amount = ExactDecimalField(_("total amount"), places=4)
    currency = models.CharField(_("currency"), max_length=3)
    usd_rate = ExactDecimalField(_("US dollars per unit"), places=12, null=True)
    total_usd = ExactDecimalField(_("total, USD"), places=8)
    shipping_amount = ExactDecimalField(_("shipping amount"), places=4, null=True)
    insurance_premium_usd = ExactDecimalField(_("insurance premium, USD"), places=4, null=True)
    buyer_ip_hash = models.CharField(max_length=64, blank=True)
    ship_address = models.CharField(max_length=500, blank=True)
    fulfilled_by = models.CharField(
        _("shipped by"), max_length=8, choices=Fulfilment.choices, default=Fulfilment.SELLER
    )

    state = models.CharField(_("state"), max_length=12, choices=OrderState.choices, default=OrderState.CREATED)
    data_issues = models.IntegerField(_("data issues"), default=0, db_column="doubts")
    # Derived of orders under way that the seller ships (TM-03): the latest scan of any parcel, and from when the order
    # is in the abnormal pool unless another scan comes.
    last_scan_at = InstantField(_("last scan"), null=True, editable=False)
    abnormal_from = InstantField(_("abnormal from"), null=True, editable=False)
    source_at = InstantField(null=True, editable=False)
    # See `orders.updates`; null until the first change after the upgrade that added it.
    updated_at = InstantField(_("updated"), null=True, editable=False)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints: ClassVar = [models.UniqueConstraint(fields=["store", "order_no"], name="order_no_per_store")]
        indexes: ClassVar = [
            models.Index(fields=["store", "created_at", "id"], name="order_by_creation"),
            models.Index(fields=["store", "ship_by", "id"], condition=models.Q(state="paid"), name="order_to_ship"),
            models.Index(
                fields=["store", "state", "created_at"],
                condition=models.Q(state__in=["paid", "shipped", "delivered"]),
                name="order_open",
            ),
            # One range per tab of the order list.
            models.Index(
                fields=["store", "paid_at", "id"],
                condition=models.Q(state="paid", dispatch_confirmed_at__isnull=True),
                name="order_to_confirm",
            ),
            models.Index(
                fields=["store", "shipped_at", "id"], condition=models.Q(state="shipped"), name="order_under_way"
            ),
            models.Index(
                fields=["store", "shipped_at", "id"],
                condition=models.Q(state="shipped", tracking_no=""),
                name="order_numberless",
            ),
            models.Index(
                fields=["store", "abnormal_from", "id"], condition=models.Q(state="shipped"), name="order_abnormal"
            ),
            # Programs that keep in step read on from the last update that they know.
            models.Index(
                fields=["store", "updated_at", "id"],
                condition=models.Q(updated_at__isnull=False),
                name="order_by_update",
            ),
            # Scans that are dated in the future: none, usually.
            models.Index(
                fields=["store", "last_scan_at"], condition=models.Q(state="shipped"), name="order_by_last_scan"
            ),
            models.Index(
                fields=["store", "created_at", "id"], condition=models.Q(data_issues__gt=0), name="order_in_doubt"
            ),
            # The settlement calendar: deliveries of the last days.
            models.Index(
                fields=["store", "delivered_at"],
                condition=models.Q(delivered_at__isnull=False),
                name="order_by_delivery",
            ),
            # Tracking numbers are looked up by their beginning, which needs this operator class on PostgreSQL.
            models.Index(
                fields=["store", "tracking_no"],
                opclasses=["int8_ops", "varchar_pattern_ops"],
                condition=models.Q(tracking_no__gt=""),
                name="order_by_tracking_no",
            ),
            # The same number in another store's order is a re-used one (TM-14).
            models.Index(fields=["tracking_no"], condition=models.Q(tracking_no__gt=""), name="order_by_number"),
            # What a company knows of a buyer (TM-06), and buyers by the beginning of their pseudonym.
            models.Index(
                fields=["buyer_ref", "store"],
                opclasses=["varchar_pattern_ops", "int8_ops"],
                condition=models.Q(buyer_ref__gt=""),
                name="order_by_buyer",
            ),
        ]

    def __str__(self) -> str:
        return self.order_no


class OrderRow(models.Model):
    """A record of an order: every row has its store, so that data can be distributed by store."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="%(class)ss")
    source_at = InstantField(null=True, editable=False)

    class Meta:
        abstract = True


class KeyedOrderRow(OrderRow):
    """A record whose unique key begins with the order: the key finds an order's rows, so the largest tables need no
    second index."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="%(class)ss", db_index=False)

    class Meta:
        abstract = True


class OrderLine(KeyedOrderRow):
    """One position of an order."""

    line_no = models.IntegerField(_("line"))
    sku = models.CharField(_("SKU"), max_length=120)
    quantity = models.IntegerField(_("quantity"), null=True)
    amount = ExactDecimalField(_("amount"), places=4, null=True)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "line_no"], name="line_no_per_order")]

    def __str__(self) -> str:
        return f"{self.line_no} {self.sku}"
