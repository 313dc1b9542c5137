"""Pickup proofs and logistics claims that sellers hand in for operations to judge (TM-11, AF-08)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import ExactDecimalField, InstantField
from evidence.models import EvidenceFile
from orders.models.orders import Order
from orders.models.parcels import TrackingEvent
from orders.rules.logistics import ClaimKind, ClaimState
from stores.claims import ClaimedModel
from stores.models import Store

CLAIM_KINDS = [
    (ClaimKind.PICKUP.value, pgettext_lazy("logistics claim", "pickup proof")),
    (ClaimKind.FALSE_DELIVERY.value, pgettext_lazy("logistics claim", "false delivery")),
    (ClaimKind.LOSS.value, pgettext_lazy("logistics claim", "loss")),
    (ClaimKind.DAMAGE.value, pgettext_lazy("logistics claim", "damage")),
]
CLAIM_STATES = [
    (ClaimState.OPEN.value, pgettext_lazy("state of a logistics claim", "under review")),
    (ClaimState.ACCEPTED.value, pgettext_lazy("state of a logistics claim", "accepted")),
    (ClaimState.REFUSED.value, pgettext_lazy("state of a logistics claim", "refused")),
    (ClaimState.WITHDRAWN.value, pgettext_lazy("state of a logistics claim", "withdrawn")),
]


class LogisticsClaim(ClaimedModel):
    """What a seller hands in about a parcel, with files: the carrier's pickup proof, or that a parcel was lost, damaged
    or never reached the buyer. Operations judge it until ``due_at``; a late one stays open.

    ``happened_at``: the pickup as the seller states it. ``scan``: the tracking event that an accepted proof added.
    ``compensation``: the shipping that is due back for a proven fault, in the order's ``currency``.
    """

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="logistics_claims", db_index=False)
    kind = models.CharField(_("kind"), max_length=16, choices=CLAIM_KINDS)
    carrier = models.CharField(_("carrier"), max_length=64, blank=True)
    tracking_no = models.CharField(_("tracking number"), max_length=64)
    happened_at = InstantField(_("happened"), null=True)
    statement = models.TextField(_("statement"), blank=True)
    submitted_at = InstantField(_("handed in"))
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("handed in by")
    )
    due_at = InstantField(_("due"))
    state = models.CharField(_("state"), max_length=12, choices=CLAIM_STATES, default=ClaimState.OPEN.value)
    decided_at = InstantField(_("decided"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )
    reason = models.TextField(_("reason"), blank=True)
    scan = models.ForeignKey(
        TrackingEvent, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("tracking event")
    )
    compensation = ExactDecimalField(_("compensation"), places=4, null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)

    class Meta:
        verbose_name = _("logistics claim")
        verbose_name_plural = _("logistics claims")
        permissions: ClassVar = [
            ("decide_logisticsclaim", _("Can decide logistics claims and pickup proofs")),
            ("reassign_logisticsclaim", _("Can hand over logistics claims that others have claimed")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "tracking_no", "kind"],
                condition=models.Q(state="open"),
                name="one_open_logistics_claim",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["order", "id"], name="logistics_claim_of_order"),
            models.Index(fields=["store", "-id"], name="logistics_claim_of_store"),
            models.Index(fields=["due_at"], condition=models.Q(state="open"), name="logistics_claim_open"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.tracking_no}"


class LogisticsClaimFile(models.Model):
    """A file handed in with a logistics claim, kept as long as its store (PN-27)."""

    claim = models.ForeignKey(LogisticsClaim, on_delete=models.CASCADE, related_name="files", db_index=False)
    file = models.ForeignKey(EvidenceFile, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField(_("place"))
    name = models.CharField(_("file name"), max_length=255)

    class Meta:
        verbose_name = _("file of a logistics claim")
        verbose_name_plural = _("files of logistics claims")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["claim", "file"], name="file_once_per_logistics_claim"),
        ]

    def __str__(self) -> str:
        return self.name
