"""Filters of the order list that a person keeps under a name (PG-06)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stores.models import SavedFilter, Store
from stores.services import filters
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only, pytest.mark.rule("PG-06")]
QUERY = "tab=ship&site=RU&carrier=&earlier=1.2&sort=-ship"


def save(client: Client, store: Store, **given: str) -> Any:
    return client.post(reverse("dashboard:saved_filters", args=[store.store_no]), given)


def chips(client: Client, store: Store, query: str = "") -> list[tuple[str, bool]]:
    page = client.get(f"{reverse('dashboard:orders', args=[store.store_no])}?{query}")
    return [(chip.name, chip.current) for chip in page.context["saved"].chips]


def test_filters_are_kept_by_name_and_shown_as_the_current_ones() -> None:
    store = make_store("S1")
    analyst = client_of(make_person("analyst", store.company, "analyst"))
    response = save(analyst, store, name=" Russia, small ", query=QUERY)
    assert response["Location"] == "/stores/S1/orders/?site=RU&sort=-ship&tab=ship"
    save(analyst, store, name="All", query="tab=all")
    assert chips(analyst, store, QUERY) == [("All", False), ("Russia, small", True)]
    save(analyst, store, name="All", query="tab=dispute")
    assert SavedFilter.objects.get(name="All").query == "tab=dispute"


@pytest.mark.rule("RL-08")
def test_filters_are_a_persons_own() -> None:
    store = make_store("S1")
    mine, colleague = (client_of(make_person(name, store.company)) for name in ("mine", "colleague"))
    save(mine, store, name="Mine", query=QUERY)
    kept = SavedFilter.objects.get()
    assert chips(colleague, store) == []
    save(colleague, store, remove=str(kept.pk))
    assert chips(mine, store) == [("Mine", False)]
    save(mine, store, remove=str(kept.pk))
    save(mine, store, remove="99999999999999999999")
    assert chips(mine, store) == []


def test_no_more_are_kept_than_fit_on_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "MOST_SAVED", 1)
    store = make_store("S1")
    owner = client_of(make_person("owner", store.company))
    for name in ("First", "Second", "", "x" * 41, "\x00"):
        save(owner, store, name=name, query=QUERY)
    assert list(SavedFilter.objects.values_list("name", flat=True)) == ["First"]
