"""The pages of metrics: content, access and number of queries (PG-02 … PG-05)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import orjson
import plotly.graph_objects
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from disputes.models import Dispute
from disputes.services.clocks import derive_dispute_clocks
from metrics.catalogue import METRICS
from metrics.models import Fact
from metrics.services.night import run_night
from orders.models import Order
from stores.models import Company, Membership, User
from tests.metrics.pages import NOW, TODAY, Made, make_store_with_facts
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def company() -> Company:
    return Company.objects.create(company_no="C1", name="Company", license_no="L1", controller_id="K1")


@pytest.fixture
def made(company: Company) -> Made:
    return make_store_with_facts(company)


@pytest.fixture
def browser(company: Company) -> Client:
    client = client_of(make_person("owner", company))
    client.cookies["language"] = "en"
    return client


def page_of(browser: Client, name: str, *args: str, **query: str) -> str:
    response = browser.get(reverse(name, args=args), query)
    assert response.status_code == 200
    # A no-break space stands between number and unit.
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00a0", " "))


def words_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


# --- the panel ------------------------------------------------------------------------------------------


@pytest.mark.rule("PG-03", "MX-13")
def test_panel_shows_value_word_lines_and_headroom_of_each_metric(browser: Client, made: Made) -> None:
    html = page_of(browser, "dashboard:panel", "S1")
    tile = html[html.index("Late dispatch") :]
    text = words_of(tile[: tile.index("</article>")])
    assert "6.19 %" in text
    assert "red" in text
    assert "4 over the red threshold" in text
    assert "yellow above 3.8 %, red above 4.75 %" in text


@pytest.mark.rule("MX-07")
@pytest.mark.rule("PG-03", "BX-11")
def test_panel_sets_today_against_the_next_evaluation(browser: Client, made: Made) -> None:
    """Thirty good reviews of the running day lift the rating; nothing else changes on it."""
    Fact.objects.create(
        store=made.store, day=NOW.date(), described_n=30, described_sum=150, communication_n=30, communication_sum=150
    )
    for name in ("dashboard:panel", "dashboard:rating"):
        text = words_of(page_of(browser, name, "S1"))
        assert re.search(r"If nothing changes, at the next evaluation: 4\.8\d outstanding 2026-06-21 08:00", text), text
    text = words_of(page_of(browser, "dashboard:panel", "S1"))
    assert "If nothing changes, all keep their level at the next evaluation, 2026-06-21 02:00 (GMT+8)" in text
    earlier = words_of(page_of(browser, "dashboard:panel", "S1", day="2026-06-10"))
    assert "If nothing changes" not in earlier


@pytest.mark.rule("PG-03")
def test_tile_writes_its_lines_in_figures(browser: Client, made: Made) -> None:
    html = page_of(browser, "dashboard:panel", "S1")
    tile = words_of(html[html.index("Late dispatch") :].partition("</article>")[0])
    assert "◐ 3.8 % ● 4.75 %" in tile


def test_panel_opens_on_the_last_day_that_every_feed_covers(browser: Client, company: Company) -> None:
    make_store_with_facts(company, "S2", known_until=NOW - timedelta(days=3))
    text = words_of(page_of(browser, "dashboard:panel", "S2"))
    assert "Figures of 2026-06-16" in text
    assert "Data ends on 2026-06-16" in text
    assert "up to 2026-06-19 are computed but not evaluated" in text


def test_panel_shows_the_day_that_the_address_names(browser: Client, made: Made) -> None:
    text = words_of(page_of(browser, "dashboard:panel", "S1", day="2026-06-10"))
    assert "Figures of 2026-06-10" in text
    assert "You are looking at 2026-06-10" in text


@pytest.mark.parametrize("day", ["2026-13-45", "x", "2999-01-01", "0001-01-01", "\u0000"])
def test_panel_answers_any_day(browser: Client, made: Made, day: str) -> None:
    page_of(browser, "dashboard:panel", "S1", day=day)


@pytest.mark.rule("PG-22")
def test_panel_of_a_store_without_data_says_how_it_comes(browser: Client, company: Company) -> None:
    make_store_with_facts(company, "S3", late=0, feeds=())
    text = words_of(page_of(browser, "dashboard:panel", "S3"))
    assert "No data yet" in text
    assert "not yet rated" in text


@pytest.mark.rule("PG-03", "TM-02", "DP-10")
def test_panel_lists_what_must_be_done_by_deadline(browser: Client, made: Made) -> None:
    paid = {"state": "paid", "shipped_at": None}
    Order.objects.filter(pk=made.late[0].pk).update(**paid, ship_by=NOW - timedelta(hours=1))
    Order.objects.filter(pk=made.late[1].pk).update(
        **paid, ship_by=NOW + timedelta(days=9), paid_at=NOW - timedelta(hours=3)
    )
    opened = NOW - timedelta(hours=19)
    Dispute.objects.create(
        store=made.store, order=made.late[2], dispute_no="D77", kind="quality", opened_at=opened, claimed_usd=12
    )
    derive_dispute_clocks(dispute_ids=[Dispute.objects.get().pk], at=NOW)
    html = page_of(browser, "dashboard:panel", "S1")
    items = [words_of(item) for item in re.findall(r'<li class="level-.*?</li>', html, re.DOTALL)]
    expected = [
        "overdue 1 order past its dispatch deadline",
        "soon 1 order to confirm",
        "soon Answer dispute D77 quality · 12.00 USD",
        "later 1 order to ship",
    ]
    assert len(items) == len(expected)
    assert all(item.strip().startswith(line) for item, line in zip(items, expected, strict=True)), items
    assert "by urgency, 4 in all" in words_of(html)
    assert "01:00:00" in items[1]
    assert f'href="{reverse("dashboard:dispute", args=["S1", "D77"])}"' in html
    assert "05:00:00 golden hours" in items[2]


@pytest.mark.rule("PG-03", "PG-06")
def test_every_count_of_the_panel_is_the_number_of_rows_it_opens(browser: Client, made: Made) -> None:
    """Two late orders, three due soon, one later; thirty disputes, of which the list names twenty."""
    for place, (hours, waits) in enumerate([(-2, 2), (2, 3), (99, 1)]):
        for order in made.late[place * 3 : place * 3 + waits]:
            paid = {"state": "paid", "shipped_at": None, "paid_at": NOW - timedelta(days=1)}
            Order.objects.filter(pk=order.pk).update(**paid, ship_by=NOW + timedelta(hours=hours))
    for number in range(30):
        Dispute.objects.create(
            store=made.store, order=made.late[number % 14], dispute_no=f"D{number}", kind="quality",
            opened_at=NOW - timedelta(hours=number + 1),
        )  # fmt: skip
    derive_dispute_clocks(dispute_ids=Dispute.objects.values_list("pk", flat=True), at=NOW)
    html = page_of(browser, "dashboard:panel", "S1")
    links = re.findall(r'class="what"><a href="([^"]+(?:tab|part)=[^"]+)">(\d+) ', html)
    assert sorted(int(count) for _url, count in links) == [1, 2, 3, 30]
    for url, count in links:
        context = browser.get(unescape(url)).context
        groups = context["desk"].groups if "part=" in url else []
        shown = sum(len(group.rows) for group in groups) if groups else len(context["rows"])
        assert shown == int(count), url


@pytest.mark.rule("MX-08")
def test_panel_shows_what_was_published_where_it_differs(browser: Client, made: Made) -> None:
    run_night(day=TODAY, at=NOW)
    assert "published: " not in page_of(browser, "dashboard:panel", "S1")
    Fact.objects.filter(store=made.store, day=TODAY).update(dispatch_late=7)
    text = words_of(page_of(browser, "dashboard:panel", "S1"))
    assert "7.08 %" in text
    assert "published: 6.19 %" in text


def test_queries_of_the_panel_do_not_grow_with_the_data(browser: Client, company: Company) -> None:
    def queries(store_no: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            page_of(browser, "dashboard:panel", store_no)
        return len(caught)

    make_store_with_facts(company, "S1", late=1)
    page_of(browser, "dashboard:panel", "S1")
    one = queries("S1")
    make_store_with_facts(company, "S2", late=14)
    assert queries("S2") == one
    assert one <= 32


# --- one metric -----------------------------------------------------------------------------------------


@pytest.mark.rule("PG-04", "DM-32")
def test_metric_page_works_the_number_out(browser: Client, made: Made) -> None:
    text = words_of(page_of(browser, "dashboard:metric", "S1", "late_dispatch"))
    assert "14 dispatched late ÷ 226 due for dispatch = 6.19 % > 4.75 % 5 % × 0.95 gold level" in text
    assert "4 failures over the red threshold. 69 orders shipped in time bring it back" in text
    assert "2026-05-21 … 2026-06-19, 30 days" in text


@pytest.mark.parametrize("code", METRICS)
def test_every_metric_has_a_page_and_a_valid_chart(browser: Client, made: Made, code: str) -> None:
    page_of(browser, "dashboard:metric", "S1", code, days="90")
    answer = browser.get(reverse("dashboard:metric_chart", args=["S1", code]), {"days": "90"})
    assert answer["Content-Type"] == "application/json"
    drawn = plotly.graph_objects.Figure(orjson.loads(answer.content))
    # A metric with a forecast has lines drawn on over it, and courses that begin on the last day.
    assert {len(trace.x) for trace in drawn.data} <= {90, 90 + 14, 1 + 14}


def test_chart_draws_value_and_lines_with_their_labels(browser: Client, made: Made) -> None:
    answer = browser.get(reverse("dashboard:metric_chart", args=["S1", "late_dispatch"]))
    figure = orjson.loads(answer.content)
    assert [trace["meta"]["tone"] for trace in figure["data"]] == ["red", "yellow", "ink", "accent"]
    labels = [note["text"].replace("\u00a0", " ") for note in figure["layout"]["annotations"]]
    assert labels == ["red 4.75 %", "yellow 3.8 %", "usual pace", "6.19 %"]


@pytest.mark.rule("DP-06")
def test_health_score_is_worded_by_what_it_brings(browser: Client, company: Company) -> None:
    make_store_with_facts(company, "S1")
    Fact.objects.filter(store__store_no="S1", day=TODAY).update(
        orders_paid=100, refunded_orders=40, reviews_positive=20, reviews_negative=20
    )
    text = words_of(page_of(browser, "dashboard:metric", "S1", "shs"))
    assert "manual review" in text
    assert "Promotion blocked below 75" in text
    figure = orjson.loads(browser.get(reverse("dashboard:metric_chart", args=["S1", "shs"])).content)
    assert [trace["meta"]["tone"] for trace in figure["data"]] == ["red", "yellow", "ink", "accent"]


def test_unknown_metric_is_not_found(browser: Client, made: Made) -> None:
    for name, *suffix in (("metric",), ("metric_chart",), ("problems_file", "csv")):
        assert browser.get(reverse(f"dashboard:{name}", args=["S1", "nonsense", *suffix])).status_code == 404
    assert browser.get(reverse("dashboard:problems_file", args=["S1", "gmv", "csv"])).status_code == 404


def test_metric_without_problem_orders_shows_chart_and_explanation_only(browser: Client, made: Made) -> None:
    html = page_of(browser, "dashboard:metric", "S1", "gmv")
    assert 'id="problems"' not in html
    assert "How this number is calculated" in html


# --- all stores -----------------------------------------------------------------------------------------


@pytest.mark.rule("PG-02")
def test_list_of_stores_shows_the_published_standing(browser: Client, made: Made) -> None:
    run_night(day=TODAY, at=NOW)
    text = words_of(page_of(browser, "dashboard:stores"))
    assert "Store S1" in text
    assert "red Late dispatch 6.19 %" in text
    assert "2026-06-19" in text


def test_list_of_stores_says_how_data_comes_when_there_is_none() -> None:
    client = client_of(make_person("nobody"))
    client.cookies["language"] = "en"
    assert "No stores yet" in page_of(client, "dashboard:stores")


def test_list_of_stores_sorts_and_filters_by_address(browser: Client, company: Company) -> None:
    for number, late in (("S1", 14), ("S2", 0), ("S3", 9)):
        make_store_with_facts(company, number, late=late)
    run_night(day=TODAY, at=NOW)

    def listed(**query: str) -> list[str]:
        return re.findall(r"Store (S\d)</a>", page_of(browser, "dashboard:stores", **query))

    assert listed(sort="name") == ["S1", "S2", "S3"]
    assert listed(sort="-name") == ["S3", "S2", "S1"]
    assert listed()[0] == "S1"
    assert listed(level="red") == ["S1"]
    assert listed(q="s3") == ["S3"]
    assert listed(sort="nonsense", level="nonsense", page="77") == listed()


def test_very_many_stores_are_listed_by_name_and_page_only(
    browser: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.queries.store_list.MOST_COMPARED", 2)
    monkeypatch.setattr("dashboard.queries.store_list.PAGE", 2)
    for number in ("S1", "S2", "S3"):
        make_store_with_facts(company, number)
    run_night(day=TODAY, at=NOW)
    html = page_of(browser, "dashboard:stores", sort="-worst", page="2")
    assert re.findall(r"Store (S\d)</a>", html) == ["S3"]
    assert "6.19 %" in html
    assert 'name="level"' not in html


@pytest.mark.rule("DM-10")
def test_linked_stores_are_marked_without_telling_of_other_people(
    browser: Client, company: Company, made: Made
) -> None:
    other = Company.objects.create(company_no="C2", name="Canary", license_no="L1")
    make_store_with_facts(other, "S2")
    assert "linked:" not in page_of(browser, "dashboard:stores")
    Membership.objects.create(company=other, user=User.objects.get(email="owner@example.com"), role="analyst")
    text = words_of(page_of(browser, "dashboard:stores"))
    assert text.count("linked: same business licence") == 2


def test_queries_of_the_list_of_stores_do_not_grow(browser: Client, company: Company) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            page_of(browser, "dashboard:stores")
        return len(caught)

    make_store_with_facts(company, "S1")
    run_night(day=TODAY, at=NOW)
    page_of(browser, "dashboard:stores")
    one = queries()
    for number in ("S2", "S3"):
        make_store_with_facts(company, number)
    run_night(day=TODAY, at=NOW)
    assert queries() == one


# --- the rating -----------------------------------------------------------------------------------------


@pytest.mark.rule("PG-05", "SR-01", "SR-04", "SR-05")
def test_rating_page_works_out_parts_tier_and_band(browser: Client, made: Made) -> None:
    text = words_of(page_of(browser, "dashboard:rating", "S1"))
    assert "Item as described 4.75 40 57.1 % 2.7143" in text
    assert "0.05 above the loss of outstanding" in text
    assert "affects search between 2026-06-22 08:00 (GMT+8) and 2026-06-23 08:00 (GMT+8)" in text
    assert (
        "Without data, so the other weights are scaled to 100 %: On-time dispatch, Delivery against estimate." in text
    )


@pytest.mark.rule("SR-15")
def test_stores_of_other_types_are_told_why_they_have_no_rating(browser: Client, made: Made) -> None:
    made.store.store_type = "outlet"
    made.store.save()
    assert "Stores of this type have no rating" in page_of(browser, "dashboard:rating", "S1")


# --- access ---------------------------------------------------------------------------------------------


@pytest.mark.rule("RL-08")
@pytest.mark.parametrize("name", ["panel", "rating", "metric", "metric_chart", "problems_file"])
def test_other_tenants_get_404(made: Made, name: str) -> None:
    stranger = client_of(make_person("stranger", Company.objects.create(company_no="C9", name="Other")))
    args = ["S1"] if name in ("panel", "rating") else ["S1", "late_dispatch"]
    args += ["csv"] if name == "problems_file" else []
    assert stranger.get(reverse(f"dashboard:{name}", args=args)).status_code == 404


def test_pages_take_no_posts(browser: Client, made: Made) -> None:
    assert browser.post(reverse("dashboard:panel", args=["S1"])).status_code == 405
