"""The form of the rulebook's page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rulebook.reading import family_names


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
