"""What the platform itself published about a mirrored store, entered by hand (IX-08)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.pages.choices import set_choices
from core.pages.widgets import DayInput, MinuteInput
from notifications.models import LEVELS
from notifications.titles import title_of
from stores.models import Store

# How many times the stored value the platform's page shows: shares as percent.
SCALES = {"share": 100}


class PlatformNoticeForm(forms.Form):
    """A notice of the platform."""

    number = forms.CharField(label=gettext_lazy("Number of the platform's notice"), max_length=64)
    metric = forms.ChoiceField(label=gettext_lazy("Metric"))
    level = forms.ChoiceField(label=gettext_lazy("Level"), choices=LEVELS)
    triggered_at = forms.DateTimeField(label=gettext_lazy("Issued"), widget=MinuteInput())
    state = forms.CharField(label=gettext_lazy("State in the platform's words"), max_length=32, required=False)

    def __init__(self, data: Any, *, at: datetime, metrics: list[str], initial: Any = None) -> None:
        super().__init__(data, initial=initial, auto_id="notice_%s")
        self.at = at
        set_choices(self, "metric", _choices(metrics))

    def clean_triggered_at(self) -> datetime:
        """A platform has issued it by now."""
        triggered_at: datetime = self.cleaned_data["triggered_at"]
        if triggered_at > self.at:
            raise ValidationError(_("This lies in the future."))
        return triggered_at

    def row(self, store: Store) -> dict[str, Any]:
        """The row of the bundle's file; call it on a valid form."""
        given = self.cleaned_data
        return {**given, "store_no": store.store_no, "triggered_at": given["triggered_at"].isoformat()}


class PlatformFigureForm(forms.Form):
    """A figure of the platform."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=DayInput())
    metric = forms.ChoiceField(label=gettext_lazy("Metric"))
    value = forms.DecimalField(
        label=gettext_lazy("Value as the platform shows it"),
        help_text=gettext_lazy("Shares in percent: 6.19 for 6.19 %."),
        max_digits=20,
        decimal_places=8,
    )

    def __init__(self, data: Any, *, at: datetime, units: Mapping[str, str], initial: Any = None) -> None:
        super().__init__(data, initial=initial, auto_id="figure_%s")
        self.at, self.units = at, units
        set_choices(self, "metric", _choices(list(units)))

    def clean_day(self) -> Any:
        """A platform publishes no figure of a day to come."""
        day = self.cleaned_data["day"]
        if day > self.at.date():
            raise ValidationError(_("This lies in the future."))
        return day

    def row(self, store: Store) -> dict[str, Any]:
        """The row of the bundle's file; call it on a valid form."""
        code = self.cleaned_data["metric"]
        return {
            "store_no": store.store_no,
            "day": self.cleaned_data["day"].isoformat(),
            "metric": code,
            "value": self.cleaned_data["value"] / SCALES.get(self.units[code], 1),
        }


def _choices(codes: list[str]) -> list[tuple[str, object]]:
    return [(code, title_of(code)) for code in codes]
