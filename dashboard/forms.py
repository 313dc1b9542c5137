"""Filters of the pages of stores, read from the address."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from core.pages.widgets import DayInput
from metrics.words import COUNTER_WORDS

SPANS = (30, 90, 180)


def parsed_day(text: str | None) -> date | None:
    """A day of an address (``2026-11-20``); None for anything else."""
    try:
        return parse_date(text or "")
    except ValueError:
        return None


def parsed_span(text: str | None) -> int:
    """The days a chart shows; 30 for anything but 30, 90 and 180."""
    return int(text) if text in {str(span) for span in SPANS} else SPANS[0]


class ProblemFilter(forms.Form):
    """Filters of problem orders. Choices are what occurs among them, so a choice never leads to nothing."""

    counter = forms.ChoiceField(label=_("Failure"), required=False)
    carrier = forms.ChoiceField(label=_("Carrier"), required=False)
    site = forms.ChoiceField(label=_("Site"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    first = forms.DateField(label=_("From"), required=False, widget=DayInput())
    last = forms.DateField(label=_("To"), required=False, widget=DayInput())
    # What the page around the list shows stays as it is.
    day = forms.CharField(required=False, widget=forms.HiddenInput())
    days = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, data: Any, *, counters: tuple[str, ...], occurring: dict[str, list[tuple[str, str]]]) -> None:
        super().__init__(data)
        fields = {"counter": [(name, COUNTER_WORDS[name]) for name in counters], **occurring}
        for name, choices in fields.items():
            field = self.fields[name]
            field.choices = [("", _("all")), *choices]  # type: ignore[attr-defined]
        if len(counters) < 2:
            del self.fields["counter"]

    def chosen(self) -> dict[str, Any]:
        """The filters that were given and make sense; others are left out, so a stale link still shows its list."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class WhatIfForm(forms.Form):
    """What is supposed of the next weeks, and which metric is looked at (BX-04)."""

    metric = forms.ChoiceField(label=_("Metric"), required=False)
    orders = forms.IntegerField(label=_("New orders a day"), required=False, min_value=0, max_value=1_000_000)
    failures = forms.IntegerField(
        label=_("Failures, % of the usual"), required=False, min_value=0, max_value=1_000, initial=100
    )
    ahead = forms.TypedChoiceField(label=_("Days ahead"), required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any, *, metrics: Sequence[tuple[str, Any]], ahead: Sequence[int]) -> None:
        super().__init__(data)
        self.fields["metric"].choices = metrics  # type: ignore[attr-defined]
        self.fields["ahead"].choices = [(days, str(days)) for days in ahead]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """What was given and makes sense; the rest is said by `errors` and goes as usual."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


class StoreFilter(forms.Form):
    """Filters of the list of all stores."""

    q = forms.CharField(label=_("Name or number"), required=False, widget=forms.TextInput(attrs={"type": "search"}))
    level = forms.ChoiceField(
        label=_("Worst metric"),
        required=False,
        choices=[("", _("all")), ("red", _("red")), ("yellow", _("yellow")), ("ok", _("ok"))],
    )
    notices = forms.ChoiceField(
        label=_("Open notices"),
        required=False,
        choices=[("", _("all")), ("any", _("with open notices")), ("red", _("with red notices"))],
    )
    due = forms.ChoiceField(
        label=_("Next step"),
        required=False,
        choices=[("", _("all")), ("0", _("overdue")), ("24", _("within 24 h")), ("72", _("within 3 days"))],
    )
    linked = forms.BooleanField(label=_("linked stores only"), required=False)
