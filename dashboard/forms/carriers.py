"""The filter of the carriers compared: one lane, the destination of the orders."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class LaneForm(forms.Form):
    """Bound to the query string; an unknown site filters nothing."""

    site = forms.ChoiceField(label=gettext_lazy("Destination"), required=False)
    day = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, sites: Mapping[str, str]) -> None:
        super().__init__(data)
        field = self.fields["site"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("all")), *sites.items()]

    def asked_site(self) -> str:
        """The code of the site, empty for all."""
        self.full_clean()
        return str(self.cleaned_data.get("site", ""))
