"""Forms of the staff pages of metrics."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from metrics.catalogue import Calendar
from metrics.rules.days import last_complete_day


class EndFreezeForm(forms.Form):
    """Why a reviewer ends a freeze of a rating (SR-06)."""

    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class RerunForm(forms.Form):
    """Which night is run again (MX-03)."""

    calendar = forms.ChoiceField(choices=[(calendar.value, calendar.value) for calendar in Calendar])
    day = forms.DateField()

    def clean_day(self) -> date:
        """A day that is over."""
        day: date = self.cleaned_data["day"]
        calendar = self.cleaned_data.get("calendar")
        if calendar and day > last_complete_day(timezone.now(), Calendar(calendar)):
            raise forms.ValidationError(_("This day is not over."))
        return day
