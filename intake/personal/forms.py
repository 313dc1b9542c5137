"""Which buyer of which company is asked for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.personal.queries import erasable_companies
from stores.models import Company
from stores.principals import Principal


class BuyerForm(forms.Form):
    """A company whose data the person may hand out or erase, and a buyer's reference or an order number."""

    company: forms.ModelChoiceField[Company] = forms.ModelChoiceField(
        label=_("Company"), queryset=None, to_field_name="company_no", empty_label=None
    )
    buyer = forms.CharField(label=_("Buyer reference or order number"), max_length=64)

    def __init__(self, *args: Any, principal: Principal, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["company"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = erasable_companies(principal)
