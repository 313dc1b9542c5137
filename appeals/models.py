"""Appeals with their orders, files and decisions; corrections; protected events (AP, BX-01, BX-03, DM-34)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appeals.rules import OPEN_STATES, AppealKind, AppealState, ExceptionType, OrderDecision
from core.fields import DayField, InstantField
from disputes.models import Dispute
from evidence.models import EvidenceFile
from notifications.models import Notice
from orders.models import Order
from stores.models import Store

KINDS = [
    (AppealKind.NOTICE.value, pgettext_lazy("kind of appeal", "notice")),
    (AppealKind.REVIEW.value, pgettext_lazy("kind of appeal", "negative review")),
    (AppealKind.VERDICT.value, pgettext_lazy("kind of appeal", "liability verdict")),
]
STATES = [
    (AppealState.DRAFT.value, pgettext_lazy("state of an appeal", "draft")),
    (AppealState.REVIEW.value, pgettext_lazy("state of an appeal", "under review")),
    (AppealState.SUPPLEMENT.value, pgettext_lazy("state of an appeal", "needs supplement")),
    (AppealState.ACCEPTED.value, pgettext_lazy("state of an appeal", "accepted")),
    (AppealState.REJECTED.value, pgettext_lazy("state of an appeal", "rejected")),
    (AppealState.WITHDRAWN.value, pgettext_lazy("state of an appeal", "withdrawn")),
    (AppealState.CLOSED.value, pgettext_lazy("state of an appeal", "closed without decision")),
]
EXCEPTION_TYPES = [
    (ExceptionType.CUSTOMS_HOLD.value, pgettext_lazy("exception", "customs hold")),
    (ExceptionType.WRONG_ADDRESS.value, pgettext_lazy("exception", "wrong address")),
    (ExceptionType.FLIGHT_DISRUPTION.value, pgettext_lazy("exception", "flight disruption")),
    (ExceptionType.CARRIER_FAULT.value, pgettext_lazy("exception", "carrier's fault")),
    (ExceptionType.MALICIOUS_BUYER.value, pgettext_lazy("exception", "malicious buyer")),
    (ExceptionType.PLATFORM_ERROR.value, pgettext_lazy("exception", "platform or sync error")),
    (ExceptionType.OTHER.value, pgettext_lazy("exception", "other")),
]
DECISIONS = [
    (OrderDecision.PENDING.value, pgettext_lazy("decision", "not decided yet")),
    (OrderDecision.ACCEPTED.value, pgettext_lazy("decision", "accepted")),
    (OrderDecision.REJECTED.value, pgettext_lazy("decision", "rejected")),
    (OrderDecision.SUPPLEMENT.value, pgettext_lazy("decision", "needs supplement")),
]


class AppealCounter(models.Model):
    """The last place that was given to an appeal of a day."""

    day = DayField(_("day"), primary_key=True)
    last = models.IntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("appeal counter")
        verbose_name_plural = _("appeal counters")

    def __str__(self) -> str:
        return f"{self.day} {self.last}"


class Appeal(models.Model):
    """An appeal from its draft to its decision (AP-01). ``subject_key`` names what it is against: the notice's number,
    the dispute's number, or the number of the order whose review it is.

    ``previous``: the rejected appeal of which this is the second (BX-05). ``findings``: the Smart Check as the seller
    saw it at submission. ``claimed_by`` reviews it until ``claimed_until``; ``version`` rises with every change, so
    that a page tells whether it shows the present state (RL-06)."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="appeals", db_index=False)
    number = models.CharField(_("number"), max_length=24, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=KINDS)
    subject_key = models.CharField(_("subject"), max_length=64)
    notice = models.ForeignKey(
        Notice, on_delete=models.CASCADE, null=True, related_name="appeals", verbose_name=_("notice")
    )
    dispute = models.ForeignKey(
        Dispute, on_delete=models.CASCADE, null=True, related_name="appeals", verbose_name=_("dispute")
    )
    previous = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="second_appeals", verbose_name=_("first appeal")
    )
    state = models.CharField(_("state"), max_length=12, choices=STATES, default=AppealState.DRAFT.value)
    step = models.CharField(_("step"), max_length=12, blank=True)
    statement = models.TextField(_("statement"), blank=True)
    expedited = models.BooleanField(_("expedited"), default=False)
    is_complex = models.BooleanField(_("complex"), default=False)
    findings = models.JSONField(_("findings"), default=list)
    checked_at = InstantField(_("checked"), null=True)
    created_at = InstantField(_("created"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("created by")
    )
    submitted_at = InstantField(_("submitted"), null=True)
    decided_at = InstantField(_("decided"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )
    reason = models.TextField(_("reason"), blank=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("claimed by")
    )
    claimed_until = InstantField(_("claimed until"), null=True)
    version = models.PositiveIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["store", "kind", "subject_key"],
                condition=models.Q(state__in=sorted(state.value for state in OPEN_STATES)),
                name="one_open_appeal_per_subject",
            )
        ]
        permissions: ClassVar = [
            ("review_appeal", _("Can review appeals")),
            ("reassign_appeal", _("Can hand over appeals that others have claimed")),
        ]
        indexes: ClassVar = [
            models.Index(fields=["store", "-id"], name="appeal_of_store"),
            models.Index(fields=["state", "submitted_at"], name="appeal_by_state"),
        ]

    def __str__(self) -> str:
        return self.number


