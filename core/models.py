"""The append-only event log with its outbox, durable timers and the dirty log (DM-27, DM-33, MX-02)."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import InstantField
from core.leases import LeasedModel


class Event(models.Model):
    """The audit trail (DM-33). Rows are never changed or removed: database triggers refuse it, so
    subjects are named by key, not by foreign key, and outlive their subjects."""

    at = InstantField(_("at"))
    kind = models.CharField(_("kind"), max_length=64)
    company_no = models.CharField(_("company"), max_length=64, blank=True)
    store_no = models.CharField(_("store"), max_length=64, blank=True)
    subject_kind = models.CharField(_("subject"), max_length=32)
    subject_key = models.CharField(_("key"), max_length=160)
    actor = models.CharField(_("actor"), max_length=254)
    cause = models.CharField(_("cause"), max_length=160, blank=True)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "stores_event"
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes: ClassVar = [
            models.Index(fields=["store_no", "subject_kind", "subject_key"], name="event_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_kind} {self.subject_key}"


class OutboxEntry(LeasedModel):
    """An event that a subscriber has still to act on. The row is removed in the transaction of what it does.

    ``key`` is unique per subscriber: a later event with the key of a waiting one takes its row over.
    """

    subscriber = models.CharField(_("subscriber"), max_length=48)
    event = models.ForeignKey(Event, on_delete=models.DO_NOTHING, related_name="+", verbose_name=_("event"))
    subject = models.CharField(_("subject"), max_length=260)
    key = models.CharField(_("coalescing key"), max_length=260)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("outbox row")
        verbose_name_plural = _("outbox rows")
        permissions: ClassVar = [("retry_outboxentry", _("Can have outbox rows tried again, or discard them"))]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscriber", "key"], name="one_outbox_row_per_key"),
            models.UniqueConstraint(fields=["subscriber", "event"], name="one_outbox_row_per_event"),
        ]
        indexes: ClassVar = [models.Index(fields=["subscriber", "subject", "event"], name="outbox_by_subject")]

    def __str__(self) -> str:
        return f"{self.subscriber} {self.event_id}"


class Deadline(LeasedModel):
    """A countdown that acts or is promised (DM-27), of a store or of a company. Instants are judged by the server only.

    The owner is a plain id, since ``core`` knows neither model; the owner's app removes its deadlines with it.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("state of a deadline", "open")
        MET = "met", pgettext_lazy("state of a deadline", "met")
        LAPSED = "lapsed", pgettext_lazy("state of a deadline", "lapsed")
        VOID = "void", pgettext_lazy("state of a deadline", "void")

    store_id = models.BigIntegerField(_("store"), null=True)
    company_id = models.BigIntegerField(_("company"), null=True, db_index=True)
    kind = models.CharField(_("kind"), max_length=48)
    subject_kind = models.CharField(_("subject"), max_length=32)
    subject_key = models.CharField(_("key"), max_length=160)
    due_at = InstantField(_("due"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    opened_at = InstantField(_("opened"))
    settled_at = InstantField(_("settled"), null=True)
    # When the sweep runs that has it in hand; not stored.
    swept_at: datetime | None = None

    class Meta:
        db_table = "stores_deadline"
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="deadline_of_store_or_company",
                condition=models.Q(store_id__isnull=False, company_id__isnull=True)
                | models.Q(store_id__isnull=True, company_id__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["store_id", "kind", "subject_kind", "subject_key"],
                condition=models.Q(state="open", store_id__isnull=False),
                name="one_open_deadline_per_subject",
            ),
            models.UniqueConstraint(
                fields=["company_id", "kind", "subject_kind", "subject_key"],
                condition=models.Q(state="open", company_id__isnull=False),
                name="one_open_deadline_of_company",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at", "id"], condition=models.Q(state="open"), name="deadline_due"),
            # A store's first deadline of some kinds, however many of other kinds are due before it.
            models.Index(
                fields=["store_id", "kind", "due_at"], condition=models.Q(state="open"), name="deadline_due_by_kind"
            ),
            models.Index(fields=["store_id", "subject_kind", "subject_key"], name="deadline_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_key}"

    @property
    def subject(self) -> tuple[int, str]:
        """The id of the store or company, and the subject's key."""
        owner_id = self.company_id if self.store_id is None else self.store_id
        assert owner_id is not None
        return owner_id, self.subject_key


class DirtySubject(models.Model):
    """A subject whose stored rows changed since the facts were last brought up to date (MX-02). Rows are added in
    the transaction of the change; the run that takes one removes it in the transaction that applies it."""

    class Kind(models.TextChoices):
        ORDER = "order", pgettext_lazy("subject", "order")
        COMPLAINT = "complaint", pgettext_lazy("subject", "complaint")
        STORE = "store", pgettext_lazy("subject", "store")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    store_id = models.BigIntegerField()
    subject_id = models.BigIntegerField()

    class Meta:
        db_table = "stores_touched"
        verbose_name = _("dirty subject")
        verbose_name_plural = _("dirty subjects")

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"
