"""The filters of the reviews desk, read from the address (PG-09)."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.pages.widgets import DayInput
from orders.models import Review
from orders.queries.review_list import DIMENSIONS, Part, ReviewFilters

ANY = ("", _("all"))
NAMES = [(field.name, field.verbose_name) for field in Review._meta.concrete_fields if field.name in DIMENSIONS]


class ReviewFilterForm(forms.Form):
    """Bound to the query string; what makes no sense is left out."""

    stars = forms.TypedChoiceField(
        label=_("Stars"), required=False, coerce=int, empty_value=None, choices=[ANY, *((n, n) for n in range(1, 6))]
    )
    dimension = forms.ChoiceField(label=_("Dimension"), required=False, choices=[ANY, *NAMES])
    sku = forms.CharField(label=_("Listing (SKU)"), required=False, max_length=120)
    first = forms.DateField(label=_("From"), required=False, widget=DayInput())
    last = forms.DateField(label=_("To"), required=False, widget=DayInput())
    part = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, part: Part) -> None:
        super().__init__(data)
        self.initial = {"part": part.value}
        if part == Part.SYSTEM:
            del self.fields["stars"], self.fields["dimension"]

    def filters(self) -> ReviewFilters:
        """What was asked for; days are days of the viewer's zone."""
        self.full_clean()
        given = self.cleaned_data
        sku, last = given.get("sku", "").strip(), given.get("last")
        return ReviewFilters(
            stars=given.get("stars"),
            dimension=given.get("dimension", ""),
            sku="" if "\x00" in sku else sku,
            first=_start(given.get("first")),
            end=_start(last + timedelta(days=1)) if last and last < date.max else None,
        )


def _start(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, timezone.get_current_timezone()) if day else None
