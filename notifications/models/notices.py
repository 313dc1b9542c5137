"""Notices with their snapshots, and advice (PN-01, SR-07)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import DayField, ExactDecimalField, InstantField
from notifications.rules import APART_STATES, OPEN_STATES, NoticeLevel, State
from stores.models import Store

PLACES = 10
LEVELS = [
    (NoticeLevel.YELLOW.value, pgettext_lazy("status", "yellow")),
    (NoticeLevel.RED.value, pgettext_lazy("status", "red")),
]
STATES = [
    (State.ISSUED.value, pgettext_lazy("state of a notice", "not opened yet")),
    (State.OPENED.value, pgettext_lazy("state of a notice", "opened")),
    (State.APPEALING.value, pgettext_lazy("state of a notice", "under appeal")),
    (State.WAIVED.value, pgettext_lazy("state of a notice", "appeal waived")),
    (State.ACCEPTED.value, pgettext_lazy("state of a notice", "appeal accepted")),
    (State.PLAN.value, pgettext_lazy("state of a notice", "improvement plan")),
    (State.FAILED.value, pgettext_lazy("state of a notice", "plan failed, manual review")),
    (State.RESOLVED.value, pgettext_lazy("state of a notice", "resolved")),
    (State.RECTIFIED.value, pgettext_lazy("state of a notice", "rectified")),
    (State.CLEARED.value, pgettext_lazy("state of a notice", "cleared")),
    (State.ESCALATED.value, pgettext_lazy("state of a notice", "escalated")),
    (State.HISTORICAL.value, pgettext_lazy("state of a notice", "historical")),
    (State.PREDICTED.value, pgettext_lazy("state of a notice", "predicted")),
]


class JudgedDay(models.Model):
    """That the published row of a store's day was judged: it is judged once, whatever runs again (MX-09)."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = DayField(_("day"))
    calendar = models.CharField(_("calendar"), max_length=12)
    judged_at = InstantField(_("judged"))

    class Meta:
        verbose_name = _("judged day")
        verbose_name_plural = _("judged days")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "day", "calendar"], name="judged_once_per_store_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.day}"


class NoticeCounter(models.Model):
    """The last place that was given to a notice of a performance day (PN-01)."""

    day = DayField(_("day"), primary_key=True)
    last = models.IntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("notice counter")
        verbose_name_plural = _("notice counters")

    def __str__(self) -> str:
        return f"{self.day} {self.last}"


class Notice(models.Model):
    """A formal record that a metric crossed a threshold, with everything it was judged by as it was then (PN-01).

    ``snapshot`` holds the worked arithmetic: window, thresholds with their factors, parts of the rating, own mean.
    ``ended_day``: of a historical or predicted notice, the first judged day within bounds or of its escalation;
    while it is empty the notice is open, and the same level adds no other. ``ended_at``: when a notice was over, None
    while it is open."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="notices", db_index=False)
    number = models.CharField(_("number"), max_length=24, unique=True)
    metric = models.CharField(_("metric"), max_length=32)
    level = models.CharField(_("level"), max_length=8, choices=LEVELS)
    day = DayField(_("performance day"))
    triggered_at = InstantField(_("trigger"))
    state = models.CharField(_("state"), max_length=16, choices=STATES)
    historical = models.BooleanField(_("historical"), default=False)
    predicted = models.BooleanField(_("predicted"), default=False)
    ended_day = DayField(_("ended"), null=True)
    ended_at = InstantField(_("over since"), null=True)
    replaces = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="replaced_by", verbose_name=_("replaces")
    )
    value = ExactDecimalField(_("value"), places=PLACES)
    numerator = models.BigIntegerField(_("numerator"), null=True)
    denominator = models.BigIntegerField(_("denominator"), null=True)
    yellow = ExactDecimalField(_("yellow threshold"), places=PLACES, null=True)
    red = ExactDecimalField(_("red threshold"), places=PLACES, null=True)
    benchmark = ExactDecimalField(_("benchmark"), places=PLACES, null=True)
    policy_version = models.IntegerField(_("policy version"))
    snapshot = models.JSONField(_("arithmetic"), default=dict, db_column="frozen")
    opened_at = InstantField(_("opened"), null=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("opened by")
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("person responsible"),
    )

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        permissions: ClassVar = [("end_manual_review", _("Can end the manual review of a failed plan"))]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "metric", "level", "day"], name="one_notice_per_metric_level_day"),
            models.UniqueConstraint(
                fields=["store", "metric"],
                condition=models.Q(state__in=sorted(state.value for state in OPEN_STATES)),
                name="one_open_notice_per_metric",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["store", "-day", "-id"], name="notice_by_day"),
            models.Index(
                fields=["store", "metric"],
                condition=models.Q(state__in=sorted(APART_STATES), ended_day=None),
                name="notice_apart_standing",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def threshold(self) -> object:
        """The threshold that was crossed."""
        return self.red if self.level == NoticeLevel.RED else self.yellow

    @property
    def is_open(self) -> bool:
        """Whether it stops another notice of its metric (PN-33)."""
        return self.state in OPEN_STATES

    @property
    def is_apart(self) -> bool:
        """Whether it is shown apart: nothing follows from it."""
        return self.state in APART_STATES


class JudgedComplaint(models.Model):
    """That an upheld copyright complaint was judged: once, whatever imports and nights run again (PN-24). ``notice``:
    the one that it brought, or that was open already."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    complaint_no = models.CharField(_("complaint"), max_length=64)
    level = models.CharField(_("level"), max_length=8, choices=LEVELS)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="complaints", verbose_name=_("notice"))
    resolved_at = InstantField(_("upheld"))
    judged_at = InstantField(_("judged"))

    class Meta:
        verbose_name = _("judged complaint")
        verbose_name_plural = _("judged complaints")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "complaint_no"], name="complaint_judged_once")
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.complaint_no}"


