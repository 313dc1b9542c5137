"""What is supposed of a store, read from the address (BX-04)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.pages.choices import set_choices


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
        set_choices(self, "metric", metrics)
        set_choices(self, "ahead", [(days, str(days)) for days in ahead])

    def chosen(self) -> dict[str, Any]:
        """What was given and makes sense; the rest is said by `errors` and goes as usual."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
