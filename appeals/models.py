"""Appeals with their orders, files and decisions; corrections; protected events (AP, BX-01, BX-03, DM-34)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appeals.rules import (
    OPEN_STATES,
    AppealKind,
    AppealState,
    CauseKind,
    EventState,
    ExceptionType,
    OrderDecision,
)
from core.fields import DayField, InstantField
from core.leases import LeasedModel
from disputes.models import Dispute
from evidence.models import EvidenceFile
from notifications.models import Delivery, Notice
from orders.models import Order
from stores.claims import ClaimedModel
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
CAUSE_KINDS = [
    (CauseKind.APPEAL.value, pgettext_lazy("cause of a correction", "appeal")),
    (CauseKind.EVENT.value, pgettext_lazy("cause of a correction", "protected event")),
]
EVENT_STATES = [
    (EventState.DRAFT.value, pgettext_lazy("state of a protected event", "draft")),
    (EventState.APPLIED.value, pgettext_lazy("state of a protected event", "in force")),
    (EventState.WITHDRAWN.value, pgettext_lazy("state of a protected event", "withdrawn")),
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


class Appeal(ClaimedModel):
    """An appeal from its draft to its decision (AP-01). ``subject_key`` names what it is against: the notice's number,
    the dispute's number, or the number of the order whose review it is.

    ``previous``: the rejected appeal of which this is the second, ``named_error``: what that decision got wrong
    (BX-05). ``findings``: the Smart Check as the seller
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
        "self", on_delete=models.RESTRICT, null=True, related_name="second_appeals", verbose_name=_("first appeal")
    )
    state = models.CharField(_("state"), max_length=12, choices=STATES, default=AppealState.DRAFT.value)
    step = models.CharField(_("step"), max_length=12, blank=True)
    statement = models.TextField(_("statement"), blank=True)
    named_error = models.TextField(_("error of the first decision"), blank=True)
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

    ``fields``: what fails, each ``{"field": …, "evidence": …, "system": …}``; ``remedy``: what would pass;
    ``answer``: what the seller wrote when a supplement was asked for."""

    appeal = models.ForeignKey(Appeal, on_delete=models.CASCADE, related_name="orders", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="appeal_orders")
    place = models.PositiveIntegerField(_("place"))
    exception = models.CharField(_("exception"), max_length=20, choices=EXCEPTION_TYPES, blank=True)
    claim = models.TextField(_("what happened"), blank=True)
    decision = models.CharField(_("decision"), max_length=12, choices=DECISIONS, default=OrderDecision.PENDING.value)
    reason_code = models.CharField(_("reason"), max_length=32, blank=True)
    fields = models.JSONField(_("failing fields"), default=list)
    remedy = models.TextField(_("what would pass"), blank=True)
    answer = models.TextField(_("answer to the request"), blank=True)

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


class AppealReview(ClaimedModel):
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


class CorrectionReport(models.Model):
    """What a correction changed of a store (BX-03): ``orders`` is how many it concerned, ``withdrawn`` whether it took
    back what the same cause had excluded before. ``place``: a cause corrects a store again when it is withdrawn, and
    when a protected event meets further orders.

    ``results``: every result that differs, by day and metric, each ``{"day", "metric", "before", "after"}`` with the
    figures of an export as `metrics.services.restating.Figures`. ``outcomes``: what became of notices, freezes and
    other consequences, each ``{"kind", "key", "before", "after"}``."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="corrections", db_index=False)
    cause_kind = models.CharField(_("cause"), max_length=8, choices=CAUSE_KINDS)
    cause_no = models.CharField(_("number of the cause"), max_length=24)
    place = models.PositiveIntegerField(_("place"), default=1)
    withdrawn = models.BooleanField(_("taken back"), default=False)
    at = InstantField(_("at"))
    orders = models.PositiveIntegerField(_("orders concerned"))
    results = models.JSONField(_("results"), default=list)
    outcomes = models.JSONField(_("outcomes"), default=list)

    class Meta:
        verbose_name = _("correction report")
        verbose_name_plural = _("correction reports")
        permissions: ClassVar = [("withdraw_correctionreport", _("Can take corrections back"))]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "cause_no", "place"], name="correction_once_per_cause_and_place")
        ]
        indexes: ClassVar = [
            models.Index(fields=["cause_no", "store"], name="correction_by_cause"),
            models.Index(fields=["store", "-at"], name="correction_of_store"),
        ]

    def __str__(self) -> str:
        return f"{self.cause_no} {self.store_id} {self.place}"


