"""The staff's first page: what waits, and the tables by what reviewers do with them (PG-20)."""

import re

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from config.staffhome import GROUPS
from metrics.models import RatingFreeze, Run
from stores.models import Store
from stores.roles import POLICY_EDITOR, REVIEWER
from tests.notifications.build import DAY, NIGHT, judged, make_store
from tests.stores.people import client_of, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.rule("PG-20")]


def home(client: Client) -> str:
    client.cookies["language"] = "en"
    return re.sub(r"\s+", " ", client.get(reverse("admin:index")).content.decode())


def captions(html: str) -> list[str]:
    return re.findall(r"<caption>(.*?)</caption>", html)


def test_tables_are_grouped_by_what_reviewers_do() -> None:
    html = home(client_of(make_staff("judge", REVIEWER)))
    assert captions(html) == [
        "Decide and review", "Look into a store", "Nights and figures", "Rules", "People and access", "Everything else",
    ]  # fmt: skip
    first = html[: html.index("Look into a store")]
    assert "Rating freezes" in first
    assert "Order lines" not in first
    for model in admin.site._registry:
        name = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert html.count(f'<th scope="row"><a href="{name}">') <= 1


def test_every_table_that_a_group_names_is_there() -> None:
    known = {f"{model._meta.app_label}.{model._meta.object_name}" for model in admin.site._registry}
    named = [name for group in GROUPS for name in group.models]
    assert set(named) <= known
    assert len(named) == len(set(named))


def test_what_waits_leads_to_as_many_rows() -> None:
    judged(make_store("S1"), odr="red", late_dispatch="red", dispute_rate="yellow")
    Run.objects.create(job="performance", day=DAY, stage="facts", state="failed")
    RatingFreeze.objects.create(store=Store.objects.get(), start_day=DAY, opened_at=NIGHT, policy_version=1)
    client = client_of(make_staff("judge", REVIEWER))
    links = re.findall(r'<li><a href="([^"]+)">(\d+) ([^<]+)</a></li>', home(client))
    assert {text: int(count) for _url, count, text in links} == {
        "active rating freezes": 1,
        "unopened red notices": 2,
        "failed parts of nightly runs": 1,
    }
    for url, count, _text in links:
        listed = client.get(url.replace("&amp;", "&")).context["cl"]
        assert listed.result_count == int(count), url


def test_nothing_waits_in_an_empty_installation() -> None:
    Run.objects.all().delete()
    assert "Nothing waits now." in home(client_of(make_staff("judge", REVIEWER)))


@pytest.mark.rule("DM-30")
def test_shipped_policy_version_holds_from_the_beginning() -> None:
    client = client_of(make_staff("editor", POLICY_EDITOR))
    client.cookies["language"] = "en"
    pages = [reverse("admin:rulebook_policyversion_changelist"), reverse("rulebook:versions")]
    pages.append(reverse("rulebook:version", args=[1]))
    for address in pages:
        html = client.get(address).content.decode()
        assert "from the beginning" in html
        assert "1970" not in html
