"""Forms of API clients and of consent (IX-20, PG-16)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from api.scopes import SCOPES
from core.pages.choices import set_choices
from stores.models import Store


class GrantForm(forms.Form):
    """Stores and scopes to tick, of those that are offered. All scopes are ticked at first, and a single store."""

    stores = forms.MultipleChoiceField(
        label=_("Stores"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one store.")},
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one.")},
    )

    def __init__(
        self, data: Any, *, stores: Sequence[Store], scopes: Sequence[str], ticked: Sequence[str] | None = None
    ) -> None:
        one = [store.store_no for store in stores] if len(stores) == 1 else []
        super().__init__(data, initial={"stores": one, "scopes": list(scopes if ticked is None else ticked)})
        self._stores = {store.store_no: store for store in stores}
        set_choices(self, "stores", [(store.store_no, store.name) for store in stores])
        set_choices(self, "scopes", [(scope, SCOPES[scope]) for scope in scopes])

    def chosen_stores(self) -> list[Store]:
        """The stores that a valid form ticks."""
        return [self._stores[number] for number in self.cleaned_data["stores"]]