class AppealOrder(models.Model):
    """An order that an appeal names, why it should not count, and what was decided (PN-29, AP-04, BX-12).

    ``fields``: what fails, each ``{"field": …, "evidence": …, "system": …}``; ``remedy``: what would pass."""

    appeal = models.ForeignKey(Appeal, on_delete=models.CASCADE, related_name="orders", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="appeal_orders")
    place = models.PositiveIntegerField(_("place"))
    exception = models.CharField(_("exception"), max_length=20, choices=EXCEPTION_TYPES, blank=True)
    claim = models.TextField(_("what happened"), blank=True)
    decision = models.CharField(_("decision"), max_length=12, choices=DECISIONS, default=OrderDecision.PENDING.value)
    reason_code = models.CharField(_("reason"), max_length=32, blank=True)
    fields = models.JSONField(_("failing fields"), default=list)
    remedy = models.TextField(_("what would pass"), blank=True)

    class Meta:
        verbose_name = _("order of an appeal")
        verbose_name_plural = _("orders of appeals")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["appeal", "order"], name="order_once_per_appeal"),
        ]

    def __str__(self) -> str:
        return f"{self.appeal_id} {self.order_id}"


class AppealFile(models.Model):
    """A file attached to an appeal as evidence of a kind (PN-28a, DP-07). ``round``: 0 with the submission, then one
    for each supplement."""

    appeal = models.ForeignKey(Appeal, on_delete=models.CASCADE, related_name="files", db_index=False)
    file = models.ForeignKey(EvidenceFile, on_delete=models.PROTECT, related_name="appeal_files")
    place = models.PositiveSmallIntegerField(_("place"))
    kind = models.CharField(_("kind of evidence"), max_length=32, blank=True)
    name = models.CharField(_("file name"), max_length=255)
    round = models.PositiveSmallIntegerField(_("supplement"), default=0)
    added_at = InstantField(_("added"))

    class Meta:
        verbose_name = _("file of an appeal")
        verbose_name_plural = _("files of appeals")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["appeal", "file"], name="file_once_per_appeal"),
            models.UniqueConstraint(fields=["appeal", "place"], name="file_place_once_per_appeal"),
        ]

    def __str__(self) -> str:
        return self.name


class AppealReview(models.Model):
    """A decision on an appeal: one for each time it was under review, and a second one that a share of the final ones
    gets by a reviewer who doesn't see the first (AP-04, AP-06, BX-07).

    ``round``: 0 for the submission, then one for each supplement. ``begun_at``: when its clock began, ``due_at`` when
    it ends; a blind one has none. ``verdicts``: by the appeal order's id, ``{"decision": …, "reason_code": …,
    "fields": […], "remedy": …}``. ``agreed``: of a blind one, the orders that were decided the same."""

    appeal = models.ForeignKey(Appeal, on_delete=models.CASCADE, related_name="reviews", db_index=False)
    round = models.PositiveSmallIntegerField(_("supplement"), default=0)
    blind = models.BooleanField(_("blind"), default=False)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("reviewer")
    )
    begun_at = InstantField(_("begun"))
    due_at = InstantField(_("due"), null=True)
    decided_at = InstantField(_("decided"), null=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=STATES, blank=True)
    verdicts = models.JSONField(_("decisions"), default=dict)
    accepted = models.PositiveIntegerField(_("accepted orders"), default=0)
    rejected = models.PositiveIntegerField(_("rejected orders"), default=0)
    supplement = models.PositiveIntegerField(_("orders that need a supplement"), default=0)
    agreed = models.PositiveIntegerField(_("orders decided the same"), null=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("claimed by")
    )
    claimed_until = InstantField(_("claimed until"), null=True)

    class Meta:
        verbose_name = _("review of an appeal")
        verbose_name_plural = _("reviews of appeals")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["appeal", "round", "blind"], name="one_review_per_round"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["decided_at"], name="appeal_review_by_time"),
            models.Index(
                fields=["begun_at"], condition=models.Q(blind=True, decided_at=None), name="blind_review_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appeal_id} {self.round}"


class ReviewDraft(models.Model):
    """What a reviewer has filled in but not sent, as the form's fields by name: it outlives a claim."""

    appeal = models.ForeignKey(Appeal, on_delete=models.CASCADE, related_name="+", db_index=False)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    blind = models.BooleanField(_("blind"), default=False)
    fields = models.JSONField(_("fields"), default=dict)
    saved_at = InstantField(_("saved"))

    class Meta:
        verbose_name = _("draft of a review")
        verbose_name_plural = _("drafts of reviews")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["appeal", "reviewer", "blind"], name="one_draft_per_reviewer"),
        ]

    def __str__(self) -> str:
        return f"{self.appeal_id} {self.reviewer_id}"
