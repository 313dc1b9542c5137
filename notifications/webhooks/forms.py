"""Forms of webhooks (IX-23)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.outgoing import RefusedTargetError, parse_target
from core.pages.choices import set_choices
from notifications.models import WebhookEndpoint
from notifications.webhooks.endpoints import Wishes
from notifications.webhooks.kinds import declared_webhooks
from stores.models import Store


class WebhookForm(forms.Form):
    """Address, events and stores of an endpoint; no store ticked: all."""

    url = forms.CharField(
        label=_("Address"),
        max_length=2000,
        widget=forms.URLInput({"placeholder": "https://erp.example.com/dianwei", "autocomplete": "off"}),
    )
    kinds = forms.MultipleChoiceField(label=_("Events"), widget=forms.CheckboxSelectMultiple)
    stores = forms.MultipleChoiceField(
        label=_("Stores"), required=False, help_text=_("None ticked: all."), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any, *, stores: Sequence[Store], endpoint: WebhookEndpoint | None = None) -> None:
        initial = {}
        if endpoint is not None:
            chosen = [store.store_no for store in endpoint.stores.all()]
            initial = {"url": endpoint.url, "kinds": endpoint.kinds, "stores": chosen}
        super().__init__(data, initial=initial)
        self._stores = {store.store_no: store for store in stores}
        set_choices(self, "kinds", [(kind.name, kind.label) for kind in declared_webhooks()])
        set_choices(self, "stores", [(store.store_no, store.name) for store in stores])
        if len(stores) < 2:
            del self.fields["stores"]

    def clean_url(self) -> str:
        """An address that requests may go to; its host is looked up only when one does."""
        url = str(self.cleaned_data["url"]).strip()
        try:
            parse_target(url)
        except RefusedTargetError as error:
            raise forms.ValidationError(
                _("Enter a public address that begins with https://, without a user name, to a port that is allowed.")
            ) from error
        return url

    def wishes(self) -> Wishes:
        """What a valid form asks for."""
        stores = [self._stores[number] for number in self.cleaned_data.get("stores", ())]
        return Wishes(self.cleaned_data["url"], self.cleaned_data["kinds"], stores)