class ProtectedEvent(models.Model):
    """Something that sellers can't help, such as a strike, and what it does to the orders that it meets (BX-01): their
    deadlines are longer by ``extend_hours``, or they are no failures of ``metrics``. Empty lists of carriers, sites and
    categories mean any. ``title`` and ``reason`` are shown to sellers."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", pgettext_lazy("kind of event", "public holiday")
        FLIGHT = "flight", pgettext_lazy("kind of event", "flights stopped")
        CARRIER = "carrier", pgettext_lazy("kind of event", "carrier's strike or standstill")
        OUTAGE = "outage", pgettext_lazy("kind of event", "platform outage")
        OTHER = "other", pgettext_lazy("kind of event", "other")

    number = models.CharField(_("number"), max_length=24, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=120)
    reason = models.TextField(_("reason"), max_length=1000)
    starts_at = InstantField(_("begins"))
    ends_at = InstantField(_("ends"))
    carriers = models.JSONField(_("carriers"), default=list, blank=True)
    sites = models.JSONField(_("sites"), default=list, blank=True)
    categories = models.JSONField(_("categories"), default=list, blank=True)
    extend_hours = models.PositiveIntegerField(_("extend deadlines by, hours"), default=0)
    metrics = models.JSONField(_("no failure of"), default=list, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=EVENT_STATES, default=EventState.DRAFT.value)
    created_at = InstantField(_("created"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("created by")
    )
    applied_at = InstantField(_("applied"), null=True)
    withdrawn_at = InstantField(_("withdrawn"), null=True)
    looked_at = InstantField(_("last looked for orders"), null=True)

    class Meta:
        verbose_name = _("protected event")
        verbose_name_plural = _("protected events")
        permissions: ClassVar = [("apply_protectedevent", _("Can apply and withdraw protected events"))]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(starts_at__lte=models.F("ends_at")), name="event_ends_after_it_begins"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["state", "ends_at"], name="event_by_state")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class EventShard(LeasedModel):
    """The stores of a range, which a worker brings in line with a protected event: applied or withdrawn. ``position``
    is the last store that is done, so that the work goes on where it stopped (RL-03)."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("state of a part", "waiting")
        RUNNING = "running", pgettext_lazy("state of a part", "running")
        DONE = "done", pgettext_lazy("state of a part", "done")
        FAILED = "failed", pgettext_lazy("state of a part", "failed")

    event = models.ForeignKey(ProtectedEvent, on_delete=models.CASCADE, related_name="shards", db_index=False)
    shard = models.IntegerField(_("shard"))
    after = models.BigIntegerField(_("stores after"), default=0)
    last = models.BigIntegerField(_("last store"), null=True)
    position = models.BigIntegerField(_("done up to"), default=0)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    stores = models.PositiveIntegerField(_("stores"), default=0)
    orders = models.PositiveIntegerField(_("orders concerned"), default=0)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("part of a protected event")
        verbose_name_plural = _("parts of protected events")
        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "shard"], name="event_shard_once")]

    def __str__(self) -> str:
        return f"{self.event_id} {self.shard}"


class OverdueMail(LeasedModel):
    """A mail to a senior reviewer about the reviews that were overdue at an instant, ``new`` of them for the first time
    (PN-09). ``reviews``: each ``{"number", "store", "due_at"}``."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("recipient")
    )
    at = InstantField(_("written"))
    reviews = models.JSONField(_("overdue reviews"))
    new = models.PositiveIntegerField(_("new ones"))
    state = models.CharField(_("state"), max_length=8, choices=Delivery.State.choices, default=Delivery.State.WAITING)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("mail about overdue reviews")
        verbose_name_plural = _("mails about overdue reviews")
        indexes: ClassVar = [models.Index(fields=["state", "at"], name="overdue_mail_by_state")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at}"
