"""API clients of companies and the grants that owners gave them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import InstantField
from stores.models import Company, Store


class ApiClient(models.Model):
    """A program that an owner registered for the company.

    Of its secret only the hash is stored, and the beginning to tell it by. ``former_hash`` is accepted until
    ``former_until``. Events name the program by ``client_id``.
    """

    class Kind(models.TextChoices):
        OWN = "own", pgettext_lazy("kind of API client", "own program")
        ERP = "erp", pgettext_lazy("kind of API client", "ERP or web service")
        NATIVE = "native", pgettext_lazy("kind of API client", "program on a computer or phone")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="api_clients")
    client_id = models.CharField(_("client ID"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    redirect_uris = models.JSONField(_("redirect addresses"), default=list)
    secret_hash = models.CharField(max_length=64, blank=True, editable=False)
    secret_hint = models.CharField(_("beginning of the secret"), max_length=12, blank=True)
    former_hash = models.CharField(max_length=64, blank=True, editable=False)
    former_until = InstantField(_("former secret until"), null=True)
    created_at = InstantField(_("registered"))
    revoked_at = InstantField(_("revoked"), null=True)

    class Meta:
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        permissions: ClassVar = [("revoke_apiclient", _("Can revoke API clients"))]

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """What an owner granted a client: stores of the client's company and scopes.

    It stands on the owner: once they own the company no more, or their account is closed, it ends.
    """

    class End(models.TextChoices):
        REVOKED = "revoked", pgettext_lazy("end of a grant", "revoked")
        REPLACED = "replaced", pgettext_lazy("end of a grant", "replaced by a newer one")
        PROGRAM = "program", pgettext_lazy("end of a grant", "given back by the program")
        OWNER = "owner", pgettext_lazy("end of a grant", "the owner who gave it is none any more")
        CODE = "code", pgettext_lazy("end of a grant", "its code was used twice")
        REFRESH = "refresh", pgettext_lazy("end of a grant", "a refresh token was used twice")

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="grants")
    stores = models.ManyToManyField(Store, related_name="+", verbose_name=_("stores"))
    scopes = models.JSONField(_("scopes"), default=list)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("granted by")
    )
    granted_at = InstantField(_("granted"))
    last_used_at = InstantField(_("last used"), null=True)
    ended_at = InstantField(_("ended"), null=True)
    end = models.CharField(_("reason of the end"), max_length=8, choices=End.choices, blank=True)

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["client", "granted_by"],
                condition=models.Q(ended_at=None),
                name="one_live_grant_per_client_and_owner",
            )
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.pk}"
