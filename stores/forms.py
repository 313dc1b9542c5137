"""Forms of people's own settings."""

from datetime import datetime
from functools import cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.utils.translation import gettext_lazy as _

from core.pages.formats import offset_name
from core.templatetags.ui import sentences
from stores.models import User
from stores.numbering import check_number
from stores.setup_token import is_setup_token

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


def new_password_field(label: Any, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"}), **options
    )


class JoinForm(forms.Form):
    """What somebody who was invited tells to open an account; the address is the invitation's."""

    name = forms.CharField(label=_("your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    password = new_password_field(_("password"))
    again = new_password_field(_("password again"))

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._email = email
        self.fields["password"].help_text = sentences(str(text) for text in password_validators_help_texts())

    def clean(self) -> dict[str, Any]:
        """Both passwords are one, and no easy one."""
        given = super().clean() or {}
        check_new_password(self, User(email=self._email, name=given.get("name", "")))
        return given


def check_new_password(form: forms.Form, person: User, prefix: str = "") -> None:
    """Add an error where the fields ``password`` and ``again`` differ, or hold a password that is too easy."""
    password, again = (form.cleaned_data.get(f"{prefix}{name}") for name in ("password", "again"))
    if not password:
        return
    try:
        validate_password(password, person)
    except forms.ValidationError as error:
        form.add_error(f"{prefix}password", error)
    if password != again:
        form.add_error(f"{prefix}again", _("The two passwords differ."))


class SetUpForm(forms.Form):
    """Who sets up an installation tells the token, the first company and its owner, and perhaps who runs it."""

    token = forms.CharField(
        label=_("set-up token"),
        max_length=200,
        help_text=_("It was printed when Dianwei was started, and stands in the file setup-token of its data folder."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    company_no = forms.CharField(
        label=_("company number"),
        max_length=64,
        validators=[check_number],
        help_text=_("As the company calls itself in files and addresses, such as ACME-1. It can't be changed later."),
    )
    company_name = forms.CharField(
        label=_("name"), max_length=200, widget=forms.TextInput({"autocomplete": "organization"})
    )
    name = forms.CharField(label=_("your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    email = forms.EmailField(label=_("e-mail address"), widget=forms.EmailInput({"autocomplete": "username"}))
    password = new_password_field(_("password"))
    again = new_password_field(_("password again"))
    staff_email = forms.EmailField(
        label=_("e-mail address"), required=False, widget=forms.EmailInput({"autocomplete": "off"})
    )
    staff_password = new_password_field(_("password"), required=False)
    staff_again = new_password_field(_("password again"), required=False)

    SECTIONS: ClassVar = {
        "company": ("company_no", "company_name"),
        "owner": ("name", "email", "password", "again"),
        "staff": ("staff_email", "staff_password", "staff_again"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = sentences(str(text) for text in password_validators_help_texts())
        self.fields["password"].help_text = self.fields["staff_password"].help_text = rules

    def section(self, name: str) -> list[forms.BoundField]:
        """The fields of a part of the page."""
        return [self[field] for field in self.SECTIONS[name]]

    def clean_token(self) -> str:
        token: str = self.cleaned_data["token"].strip()
        if not is_setup_token(token):
            raise forms.ValidationError(_("This is not the token of this installation."))
        return token

    def clean(self) -> dict[str, Any]:
        """Accounts have passwords of their own, which are no easy ones."""
        given = super().clean() or {}
        check_new_password(self, User(email=given.get("email", ""), name=given.get("name", "")))
        staff_email = given.get("staff_email", "")
        if staff_email:
            self._check_staff(staff_email, given.get("email", ""))
        elif given.get("staff_password"):
            self.add_error("staff_email", _("Whose password is it? Leave all three empty for no such account."))
        return given

    def _check_staff(self, staff_email: str, email: str) -> None:
        if staff_email.lower() == email.lower():
            self.add_error("staff_email", _("Choose another address than the owner's: each account has one task."))
        if not self.cleaned_data.get("staff_password"):
            self.add_error("staff_password", _("This account needs a password."))
        check_new_password(self, User(email=staff_email), "staff_")
