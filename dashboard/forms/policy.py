"""What belongs to a draft of a policy version as a whole, and files that drafts are made of (DM-30)."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from django import forms
from django.utils.translation import gettext_lazy as _

from rulebook.policy.build import ENTRY_FIELDS, Data, entry_problems
from rulebook.revision import changed_entry

MOST_BYTES = 2_000_000
MOST_DEEP = 6
MINUTES = "%Y-%m-%dT%H:%M"


class DraftForm(forms.Form):
    """When a version comes into force, and why."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    effective_from = forms.DateTimeField(
        label=_("effective from"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MINUTES),
    )
    note = forms.CharField(label=_("note"), required=False, max_length=2_000, strip=True)


class ReasonForm(forms.Form):
    """Why a submitted draft goes back."""

    reason = forms.CharField(label=_("Reason"), max_length=2_000)


class PolicyFileForm(forms.Form):
    """Parameters as a JSON file: values by key, or whole entries as in the file of a version."""

    file = forms.FileField(label=_("JSON file"))

    def __init__(self, *args: Any, base: Data, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._base = base

    def clean_file(self) -> dict[str, Any]:
        upload = self.cleaned_data["file"]
        if (upload.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("The file is too large."))
        given = _read(upload.read())
        changes = {key: _entry(self._base, key, value) for key, value in given.items()}
        if problems := entry_problems(changes):
            raise forms.ValidationError([str(problem) for problem in problems[:10]])
        return changes


def _read(content: bytes) -> dict[str, Any]:
    try:
        given = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse)
        # Neither database takes lone surrogates, nor PostgreSQL the character 0.
        text = json.dumps(given, ensure_ascii=False)
        text.encode()
    except (ValueError, RecursionError) as error:
        raise forms.ValidationError(_("The file is no JSON that can be read.")) from error
    if "\\u0000" in text or not isinstance(given, dict) or _depth(given) > MOST_DEEP:
        raise forms.ValidationError(_("The file has to hold parameters by their keys."))
    return given


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)


def _entry(base: Data, key: str, value: Any) -> Any:
    if isinstance(value, Mapping) and set(value) == ENTRY_FIELDS:
        return value
    return changed_entry(base, key, value)
