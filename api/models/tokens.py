"""Codes and tokens of grants. Only hashes are stored."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from api.models.clients import Grant
from core.fields import InstantField


class AuthorizationCode(models.Model):
    """What a browser carries from the consent page to the program: it is exchanged for tokens once."""

    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="codes")
    code_hash = models.CharField(max_length=64, unique=True)
    redirect_uri = models.TextField(_("redirect address"))
    code_challenge = models.CharField(max_length=128)
    expires_at = InstantField(_("valid until"), db_index=True)
    used_at = InstantField(_("used"), null=True)

    class Meta:
        verbose_name = _("authorization code")
        verbose_name_plural = _("authorization codes")

    def __str__(self) -> str:
        return f"{self.grant_id} {self.pk}"


class Token(models.Model):
    """An access or refresh token of a grant. A refresh token is used once: ``used_at`` says when it was exchanged, and
    ``parent`` of its successors leads back to it."""

    class Kind(models.TextChoices):
        ACCESS = "access", pgettext_lazy("kind of token", "access")
        REFRESH = "refresh", pgettext_lazy("kind of token", "refresh")

    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="tokens")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(_("beginning"), max_length=12)
    scopes = models.JSONField(_("scopes"), default=list)
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="successors")
    issued_at = InstantField(_("issued"))
    expires_at = InstantField(_("valid until"), db_index=True)
    used_at = InstantField(_("exchanged"), null=True)
    revoked_at = InstantField(_("revoked"), null=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.hint}…"
