"""Forms of one parcel: dispatch, a further parcel, another number (PG-06, DM-17)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.identifiers import LONGEST_NUMBER, canonical
from stores.models import Carrier, RegisteredCarrier, Store

# Positions from which it matters which parcel holds which.
SEVERAL = 2


class ParcelForm(forms.Form):
    """Carrier and number; the store's registered carriers stand first (TM-18)."""

    carrier = forms.ChoiceField(label=_("Carrier"))
    number = forms.CharField(label=_("Tracking number"), max_length=LONGEST_NUMBER)

    def __init__(self, data: Any = None, *, store: Store, **more: Any) -> None:
        super().__init__(data, **more)
        registered = set(RegisteredCarrier.objects.filter(store=store).values_list("carrier_code", flat=True))
        named = list(Carrier.objects.order_by("name").values_list("code", "name"))
        own = [choice for choice in named if choice[0] in registered]
        others = [choice for choice in named if choice[0] not in registered]
        choices: list[Any] = [("", "–"), *own]
        field = self.fields["carrier"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*choices, (_("not registered"), others)] if own else [*choices, *others]

    def clean_number(self) -> str:
        """The number in its canonical form."""
        return canonical(self.cleaned_data["number"])


class FurtherParcelForm(ParcelForm):
    """With the positions of the order that are in it."""

    lines = forms.TypedMultipleChoiceField(
        label=_("What is in it"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, lines: Iterable[tuple[int, str]] = (), **more: Any) -> None:
        super().__init__(data, **more)
        field, offered = self.fields["lines"], list(lines)
        assert isinstance(field, forms.ChoiceField)
        field.choices = offered
        if len(offered) < SEVERAL:
            del self.fields["lines"]

    def positions(self) -> tuple[int, ...]:
        """The chosen positions."""
        return tuple(self.cleaned_data.get("lines", ()))
