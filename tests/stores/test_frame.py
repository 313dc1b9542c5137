"""The tabs of a store stay on the pages beside it (PG-16, PG-17, RL-08)."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from stores.models import Company
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]
BESIDE = ("intake:index", "rulebook:index", "rulebook:versions")


def tabs(client: Client, name: str) -> list[str]:
    """The addresses of the main navigation."""
    html = client.get(reverse(name)).content.decode()
    navigation = html[html.index('<nav class="nav"') :].partition("</nav>")[0]
    return re.findall(r'href="([^"]+)"', navigation)


@pytest.mark.rule("PG-16", "PG-17")
@pytest.mark.parametrize("name", BESIDE)
def test_tabs_of_the_store_looked_at_last_stay_on_data_and_rulebook(name: str) -> None:
    store = make_store("S 1")
    seller = client_of(make_person("owner", store.company))
    everything = [reverse("dashboard:stores"), reverse("intake:index"), reverse("rulebook:index")]
    assert tabs(seller, name) == everything
    assert seller.get(reverse("dashboard:orders", args=[store.store_no])).status_code == 200
    below = [reverse(f"{page}", args=[store.store_no]) for page in ("dashboard:panel", "notifications:list")]
    assert seller.get(reverse("dashboard:orders", args=[store.store_no])).status_code == 200
    below = [reverse(f"{page}", args=[store.store_no]) for page in ("dashboard:panel", "notifications:list")]
    assert tabs(seller, name)[:2] == below
    assert tabs(seller, "dashboard:stores") == everything


@pytest.mark.rule("RL-08")
@pytest.mark.parametrize("number", ["S1", "nowhere", "%00", "%E5%BA%97", "S1%2F.."])
def test_cookie_names_no_store_that_the_person_may_not_see(number: str) -> None:
    make_store("S1")
    stranger = client_of(make_person("stranger", Company.objects.create(company_no="C9", name="Others")))
    stranger.cookies["store"] = number
    assert tabs(stranger, "intake:index")[0] == reverse("dashboard:stores")
