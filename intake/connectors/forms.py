"""Forms of connections (IX-25)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.pages.choices import set_choices
from intake.connectors.kinds import ConnectorKind


class ApplicationForm(forms.Form):
    """The application that a seller made at the platform."""

    app_key = forms.RegexField(
        r"^[0-9A-Za-z]{4,64}$", label=_("App Key"), widget=forms.TextInput({"autocomplete": "off"})
    )
    app_secret = forms.CharField(
        label=_("App Secret"),
        max_length=200,
        help_text=_("It is kept encrypted and never shown again."),
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )
    region = forms.ChoiceField(label=_("Region"))

    def __init__(self, data: Any, *, kind: ConnectorKind, app_key: str = "") -> None:
        super().__init__(data, initial={"app_key": app_key})
        set_choices(self, "region", [(code, str(label)) for code, label in kind.regions.items()])


class CodeForm(forms.Form):
    """The code of an authorisation, where the browser could not be led back."""

    code = forms.CharField(
        label=_("Authorisation code"),
        max_length=200,
        help_text=_("It stands behind “code=” in the address to which the platform leads, and lives 30 minutes."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
