"""Forms for protected events (BX-01)."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals.models import ProtectedEvent
from appeals.rules import LEG_OF
from core.pages.formats import told_apart
from metrics.catalogue import METRICS
from orders.queries.names import carrier_names, category_names, site_names

# A deadline is not put off for longer.
MOST_HOURS = 24 * 60


def _choice(label: Any, help_text: Any = "") -> forms.MultipleChoiceField:
    widget = forms.SelectMultiple(attrs={"size": 8})
    return forms.MultipleChoiceField(label=label, required=False, help_text=help_text, widget=widget)


class ProtectedEventForm(forms.ModelForm[ProtectedEvent]):
    """What an event is, which orders it meets, and what it does for them."""

    starts_at = forms.SplitDateTimeField(label=gettext_lazy("begins"), widget=AdminSplitDateTime)
    ends_at = forms.SplitDateTimeField(label=gettext_lazy("ends"), widget=AdminSplitDateTime)
    carriers = _choice(gettext_lazy("carriers"), gettext_lazy("None chosen: whichever."))
    sites = _choice(gettext_lazy("sites"), gettext_lazy("None chosen: whichever."))
    categories = _choice(gettext_lazy("categories"), gettext_lazy("With what lies below them. None chosen: whichever."))
    extend_hours = forms.IntegerField(
        label=gettext_lazy("extend deadlines by, hours"), min_value=0, max_value=MOST_HOURS, initial=0
    )
    metrics = _choice(
        gettext_lazy("no failure of"), gettext_lazy("The orders stay in the denominators of these metrics.")
    )

    class Meta:
        model = ProtectedEvent
        fields = (
            "kind",
            "title",
            "reason",
            "starts_at",
            "ends_at",
            "carriers",
            "sites",
            "categories",
            "extend_hours",
            "metrics",
        )
        widgets: ClassVar = {"reason": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now: datetime = timezone.now()
        names = {
            "carriers": carrier_names(),
            "sites": site_names(now),
            "categories": category_names(),
            "metrics": {code: str(METRICS[code].title) for code in LEG_OF},
        }
        for name, known in names.items():
            field = self.fields.get(name)
            # Read-only pages have none. A code that has no name any more stays chosen.
            if isinstance(field, forms.MultipleChoiceField):
                kept = {code: code for code in getattr(self.instance, name)}
                field.choices = told_apart({**kept, **known}.items())

    def clean(self) -> dict[str, Any]:
        """An event ends after it begins, and does something."""
        given = super().clean() or {}
        start, end = given.get("starts_at"), given.get("ends_at")
        if start and end and end < start:
            self.add_error("ends_at", _("It ends before it begins."))
        if not given.get("extend_hours") and not given.get("metrics") and "extend_hours" in given:
            raise forms.ValidationError(_("Extend deadlines, or choose metrics of which the orders are no failure."))
        return given

    def columns(self) -> dict[str, Any]:
        """The values of the event's columns."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class WithdrawForm(forms.Form):
    """Why an event or a correction is taken back."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
