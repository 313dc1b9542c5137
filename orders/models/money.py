"""Refunds, returns and the release of funds (TM-04, TM-12, TM-13)."""

from typing import ClassVar

from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import ExactDecimalField, InstantField
from evidence.models import EvidenceFile
from orders.models.orders import KeyedOrderRow, OrderRow
from orders.rules.refunds import UNANSWERED, RefundState

REFUND_STATES = [
    (RefundState.REQUESTED.value, pgettext_lazy("state of a refund", "to be answered")),
    (RefundState.AGREED.value, pgettext_lazy("state of a refund", "agreed")),
    (RefundState.PARTIAL.value, pgettext_lazy("state of a refund", "part offered")),
    (RefundState.REFUSED.value, pgettext_lazy("state of a refund", "refused")),
    (RefundState.COMPLETED.value, pgettext_lazy("state of a refund", "completed")),
    (RefundState.WITHDRAWN.value, pgettext_lazy("state of a refund", "withdrawn")),
]
RETURN_STATES = {
    "expected": pgettext_lazy("state of a return", "expected"),
    "under_way": pgettext_lazy("state of a return", "on its way back"),
    "received": pgettext_lazy("state of a return", "to be inspected"),
    "inspected": pgettext_lazy("state of a return", "inspected"),
}
FUNDS_STATES = {
    "pending": pgettext_lazy("state of funds", "frozen"),
    "held": pgettext_lazy("state of funds", "held"),
    "released": pgettext_lazy("state of funds", "released"),
}


class Refund(OrderRow):
    """Money given back, or asked for (TM-12). ``state`` is one of `RefundState`, or a source's own word.

    ``amount_usd`` is what was asked for until the refund is completed, then what was paid: where that differs,
    ``asked_usd`` keeps the request. ``refusal`` is one of the policy's reasons, ``note`` the seller's own words.
    ``defaulted``: nobody answered, so all was paid back.
    """

    refund_no = models.CharField(_("refund number"), max_length=64)
    requested_at = InstantField(_("requested"))
    state = models.CharField(_("state"), max_length=32, blank=True, choices=REFUND_STATES)
    completed_at = InstantField(_("completed"), null=True)
    amount_usd = ExactDecimalField(_("amount, USD"), places=4, null=True)
    full = models.BooleanField(_("full refund"), default=False)
    answered_at = InstantField(_("answered"), null=True)
    asked_usd = ExactDecimalField(_("asked for, USD"), places=4, null=True)
    offered_usd = ExactDecimalField(_("offered, USD"), places=4, null=True)
    refusal = models.CharField(_("reason of refusal"), max_length=64, blank=True)
    note = models.TextField(_("note"), blank=True)
    defaulted = models.BooleanField(_("paid because nobody answered"), default=False)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints: ClassVar = [models.UniqueConstraint(fields=["store", "refund_no"], name="refund_no_per_store")]
        indexes: ClassVar = [
            models.Index(
                fields=["store", "requested_at", "id"],
                condition=Q(completed_at__isnull=True),
                name="refund_not_completed",
            )
        ]

    def __str__(self) -> str:
        return self.refund_no

    @property
    def is_unanswered(self) -> bool:
        """Whether the seller's answer is still outstanding (TM-12)."""
        return self.state in UNANSWERED and self.answered_at is None and self.completed_at is None


class ReturnParcel(OrderRow):
    """A parcel on its way back (TM-13). ``result`` is an `InspectionResult`, or a source's own word."""

    return_no = models.CharField(_("return number"), max_length=64)
    shipped_back_at = InstantField(_("shipped back"), null=True)
    received_at = InstantField(_("received"), null=True)
    inspected_at = InstantField(_("inspected"), null=True)
    result = models.CharField(_("result"), max_length=64, blank=True)
    note = models.TextField(_("note"), blank=True)
    state = models.GeneratedField(
        expression=Case(
            When(inspected_at__isnull=False, then=Value("inspected")),
            When(received_at__isnull=False, then=Value("received")),
            When(shipped_back_at__isnull=False, then=Value("under_way")),
            default=Value("expected"),
        ),
        output_field=models.CharField(_("state"), max_length=12),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("return parcel")
        verbose_name_plural = _("return parcels")
        constraints: ClassVar = [models.UniqueConstraint(fields=["store", "return_no"], name="return_no_per_store")]
        indexes: ClassVar = [
            models.Index(
                fields=["store", "received_at", "id"],
                condition=Q(inspected_at__isnull=True),
                name="return_to_inspect",
            )
        ]

    def __str__(self) -> str:
        return self.return_no

    def get_state_display(self) -> str:
        return str(RETURN_STATES[self.state])


class Proof(models.Model):
    """A file that a seller gave with an answer to a refund, or with the inspection of a return."""

    file = models.ForeignKey(EvidenceFile, on_delete=models.PROTECT, related_name="%(class)ss")
    name = models.CharField(_("file name"), max_length=255)
    added_at = InstantField(_("added"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class RefundFile(Proof):
    refund = models.ForeignKey(Refund, on_delete=models.CASCADE, related_name="files", db_index=False)

    class Meta:
        verbose_name = _("file of a refund")
        verbose_name_plural = _("files of refunds")
        constraints: ClassVar = [models.UniqueConstraint(fields=["refund", "file"], name="file_once_per_refund")]


class ReturnFile(Proof):
    parcel = models.ForeignKey(ReturnParcel, on_delete=models.CASCADE, related_name="files", db_index=False)

    class Meta:
        verbose_name = _("file of a return")
        verbose_name_plural = _("files of returns")
        constraints: ClassVar = [models.UniqueConstraint(fields=["parcel", "file"], name="file_once_per_return")]


class Settlement(KeyedOrderRow):
    """The release of an order's funds, or why they are held (TM-04). ``held_reason`` is the codes of holds, separated
    by spaces, or a source's own words; ``cny_rate`` is CNY for one unit of the currency on the day of the release."""

    released_at = InstantField(_("released"), null=True)
    amount = ExactDecimalField(_("amount"), places=4, null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    held_reason = models.CharField(_("held because"), max_length=120, blank=True)
    held_since = InstantField(_("held since"), null=True)
    cny_rate = ExactDecimalField(_("CNY per unit"), places=12, null=True)
    amount_cny = ExactDecimalField(_("amount, CNY"), places=4, null=True)
    state = models.GeneratedField(
        expression=Case(
            When(released_at__isnull=False, then=Value("released")),
            When(held_reason__gt=Value(""), then=Value("held")),
            default=Value("pending"),
        ),
        output_field=models.CharField(_("state"), max_length=12),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        constraints: ClassVar = [models.UniqueConstraint(fields=["order"], name="one_settlement_per_order")]
        indexes: ClassVar = [
            models.Index(fields=["store", "id"], condition=Q(released_at__isnull=True), name="settlement_unreleased"),
            models.Index(
                fields=["store", "released_at", "id"],
                condition=Q(released_at__isnull=False),
                name="settlement_released",
            ),
        ]

    def __str__(self) -> str:
        return str(self.order_id)

    def get_state_display(self) -> str:
        return str(FUNDS_STATES[self.state])

    @property
    def order_no(self) -> str:
        """The number by which events and messages name the funds: the order's."""
        return self.order.order_no
