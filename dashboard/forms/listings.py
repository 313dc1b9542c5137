"""The filters of the page of listings (PG-14)."""

from collections.abc import Collection

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from disputes.presenters.listing_words import CHECK_WORDS
from disputes.queries.listings import EVERY, PARTS, ListingQuery
from disputes.rules.listing_check import Check
from stores.models import Store

CHECKS = {check.name.lower(): check for check in CHECK_WORDS if check.name}


class ListingFilterForm(forms.Form):
    """Bound to the query string."""

    part = forms.CharField(required=False, widget=forms.HiddenInput)
    notice = forms.CharField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(label=_("SKU or title"), required=False, widget=forms.SearchInput)
    check = forms.ChoiceField(
        label=pgettext_lazy("listing", "Finding"),
        required=False,
        choices=[("", _("all")), *((name, CHECK_WORDS[check]) for name, check in CHECKS.items())],
    )

    def query(self, store: Store, skus: Collection[str] | None) -> ListingQuery:
        """The filters that can be read; the others filter nothing."""
        self.is_valid()
        part = self.cleaned_data.get("part", "")
        check: Check | None = CHECKS.get(self.cleaned_data.get("check", ""))
        text = self.cleaned_data.get("q", "").replace("\x00", "").strip()
        return ListingQuery(store, part if part in PARTS else EVERY, check, skus, text)
