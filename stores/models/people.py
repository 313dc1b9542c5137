"""People who sign in (DM-01, DM-02)."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class PersonManager(UserManager["User"]):
    """Creates people by e-mail address: nobody chooses a user name."""

    def _create_user(self, username: Any, email: str | None, password: str | None, **extra: Any) -> "User":
        email = self.normalize_email(email or username).lower()
        return super()._create_user(email, email, password, **extra)  # type: ignore[misc,no-any-return]

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":  # type: ignore[override]
        extra.setdefault("is_staff", False)
        extra.setdefault("is_superuser", False)
        return self._create_user(None, email, password, **extra)

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":  # type: ignore[override]
        extra.update(is_staff=True, is_superuser=True)
        return self._create_user(None, email, password, **extra)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractUser):
    """A seller's member or a member of operations staff; signs in with the e-mail address."""

    username = models.CharField(max_length=254, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    language = models.CharField(_("language"), max_length=12, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = PersonManager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        self.username = self.email
        super().save(*args, **kwargs)


class ShownCode(models.Model):
    """A period of 30 seconds whose code of the person's authenticator app was shown: it counts no second time."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="shown_codes")
    counter = models.BigIntegerField()

    class Meta:
        verbose_name = _("code shown")
        verbose_name_plural = _("codes shown")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "counter"], name="code_shown_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.counter}"
