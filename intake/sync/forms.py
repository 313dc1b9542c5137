"""How often a source is expected to speak."""

from django import forms
from django.utils.translation import gettext_lazy as _

MOST_HOURS = 24 * 90


class IntervalForm(forms.Form):
    """Hours between two successes; empty leaves it to learning."""

    hours = forms.IntegerField(label=_("Expected every, hours"), required=False, min_value=1, max_value=MOST_HOURS)

    def seconds(self) -> int | None:
        hours: int | None = self.cleaned_data["hours"]
        return hours * 3600 if hours else None
