"""Addresses of rows are those that `reverse` makes."""

import pytest
from django.urls import reverse

from core.pages.addresses import address_maker

pytestmark = pytest.mark.sqlite_only


@pytest.mark.parametrize(
    "number", ["8000110001", "A B", "Ü/1", "a?b#c", "100%", "x:y@z~", "<i>", "=1+2", "0-last-part-0"]
)
@pytest.mark.parametrize("store", ["S1", "S 1", "0-last-part-0"])
def test_addresses_are_those_of_reverse(store: str, number: str) -> None:
    assert address_maker("dashboard:order", store)(number) == reverse("dashboard:order", args=[store, number])
