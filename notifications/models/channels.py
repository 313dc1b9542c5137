"""Where messages go beside the message centre: a company's team chats, people's phones and browsers (PN-02, PG-18).

Addresses and secrets of team chats and browsers are sealed (`core.secrets`): whoever has one can write there.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import InstantField
from notifications.models.messages import CHANNELS, GROUPS
from notifications.rules import DIGEST_AT, TEAM_CHANNELS, Pace
from stores.models import Company

TEAM_CHOICES = [(name, label) for name, label in CHANNELS if name in TEAM_CHANNELS]
ROUTE_PACES = [
    (Pace.NOW.value, _("at once")),
    (Pace.HOURLY.value, _("merged every hour")),
    (Pace.DIGEST.value, _("in the daily digest")),
    (Pace.NEVER.value, pgettext_lazy("pace of messages", "not at all")),
]


class Connection(models.Model):
    """A team chat that a company connected by the address of a robot in it.

    ``target`` is the address as far as it is shown. ``retry_at``: the chat could not be reached and is asked again
    then, whatever waits for it. ``alarmed_at``: the company was told that messages don't arrive, and is told again
    only after one arrived (BX-08). A removed one stays for the log, without its address.
    """

    class State(models.TextChoices):
        """``STOPPED``: the chat refused for good; nothing is sent until a test arrives."""

        OK = "ok", pgettext_lazy("state of a channel", "working")
        FAILING = "failing", pgettext_lazy("state of a channel", "tried again")
        STOPPED = "stopped", pgettext_lazy("state of a channel", "not reached")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="connections")
    channel = models.CharField(_("channel"), max_length=12, choices=TEAM_CHOICES)
    name = models.CharField(_("name of the chat"), max_length=80)
    language = models.CharField(_("language"), max_length=12, choices=settings.LANGUAGES, default="zh-hans")
    target = models.CharField(_("address"), max_length=200)
    sealed_address = models.TextField(editable=False)
    sealed_secret = models.TextField(blank=True, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OK)
    failing_since = InstantField(_("failing since"), null=True)
    last_success_at = InstantField(_("last delivered"), null=True)
    last_error_at = InstantField(_("last failed"), null=True)
    last_error = models.TextField(_("answer"), blank=True)
    alarmed_at = InstantField(null=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    retry_at = InstantField(_("next attempt"), null=True)
    created_at = InstantField(_("connected"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    removed_at = InstantField(_("removed"), null=True)

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.name}"


class Phone(models.Model):
    """A person's phone for SMS. ``number`` is one whose code was entered, ``pending_number`` one that waits for it.

    Numbers are E.164 (``+8613800000000``). ``stopped_at``: the gateway said that it never takes messages, or the
    person answered STOP."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="phone")
    number = models.CharField(_("phone number"), max_length=16, blank=True)
    verified_at = InstantField(_("confirmed"), null=True)
    pending_number = models.CharField(max_length=16, blank=True)
    code_hash = models.CharField(max_length=64, blank=True, editable=False)
    code_expires_at = InstantField(null=True, editable=False)
    code_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    stopped_at = InstantField(_("stopped"), null=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("phone")
        verbose_name_plural = _("phones")

    def __str__(self) -> str:
        return str(self.user_id)


class PushSubscription(models.Model):
    """A browser of a person that takes push messages. ``key`` is a hash of its address: a browser belongs to who
    subscribed in it last."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_subscriptions")
    key = models.CharField(max_length=64, unique=True, editable=False)
    label = models.CharField(_("browser"), max_length=80)
    sealed = models.TextField(editable=False)
    created_at = InstantField(_("subscribed"))
    last_success_at = InstantField(_("last delivered"), null=True)
    last_error = models.TextField(_("answer"), blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    retry_at = InstantField(_("next attempt"), null=True)

    class Meta:
        verbose_name = _("push subscription")
        verbose_name_plural = _("push subscriptions")

    def __str__(self) -> str:
        return f"{self.user_id} {self.label}"


class PushKey(models.Model):
    """The key pair of the installation that push services know it by: one row."""

    ONLY = 1

    place = models.PositiveSmallIntegerField(default=ONLY, unique=True, editable=False)
    public_key = models.CharField(max_length=100)
    sealed_private_key = models.TextField(editable=False)

    class Meta:
        verbose_name = _("key of push messages")
        verbose_name_plural = _("keys of push messages")

    def __str__(self) -> str:
        return self.public_key


class Route(models.Model):
    """How a company has a group of messages sent by a channel; without a row as `notifications.rules` says."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="routes", db_index=False)
    group = models.CharField(_("topic"), max_length=12, choices=GROUPS)
    channel = models.CharField(_("channel"), max_length=12, choices=CHANNELS)
    pace = models.CharField(_("pace"), max_length=8, choices=ROUTE_PACES)

    class Meta:
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "group", "channel"], name="one_route_per_group_and_channel")
        ]

    def __str__(self) -> str:
        return f"{self.company_id} {self.group} {self.channel}"


class Schedule(models.Model):
    """Quiet hours, from ``quiet_from`` up to ``quiet_until`` of every day (they may span midnight; none where one is
    empty), and when the daily digest goes."""

    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("until"), null=True, blank=True)
    digest_at = models.TimeField(_("daily digest"), default=DIGEST_AT)

    class Meta:
        abstract = True


class CompanySchedule(Schedule):
    """For a company's team chats, in its zone, and for members without a schedule of their own, in theirs.

    ``chain_hours``: after so long the next people are told of a red notice that nobody opened; empty: as policy says.
    """

    company = models.OneToOneField(Company, on_delete=models.CASCADE, related_name="schedule")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    chain_hours = models.PositiveSmallIntegerField(_("hours between the steps"), null=True, blank=True)

    class Meta:
        verbose_name = _("schedule of a company")
        verbose_name_plural = _("schedules of companies")

    def __str__(self) -> str:
        return str(self.company_id)


class PersonSchedule(Schedule):
    """A person's own, in the person's zone."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="schedule")

    class Meta:
        verbose_name = _("schedule of a person")
        verbose_name_plural = _("schedules of people")

    def __str__(self) -> str:
        return str(self.user_id)


class ChainMember(models.Model):
    """A member who is told at a step of a company's chain; those with one ``place`` are told together. A company
    without any has the chain of roles (`notifications.queries.recipients`)."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="chain", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveSmallIntegerField(_("step"))

    class Meta:
        verbose_name = _("member of a chain")
        verbose_name_plural = _("members of chains")
        constraints: ClassVar = [models.UniqueConstraint(fields=["company", "user"], name="one_place_per_chain_member")]

    def __str__(self) -> str:
        return f"{self.company_id} {self.place}"
