"""Forms of the rulebook's page and of the policy editor."""

import json
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rulebook.models import PolicyVersion
from rulebook.queries import latest_version, whole_data
from rulebook.reading import family_names
from rulebook.revision import changed_data
from rulebook.services import refusals


class RuleFilterForm(forms.Form):
    """Filters of the rulebook; all of them live in the address."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100, widget=forms.TextInput({"type": "search"}))
    family = forms.ChoiceField(label=_("Chapter"), required=False)
    assumptions = forms.BooleanField(label=_("Assumptions only"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(family, f"{family} · {name}") for family, name in family_names()]
        self.fields["family"] = forms.ChoiceField(
            label=_("Chapter"), required=False, choices=[("", _("All chapters")), *names]
        )


class PolicyVersionForm(forms.ModelForm[PolicyVersion]):
    """A new version: the latest one with changed keys, checked whole before it is published (DM-30)."""

    effective_from = forms.DateTimeField(
        label=_("effective from"), help_text=_("In your time zone, as 2027-01-01 00:00. It must lie in the future.")
    )
    note = forms.CharField(
        label=_("note"), required=False, widget=forms.Textarea({"rows": 3}), help_text=_("Why the rules change.")
    )
    changes = forms.JSONField(
        label=_("changed parameters"),
        required=False,
        widget=forms.Textarea({"rows": 12, "class": "vLargeTextField"}),
        help_text=_(
            'JSON: {"metrics.odr.red": "0.012"}. A bare value keeps rules, source and assumption flag; an object with '
            "value, rules, source and assumption replaces them. Decimals stand in quotes."
        ),
    )
    file = forms.FileField(
        label=_("or a JSON file"), required=False, help_text=_("The same as a file; both together are merged.")
    )
    removed = forms.CharField(
        label=_("removed parameters"),
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("One key per line, such as calendar.years.2027.off once that year is announced."),
    )

    class Meta:
        model = PolicyVersion
        fields = ("effective_from", "note")

    author = ""
    policy_data: dict[str, Any]

    def clean_file(self) -> dict[str, Any]:
        upload = self.cleaned_data["file"]
        if upload is None:
            return {}
        try:
            given: dict[str, Any] = json.loads(upload.read().decode("utf-8-sig"))
        except ValueError as error:
            raise forms.ValidationError(_("The file is not JSON: %(error)s"), params={"error": error}) from error
        return given

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        changes, uploaded = cleaned["changes"] or {}, cleaned["file"]
        if not isinstance(changes, dict) or not isinstance(uploaded, dict):
            raise forms.ValidationError(_("Changed parameters are an object of keys and values."))
        removed = cleaned["removed"].split()
        if not (changes or uploaded or removed):
            raise forms.ValidationError(_("Nothing is changed."))
        self._check({**uploaded, **changes}, removed, cleaned["effective_from"])
        return cleaned

    def _check(self, changes: dict[str, Any], removed: list[str], effective_from: datetime) -> None:
        try:
            self.policy_data = changed_data(whole_data(latest_version()), changes, removed)
        except KeyError as error:
            raise forms.ValidationError(_("%(key)s: no such parameter"), params={"key": error.args[0]}) from error
        reasons = refusals(data=self.policy_data, effective_from=effective_from, author=self.author, at=timezone.now())
        if reasons:
            raise forms.ValidationError(reasons)
