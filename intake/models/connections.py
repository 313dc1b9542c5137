"""Connections of stores to their platform's API: credentials, feeds, objects at the platform, runs (IX-25)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import InstantField
from core.leases import LeasedModel
from stores.models import Store


class StoreConnection(LeasedModel):
    """A store's connection. The row is the work: whoever holds its lease pulls.

    ``key`` binds the sealed texts to this row. ``version`` counts the tokens that it had: a refresh compares it, so
    that of two that race one wins and both use its token. ``next_run_at``: when it is due; none while it doesn't run
    by itself. ``warned_days``: of how many days before the end of the authorisation the company was told.
    """

    class State(models.TextChoices):
        NEW = "new", pgettext_lazy("state of a store's connection", "to be authorised")
        ACTIVE = "active", pgettext_lazy("state of a store's connection", "connected")
        PAUSED = "paused", pgettext_lazy("state of a store's connection", "paused")
        RECONNECT = "reconnect", pgettext_lazy("state of a store's connection", "to be connected again")
        DISCONNECTED = "disconnected", pgettext_lazy("state of a store's connection", "disconnected")

    class Problem(models.TextChoices):
        SESSION = "session", _("the platform ended the authorisation")
        ENDED = "ended", _("the authorisation has run out")
        SIGNATURE = "signature", _("the platform refuses the signature: App Key and App Secret don't match")
        SEALED = "sealed", _("the stored secrets can't be opened with the present ENCRYPTION_KEYS")
        CODE = "code", _("the platform did not accept the authorisation code")
        ACCOUNT = "account", _("another seller account was authorised than before")

    store = models.OneToOneField(
        Store, verbose_name=_("store"), on_delete=models.CASCADE, related_name="platform_connection"
    )
    kind = models.CharField(_("kind"), max_length=32)
    key = models.CharField(max_length=32, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.NEW)
    problem = models.CharField(_("problem"), max_length=12, choices=Problem.choices, blank=True)
    region = models.CharField(_("region"), max_length=16)
    app_key = models.CharField(_("App Key"), max_length=64)
    app_secret = models.TextField(editable=False)
    access_token = models.TextField(blank=True, editable=False)
    refresh_token = models.TextField(blank=True, editable=False)
    token_at = InstantField(_("authorised"), null=True)
    access_until = InstantField(_("access token until"), null=True)
    refresh_until = InstantField(_("authorisation until"), null=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    # Held by who refreshes the tokens.
    refreshing_until = InstantField(null=True, editable=False)
    warned_days = models.PositiveSmallIntegerField(null=True, editable=False)
    account = models.CharField(_("seller account"), max_length=64, blank=True)

    next_run_at = InstantField(_("next run"), null=True)
    requested_at = InstantField(_("asked for"), null=True)
    turn_at = InstantField(null=True, editable=False)
    succeeded_at = InstantField(_("last success"), null=True)
    failed_at = InstantField(_("last failure"), null=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_at = InstantField(_("added"))

    class Meta:
        verbose_name = _("connection of a store")
        verbose_name_plural = _("connections of stores")
        indexes: ClassVar = [
            models.Index(fields=["next_run_at"], condition=models.Q(state="active"), name="store_connection_due")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.store_id}"


class ConnectionFeed(models.Model):
    """How far a connection is in one feed. ``cursor`` is the feed's own; ``complete_until``: all that the platform had
    until then has been asked for. A state other than OK lasts until the platform answers again."""

    class State(models.TextChoices):
        OK = "ok", pgettext_lazy("state of a feed", "in step")
        FAILING = "failing", pgettext_lazy("state of a feed", "failing")
        RETIRED = "retired", pgettext_lazy("state of a feed", "method no longer exists")
        PERMISSION = "permission", pgettext_lazy("state of a feed", "permission missing")
        ARGUMENTS = "arguments", pgettext_lazy("state of a feed", "platform refuses the request")
        UNFILTERED = "unfiltered", pgettext_lazy("state of a feed", "platform ignores the time range")

    connection = models.ForeignKey(
        StoreConnection, verbose_name=_("connection"), on_delete=models.CASCADE, related_name="feeds", db_index=False
    )
    name = models.CharField(_("feed"), max_length=32)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OK)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    cursor = models.JSONField(default=dict, editable=False)
    complete_until = InstantField(_("complete until"), null=True)
    succeeded_at = InstantField(_("last success"), null=True)
    failed_at = InstantField(_("last failure"), null=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    retry_at = InstantField(_("next attempt"), null=True)

    class Meta:
        verbose_name = _("feed of a connection")
        verbose_name_plural = _("feeds of connections")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "name"], name="feed_once_per_connection")
        ]

    def __str__(self) -> str:
        return f"{self.connection_id} {self.name}"


class ConnectionItem(models.Model):
    """One object at the platform, such as an order or a parcel: ``stamp`` tells whether it changed since it was pulled,
    ``due_at`` when it is to be asked for; none: when its stamp changes. ``detail`` holds what the question needs."""

    connection = models.ForeignKey(
        StoreConnection, on_delete=models.CASCADE, related_name="items", db_index=False, editable=False
    )
    kind = models.CharField(max_length=16)
    key = models.CharField(max_length=160)
    stamp = models.CharField(max_length=120, blank=True)
    detail = models.JSONField(default=dict)
    due_at = InstantField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "kind", "key"], name="item_once_per_connection")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["connection", "kind", "due_at"],
                condition=models.Q(due_at__isnull=False),
                name="connection_item_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class ConnectionField(models.Model):
    """A field in a platform's answers that the map does not know, noted when it was first seen.

    ``path`` leads to it in the answers of ``call``; the row with an empty one says since when the call is answered.
    Values may be about persons: ``shape`` and ``example`` say what stands there as far as it can't be. ``added``: the
    call was answered without it before, so the platform changed."""

    class Shape(models.TextChoices):
        TEXT = "text", pgettext_lazy("kind of value", "text")
        CODE = "code", pgettext_lazy("kind of value", "code")
        NUMBER = "number", pgettext_lazy("kind of value", "number")
        TIME = "time", pgettext_lazy("kind of value", "time")
        BOOLEAN = "boolean", pgettext_lazy("kind of value", "yes or no")
        LIST = "list", pgettext_lazy("kind of value", "list")
        OBJECT = "object", pgettext_lazy("kind of value", "several fields")

    connection = models.ForeignKey(StoreConnection, on_delete=models.CASCADE, related_name="fields", db_index=False)
    call = models.CharField(_("call"), max_length=80)
    path = models.CharField(_("field"), max_length=160, blank=True)
    shape = models.CharField(_("kind of value"), max_length=8, choices=Shape.choices, blank=True)
    example = models.CharField(_("example"), max_length=120, blank=True)
    seen_at = InstantField(_("first seen"))
    added = models.BooleanField(_("added by the platform"), default=False)

    class Meta:
        verbose_name = _("unknown field of a platform")
        verbose_name_plural = _("unknown fields of platforms")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "call", "path"], name="field_noted_once_per_connection")
        ]

    def __str__(self) -> str:
        return f"{self.call} {self.path}"


class ConnectionRun(models.Model):
    """One run of a connection, from when it was due until all feeds are in step; it may take several turns.

    ``counts``: rows by file and outcome; ``doubts``: words and times that the connector could not read, with where
    they stood."""

    class State(models.TextChoices):
        RUNNING = "running", pgettext_lazy("state of a connection's run", "running")
        WAITING = "waiting", pgettext_lazy("state of a connection's run", "goes on later")
        DONE = "done", pgettext_lazy("state of a connection's run", "done")
        FAILED = "failed", pgettext_lazy("state of a connection's run", "failed")
        STOPPED = "stopped", pgettext_lazy("state of a connection's run", "stopped")

    connection = models.ForeignKey(
        StoreConnection, verbose_name=_("connection"), on_delete=models.CASCADE, related_name="runs", db_index=False
    )
    actor = models.CharField(_("actor"), max_length=128)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.RUNNING)
    started_at = InstantField(_("started"))
    finished_at = InstantField(_("ended"), null=True)
    feed = models.CharField(_("feed"), max_length=32, blank=True)
    requests = models.PositiveIntegerField(_("requests"), default=0)
    counts = models.JSONField(_("counts"), default=dict)
    doubts = models.JSONField(_("data issues"), default=list)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("run of a connection")
        verbose_name_plural = _("runs of connections")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=models.Q(state__in=["running", "waiting"]),
                name="one_open_run_per_connection",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["connection", "-id"], name="run_by_connection")]

    def __str__(self) -> str:
        return f"{self.connection_id} {self.started_at}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.RUNNING, self.State.WAITING)
