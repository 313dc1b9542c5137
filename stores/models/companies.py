"""Companies, their members and their stores (DM-01, DM-10, DM-11)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import DayField, InstantField
from stores.numbering import check_number


class Company(models.Model):
    """A legal entity; stores of companies that share a licence or a controller are linked (DP-05)."""

    company_no = models.CharField(_("company number"), max_length=64, unique=True, validators=[check_number])
    name = models.CharField(_("name"), max_length=200)
    license_no = models.CharField(_("business licence"), max_length=64, blank=True)
    controller_id = models.CharField(_("actual controller"), max_length=64, blank=True)
    is_demo = models.BooleanField(_("demo data"), default=False)
    source_at = InstantField(null=True, editable=False)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role in a company (DM-01)."""

    class Role(models.TextChoices):
        OWNER = "owner", pgettext_lazy("role", "owner")
        MANAGER = "manager", pgettext_lazy("role", "manager")
        ANALYST = "analyst", pgettext_lazy("role", "analyst")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [models.UniqueConstraint(fields=["company", "user"], name="one_role_per_company")]

    def __str__(self) -> str:
        return f"{self.user} · {self.company} · {self.get_role_display()}"


class Invitation(models.Model):
    """An address that an owner invited into the company, with the role it gets there (PG-18). The link holds a token of
    which only the hash is stored; it works once, until ``expires_at``."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="invitations", db_index=False)
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=16, choices=Membership.Role.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = InstantField(_("created"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by")
    )
    expires_at = InstantField(_("valid until"))
    accepted_at = InstantField(_("accepted"), null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("accepted by")
    )
    withdrawn_at = InstantField(_("withdrawn"), null=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["company", "email"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation_per_address",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["company", "-created_at"], name="invitation_by_time")]

    def __str__(self) -> str:
        return f"{self.company_id} {self.pk}"


class Store(models.Model):
    """A shop on the platform. ``level``, ``primary_category`` and ``status`` hold today's values; what held on a
    past day is in `StorePeriod` (DM-11)."""

    class Level(models.TextChoices):
        BASIC = "basic", pgettext_lazy("level of a store", "basic")
        GOLD = "gold", pgettext_lazy("level of a store", "gold")
        PLATINUM = "platinum", pgettext_lazy("level of a store", "platinum")

    class Status(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("state of a store", "active")
        RESTRICTED = "restricted", pgettext_lazy("state of a store", "restricted")
        CLOSED = "closed", pgettext_lazy("state of a store", "closed")

    class Mode(models.TextChoices):
        GOVERNED = "governed", pgettext_lazy("mode of a store", "governed")
        MIRRORED = "mirrored", pgettext_lazy("mode of a store", "mirrored")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="stores")
    store_no = models.CharField(_("store number"), max_length=64, unique=True, validators=[check_number])
    name = models.CharField(_("name"), max_length=200)
    level = models.CharField(_("level"), max_length=16, choices=Level.choices, default=Level.BASIC)
    store_type = models.CharField(_("store type"), max_length=32, default="standard")
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.ACTIVE)
    mode = models.CharField(_("mode"), max_length=16, choices=Mode.choices, default=Mode.MIRRORED)
    opened_at = InstantField(_("opened"), null=True, blank=True)
    primary_category = models.CharField(_("primary category"), max_length=64, blank=True)
    kyc_verified = models.BooleanField(_("identity verified"), null=True)
    payout_account_bound = models.BooleanField(_("payout account bound"), null=True)
    tracking_auto_sync = models.BooleanField(_("tracking auto-sync"), null=True)
    source_at = InstantField(null=True, editable=False)

    class Meta:
        verbose_name = _("store")
        verbose_name_plural = _("stores")

    def __str__(self) -> str:
        return self.name


class StorePeriod(models.Model):
    """What a store's level, category and status were from ``effective_from`` on (DM-11). The first period of a
    store holds from day 0: nothing is known of an earlier one."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="periods")
    effective_from = DayField(_("from"))
    level = models.CharField(_("level"), max_length=16, choices=Store.Level.choices)
    primary_category = models.CharField(_("primary category"), max_length=64, blank=True)
    status = models.CharField(_("status"), max_length=16, choices=Store.Status.choices)

    class Meta:
        verbose_name = _("store period")
        verbose_name_plural = _("store periods")
        ordering: ClassVar = ["store", "effective_from"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "effective_from"], name="one_period_per_store_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.effective_from}"
