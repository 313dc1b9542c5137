"""Forms of people's own settings."""

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.utils.translation import gettext_lazy as _

from core.pages.formats import offset_name
from core.templatetags.ui import sentences
from stores.models import User

# The zones that most people here work in come first; all others follow by name.
FIRST_ZONES = ("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Macau", "Asia/Taipei", "UTC")


@cache
def zone_names() -> list[str]:
    """Names of all zones, the frequent ones first; kept, because finding them reads the file system."""
    others = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [*FIRST_ZONES, *(name for name in others if name not in FIRST_ZONES)]


def zone_choices(now: datetime) -> list[tuple[str, str]]:
    """All named zones with their offset at ``now``."""
    return [(name, f"{name} ({offset_name(now.astimezone(ZoneInfo(name)))})") for name in zone_names()]


class ProfileForm(forms.ModelForm[User]):
    """A person's name, language and zone (DM-28). The e-mail address is vouched for by who made the account."""

    class Meta:
        model = User
        fields = ("name", "language", "time_zone")

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"] = forms.ChoiceField(label=_("language"), choices=settings.LANGUAGES)
        choices = zone_choices(now)
        present = self.instance.time_zone
        if present not in dict(choices):
            choices.append((present, present))
        self.fields["time_zone"] = forms.ChoiceField(label=_("time zone"), choices=choices)


class JoinForm(forms.Form):
    """What somebody who was invited tells to open an account; the address is the invitation's."""

    name = forms.CharField(label=_("your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    password = forms.CharField(
        label=_("password"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )
    again = forms.CharField(
        label=_("password again"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._email = email
        self.fields["password"].help_text = sentences(str(text) for text in password_validators_help_texts())

    def clean(self) -> dict[str, Any]:
        """Both passwords are one, and no easy one."""
        given = super().clean() or {}
        password = given.get("password")
        if password:
            try:
                validate_password(password, User(email=self._email, name=given.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
            if password != given.get("again"):
                self.add_error("again", _("The two passwords differ."))
        return given