class NoticeOrder(models.Model):
    """A problem order as it was when the notice was issued, kept permanently (PN-01); it names its order by number. A
    copyright complaint has no order and is named by ``complaint_no``."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="orders", db_index=False)
    place = models.IntegerField(_("place"))
    order_no = models.CharField(_("order"), max_length=64, blank=True)
    complaint_no = models.CharField(_("complaint"), max_length=64, blank=True)
    counter = models.CharField(_("failure"), max_length=24)
    day = DayField(_("day"))
    carrier = models.CharField(_("carrier"), max_length=64, blank=True)
    tracking_no = models.CharField(_("tracking number"), max_length=64, blank=True)
    site = models.CharField(_("site"), max_length=8, blank=True)
    category = models.CharField(_("category"), max_length=64, blank=True)
    paid_at = InstantField(_("paid"), null=True)
    ship_by = InstantField(_("ship by"), null=True)
    shipped_at = InstantField(_("shipped"), null=True)
    estimated_delivery_at = InstantField(_("estimated delivery"), null=True)
    delivered_at = InstantField(_("delivered"), null=True)
    cancelled_at = InstantField(_("cancelled"), null=True)
    refunded_at = InstantField(_("refunded"), null=True)
    # Why it failed, as `metrics.reasons` told it then; empty in notices that are older than reasons.
    reason = models.CharField(_("reason"), max_length=32, blank=True)
    reason_also = models.CharField(_("other reasons"), max_length=80, blank=True)
    counted_at = InstantField(_("counted"), null=True)
    since_at = InstantField(_("measured from"), null=True)
    until_at = InstantField(_("measured to"), null=True)

    class Meta:
        verbose_name = _("problem order of a notice")
        verbose_name_plural = _("problem orders of notices")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "place"], name="notice_order_once_per_place")
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.order_no or self.complaint_no}"


class NoticeNote(models.Model):
    """A note among the members of the company that a notice was issued to; written once."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("author")
    )
    at = InstantField(_("written"))
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("note on a notice")
        verbose_name_plural = _("notes on notices")

    def __str__(self) -> str:
        return f"{self.notice_id} {self.pk}"


class ImprovementPlan(models.Model):
    """What the seller means to improve after a rejected appeal (PN-10). The notice's state tells where it stands.

    ``causes``: the root causes that the seller confirmed, each ``{"dimension", "value", "name", "failures", "whole"}``;
    ``explanation``: why they came about. ``start_day`` and ``start_value``: the published value when it was handed in,
    against which a new red is measured (BX-06). ``version`` rises with every change (RL-06)."""

    notice = models.OneToOneField(Notice, on_delete=models.CASCADE, related_name="plan", verbose_name=_("notice"))
    opened_at = InstantField(_("opened"))
    causes = models.JSONField(_("root causes"), default=list)
    explanation = models.TextField(_("explanation"), blank=True)
    saved_at = InstantField(_("saved"), null=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("saved by")
    )
    submitted_at = InstantField(_("handed in"), null=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("handed in by")
    )
    start_day = DayField(_("first day"), null=True)
    start_value = ExactDecimalField(_("value at the start"), places=PLACES, null=True)
    version = models.PositiveIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("improvement plan")
        verbose_name_plural = _("improvement plans")

    def __str__(self) -> str:
        return f"{self.notice_id}"


class PlanMeasure(models.Model):
    """A measure of an improvement plan: what, against which root cause, by whom and by when.

    ``cause``: ``dimension:value`` of one of the plan's causes. ``proof``: how one will see that it works."""

    class Kind(models.TextChoices):
        DONE = "done", pgettext_lazy("measure", "done")
        PREVENTION = "prevention", pgettext_lazy("measure", "prevention")

    plan = models.ForeignKey(ImprovementPlan, on_delete=models.CASCADE, related_name="measures", db_index=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    place = models.PositiveSmallIntegerField(_("place"))
    text = models.TextField(_("measure"), blank=True)
    cause = models.CharField(_("root cause"), max_length=160, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("person responsible"),
    )
    day = DayField(_("day"), null=True)
    proof = models.CharField(_("how one sees that it works"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("measure of a plan")
        verbose_name_plural = _("measures of plans")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "kind", "place"], name="measure_once_per_place")
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.kind} {self.place}"


class Advice(models.Model):
    """Advice that was given and holds until its cause is over (SR-07, PN-36): ``subject`` is a dimension of the rating,
    or empty where the kind has one subject alone; ``recovered_on`` the first day on which it was within its threshold
    again."""

    class Kind(models.TextChoices):
        DEVIATION = "deviation", _("deviation from the benchmark")
        DEPENDENCE = "dependence", _("dependence on one carrier")

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="advice", db_index=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    subject = models.CharField(_("subject"), max_length=32, blank=True)
    opened_on = DayField(_("opened"))
    recovered_on = DayField(_("recovered"), null=True)

    class Meta:
        verbose_name = pgettext_lazy("model", "advice")
        verbose_name_plural = pgettext_lazy("models", "advice")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "kind", "subject", "opened_on"], name="advice_once_per_day"),
            models.UniqueConstraint(
                fields=["store", "kind", "subject"],
                condition=models.Q(recovered_on=None),
                name="one_standing_advice_per_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.subject} {self.opened_on}"
