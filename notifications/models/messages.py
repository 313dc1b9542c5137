"""Messages to companies, who read them, and how they reached people (PG-19, RL-02)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import InstantField
from core.leases import LeasedModel
from notifications.models.notices import Notice
from notifications.rules import ChannelName, MessageGroup, Pace
from stores.models import Company, Store

CHANNELS = [
    (ChannelName.MAIL.value, _("e-mail")),
    (ChannelName.SMS.value, _("SMS")),
    (ChannelName.PUSH.value, _("browser push")),
    (ChannelName.DINGTALK.value, _("DingTalk")),
    (ChannelName.FEISHU.value, _("Feishu")),
    (ChannelName.LARK.value, _("Lark")),
    (ChannelName.WECOM.value, _("WeCom")),
]
GROUPS = [
    (MessageGroup.RED.value, _("Red notices")),
    (MessageGroup.PENALTY.value, _("Penalties")),
    (MessageGroup.DEADLINE.value, _("Deadlines that end soon")),
    (MessageGroup.CASE.value, _("Appeals, plans and corrections")),
    (MessageGroup.ASSIGNED.value, _("Notices assigned to you")),
    (MessageGroup.YELLOW.value, _("Yellow notices")),
    (MessageGroup.RISK.value, _("Orders at risk")),
    (MessageGroup.SYSTEM.value, _("Channels that fail")),
    (MessageGroup.NEWS.value, _("Advice, predictions and the rating")),
]
PACES = [
    (Pace.NOW.value, _("at once")),
    (Pace.HOURLY.value, _("merged every hour")),
    (Pace.DIGEST.value, _("in the daily digest")),
    (Pace.NEVER.value, _("not by e-mail")),
]


class InboxMessage(models.Model):
    """A message to a company, or to one of its members (PG-19). The words are made when it is read, in the reader's
    language, from ``kind`` (`notifications.kinds`) and ``parameters``; ``event`` names what happened, so that a company
    is told of it once."""

    class Kind(models.TextChoices):
        """The kinds that this app writes; apps above declare more."""

        ISSUED = "notice.issued", _("notice issued")
        ESCALATED = "notice.escalated", _("notice escalated")
        WAIVED = "notice.waived", _("appeal waived")
        PREDICTED = "notice.predicted", _("notice predicted")
        ASSIGNED = "notice.assigned", _("notice assigned")
        PLAN = "notice.plan", _("improvement plan due")
        PLAN_SUBMITTED = "notice.plan_submitted", _("improvement plan handed in")
        FAILED = "notice.failed", _("improvement plan failed")
        RESOLVED = "notice.resolved", _("notice resolved")
        RECTIFIED = "notice.rectified", _("notice rectified")
        CLEARED = "notice.cleared", _("notice cleared")
        VIEW_REMINDER = "reminder.notice_view", _("reminder to open a notice")
        APPEAL_REMINDER = "reminder.notice_appeal", _("reminder to appeal")
        PLAN_REMINDER = "reminder.plan_due", _("reminder to hand in a plan")
        ADVICE = "advice.deviation", _("advice")
        FROZEN = "rating.frozen", _("rating frozen")
        UNFROZEN = "rating.unfrozen", _("rating no longer frozen")
        FREEZE_PREDICTED = "rating.freeze_predicted", _("rating freeze predicted")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="messages", db_index=False)
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="messages")
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, null=True, related_name="messages")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("recipient")
    )
    kind = models.CharField(_("kind"), max_length=32)
    group = models.CharField(_("topic"), max_length=12, choices=GROUPS, default=MessageGroup.NEWS.value)
    event = models.CharField(_("event"), max_length=200)
    parameters = models.JSONField(_("parameters"), default=dict)
    at = InstantField(_("at"))

    class Meta:
        db_table = "notifications_message"
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints: ClassVar = [models.UniqueConstraint(fields=["company", "event"], name="one_message_per_event")]
        indexes: ClassVar = [models.Index(fields=["company", "-at", "-id"], name="message_by_time")]

    def __str__(self) -> str:
        return self.event


class MessageRead(models.Model):
    """That a person has read a message."""

    message = models.ForeignKey(InboxMessage, on_delete=models.CASCADE, related_name="reads")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="messages_read", db_index=False
    )
    read_at = InstantField(_("read"))

    class Meta:
        verbose_name = _("read message")
        verbose_name_plural = _("read messages")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "message"], name="read_once_per_person")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.message_id}"


class Delivery(LeasedModel):
    """A message on its way by a channel to a person or a team chat: at most one for each, whatever runs twice (RL-02).

    ``target`` names where it goes (`notifications.rules.target_key`); ``recipient``, ``connection`` and
    ``subscription`` are what is meant, as far as it is left. ``due_at``: not sent before; the waiting rows of a target
    with one ``due_at`` and ``is_digest`` go as one. ``error``: what the server answered last."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("state of a delivery", "waiting")
        SENT = "sent", pgettext_lazy("state of a delivery", "sent")
        FAILED = "failed", pgettext_lazy("state of a delivery", "failed")
        SKIPPED = "skipped", pgettext_lazy("state of a delivery", "not sent")

    class Reason(models.TextChoices):
        REFUSED = "refused", _("the server refused the message")
        UNREACHABLE = "unreachable", _("the server does not know the address")
        STOPPED = "stopped", _("the address could not be reached before")
        GIVEN_UP = "given_up", _("all attempts failed")
        GONE = "gone", _("the address was removed")
        LEFT = "left", _("the person left the company")
        SILENCED = "silenced", _("such messages were switched off")
        READ = "read", _("the person had read it already")
        SETTLED = "settled", _("there was nothing to do any more")
        LATE = "late", _("it would have come too late")

    message = models.ForeignKey(InboxMessage, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    channel = models.CharField(_("channel"), max_length=12, choices=CHANNELS, default=ChannelName.MAIL.value)
    target = models.CharField(max_length=40, default="", editable=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        related_name="deliveries",
        verbose_name=_("recipient"),
    )
    connection = models.ForeignKey(
        "Connection", on_delete=models.CASCADE, null=True, related_name="deliveries", verbose_name=_("connection")
    )
    subscription = models.ForeignKey(
        "PushSubscription", on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("browser")
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices, blank=True)
    is_digest = models.BooleanField(_("together with others"), default=False)
    due_at = InstantField(_("due"))
    sent_at = InstantField(_("sent"), null=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        permissions: ClassVar = [("retry_delivery", _("Can have failed deliveries tried again"))]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "channel", "target"], name="one_delivery_per_target")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["channel", "due_at", "id"], condition=models.Q(state="waiting"), name="delivery_due_by_channel"
            ),
            models.Index(
                fields=["channel", "target", "due_at"], condition=models.Q(state="waiting"), name="delivery_of_target"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.channel} {self.target}"


class DeliveryAttempt(models.Model):
    """One try of a delivery, and what was answered (PG-19). ``outcome`` is one of
    `notifications.channels.declaring.Outcome`."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="log")
    at = InstantField(_("at"))
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    outcome = models.CharField(_("outcome"), max_length=12)
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.outcome}"


class MailPreference(models.Model):
    """How a person wants a group of messages by e-mail; without a row as `notifications.rules` says."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_preferences", db_index=False
    )
    group = models.CharField(_("topic"), max_length=12, choices=GROUPS)
    pace = models.CharField(_("e-mailed"), max_length=8, choices=PACES)

    class Meta:
        verbose_name = _("e-mail preference")
        verbose_name_plural = _("e-mail preferences")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "group"], name="one_preference_per_group")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.group}"


class StoppedAddress(models.Model):
    """An address that a mail server does not know: nothing is sent there until a test reaches it."""

    address = models.EmailField(_("e-mail address"), unique=True)
    error = models.TextField(_("error"), blank=True)
    stopped_at = InstantField(_("stopped"))

    class Meta:
        verbose_name = _("stopped address")
        verbose_name_plural = _("stopped addresses")

    def __str__(self) -> str:
        return self.address
