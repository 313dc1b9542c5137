"""Suspicions that a person of operations looks into (TM-07, PN-35, AF-12)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import InstantField
from stores.claims import ClaimedModel
from stores.models import Store


class RiskCase(ClaimedModel):
    """Something about a store that operations confirm or dismiss. ``kind`` is one that an app declares
    (`orders.cases`), ``subject_key`` the number of the order, review or message thread that it is about.

    ``facts``: what was found, as the kind reads it. ``dedupe``: what is the same cause of the same subject; a second
    case of it is never opened. ``due_at``: until when it is to be decided, None for as soon as it is its turn.
    ``code`` is the reason from the list, ``reason`` the text beside it; ``outcome``: what the confirmation brought, as
    the kind's consequence reads it (`orders.cases`)."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("state of a case", "open")
        CONFIRMED = "confirmed", pgettext_lazy("state of a case", "confirmed")
        DISMISSED = "dismissed", pgettext_lazy("state of a case", "dismissed")

    class Reason(models.TextChoices):
        """The reasons of either verdict: those of a confirmation first."""

        PROVEN = "proven", _("The facts prove it")
        REPEATED = "repeated", _("It has happened before")
        UNEXPLAINED = "unexplained", _("The store has no explanation that holds")
        NOT_PROVEN = "not_proven", _("The facts do not prove it")
        EXPLAINED = "explained", _("There is an explanation that holds")
        WRONG_DATA = "wrong_data", _("The data of the source are wrong")

    CONFIRMING: ClassVar = (Reason.PROVEN, Reason.REPEATED, Reason.UNEXPLAINED)
    DISMISSING: ClassVar = (Reason.NOT_PROVEN, Reason.EXPLAINED, Reason.WRONG_DATA)

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(_("kind"), max_length=32)
    subject_kind = models.CharField(_("subject"), max_length=32)
    subject_key = models.CharField(_("key"), max_length=160)
    facts = models.JSONField(_("facts"), default=dict)
    dedupe = models.CharField(_("cause"), max_length=200)
    opened_at = InstantField(_("opened"))
    due_at = InstantField(_("due"), null=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    decided_at = InstantField(_("decided"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )
    code = models.CharField(_("reason from the list"), max_length=24, choices=Reason.choices, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    outcome = models.JSONField(_("consequence"), default=dict)

    class Meta:
        verbose_name = _("risk case")
        verbose_name_plural = _("risk cases")
        permissions: ClassVar = [
            ("decide_riskcase", _("Can decide risk cases")),
            ("reassign_riskcase", _("Can hand over risk cases that others have claimed")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "kind", "dedupe"], name="risk_case_once_per_cause"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["opened_at"], condition=models.Q(state="open"), name="risk_case_open"),
            models.Index(fields=["store", "subject_kind", "subject_key"], name="risk_case_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_key}"
