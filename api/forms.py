"""Forms of API clients and of consent (IX-20, PG-16)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from api.rules import is_redirect_uri
from api.scopes import SCOPES
from core.pages.choices import set_choices
from stores.models import Store

MOST_URIS = 10


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


class ClientForm(forms.Form):
    """Name and redirect addresses of a program that asks for access itself."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("As you will recognise it later."))
    redirect_uris = forms.CharField(
        label=_("Redirect addresses"),
        max_length=4000,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        help_text=_("One a line, exactly as the program names them, such as https://erp.example.com/dianwei/callback."),
    )

    def clean_redirect_uris(self) -> list[str]:
        """The addresses, each once."""
        uris = list(dict.fromkeys(str(self.cleaned_data["redirect_uris"]).split()))
        wrong = [uri for uri in uris if not is_redirect_uri(uri)]
        if wrong:
            raise forms.ValidationError(
                _("%(uri)s can't be used: take https://, http://127.0.0.1 or a scheme such as com.example.erp:."),
                params={"uri": wrong[0]},
            )
        if len(uris) > MOST_URIS:
            raise forms.ValidationError(_("At most %(count)s addresses."), params={"count": MOST_URIS})
        return uris


class OwnProgramForm(GrantForm):
    """Name, stores and scopes of a program of the company's own."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("As you will recognise it later."))
    field_order = ("name", "stores", "scopes")
