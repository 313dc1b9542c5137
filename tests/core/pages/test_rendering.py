"""Fields as our renderer writes them are those of Django's own templates."""

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from core.pages.rendering import FieldRenderer

NASTY = "\"><script>alert('x')</script>&amp;"


class Everything(forms.Form):
    name = forms.CharField(max_length=64, required=False, widget=forms.SearchInput)
    mail = forms.EmailField(required=False, help_text="why")
    number = forms.IntegerField(min_value=1, required=False)
    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date", "data-x": NASTY, "hidden": True, "off": False}))
    kept = forms.CharField(widget=forms.HiddenInput, required=False)
    choice = forms.ChoiceField(
        choices=[("", gettext_lazy("all")), (NASTY, NASTY), ("b", mark_safe("<b>bold</b>")), (3, "three")]
    )
    grouped = forms.ChoiceField(choices=[("", "–"), ("Group & co", [("a", "A"), ("b", "B")])], disabled=True)
    long = forms.CharField(widget=forms.Textarea, required=False)
    several = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], required=False)


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {
            "name": NASTY,
            "mail": "x",
            "number": "0",
            "day": "2026-11-21",
            "kept": NASTY,
            "choice": NASTY,
            "grouped": "b",
        },
        {"choice": "3", "day": "never", "several": ["a", "b"], "long": NASTY},
    ],
)
def test_fields_are_what_djangos_templates_make(data: dict[str, object] | None) -> None:
    ours, theirs = (Everything(data, renderer=renderer()) for renderer in (FieldRenderer, DjangoTemplates))
    for name in Everything.base_fields:
        assert plain(str(ours[name])) == plain(str(theirs[name]))


def plain(html: str) -> str:
    """Without the white space between elements."""
    return re.sub(r">\s+<", "><", html.strip())
