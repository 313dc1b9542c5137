"""The page of what-if: by address alone, in both languages, with ticks kept; bad input named (BX-04)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from insights.queries.whatif.ticked_orders import MOST_ORDERS
from metrics.facts.updating import apply_dirty
from metrics.queries import problems
from orders.models import Order, Review
from stores.models import Company, Store
from tests.insights.whatifs import close_today, late_numbers, make_shop
from tests.metrics.making import touch
from tests.metrics.pages import NOW
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow, pytest.mark.django_db, pytest.mark.rule("BX-04")]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="module")
def built(kept_rows: None) -> Store:
    with time_machine.travel(NOW, tick=False):
        return make_shop(Company.objects.create(company_no="C1", name="Company"))


@pytest.fixture
def store(built: Store, db: None) -> Store:
    return Store.objects.get(pk=built.pk)


@pytest.fixture
def company(store: Store) -> Company:
    return store.company


@pytest.fixture
def browser(company: Company) -> Client:
    client = client_of(make_person("owner", company))
    client.cookies["language"] = "en"
    return client


PRESET_LINK = r'<a class="button preset"[^>]* href="([^"]+)"[^>]*>([^<]+)</a>'


def page_of(browser: Client, **query: Any) -> str:
    response = browser.get(reverse("dashboard:what_if", args=["W1"]), query)
    assert response.status_code == 200
    return str(response.content.decode())


def words_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<script.*?</script>|<[^>]+>", " ", html, flags=re.S)))


def ticked_in(html: str, name: str) -> list[str]:
    boxes = re.findall(r'<input type="checkbox"[^>]*>', html)
    return [
        found[1]
        for box in boxes
        if "checked" in box and f'name="{name}"' in box and (found := re.search(r'value="([^"]*)"', box))
    ]


def test_page_shows_each_metric_as_it_would_be(browser: Client, store: Store) -> None:
    close_today()
    five = late_numbers(store, 5)
    html = page_of(browser, metric="late_dispatch", exclude=five[:4], prevent=five[4:], failures="0")
    words = words_of(html)
    assert "Supposed: 4 orders excluded, failures of 1 order prevented, failures at 0 % of the usual." in words
    assert "Late dispatch: 6.32 % → 3.68 % on 2026-06-19;" in words
    assert "6.32 % red 12 of 190" in words
    assert "3.68 % ok 7 of 190" in words
    assert "PN20260619-000001 red notice of 2026-06-19 stands" in words
    assert "PN20260619-000001 would not exist" in words
    assert reverse("dashboard:notice", args=["W1", "PN20260619-000001"]) in html
    assert sorted([*ticked_in(html, "exclude"), *ticked_in(html, "prevent")]) == sorted(five)
    assert "usual: 6.9" in html


def test_page_opens_on_the_worst_metric_and_supposes_nothing(browser: Client, store: Store) -> None:
    words = words_of(page_of(browser))
    assert "No assumptions yet" in words
    assert "As if excluded" in words
    assert "12 problem orders" in words
    assert "2026-06-19: red notice" in words


def test_page_is_there_in_chinese(browser: Client, store: Store) -> None:
    browser.cookies["language"] = "zh-hans"
    words = words_of(page_of(browser, exclude=late_numbers(store, 1), orders="9"))
    assert "发货延迟率" in words
    assert "6.32 % 红色" in words


BAD = [
    ({"orders": "many"}, "New orders a day: Enter a whole number."),
    ({"orders": "-1"}, "New orders a day: Ensure this value is greater than or equal to 0."),
    ({"failures": "2000"}, "Failures, % of the usual: Ensure this value is less than or equal to 1000."),
    ({"ahead": "7"}, "Days ahead: Select a valid choice. 7 is not one of the available choices."),
    ({"metric": "nonsense"}, "Metric: Select a valid choice. nonsense is not one of the available choices."),
    ({"exclude": ["NOPE", "W1-19-9"]}, "Ticked orders: this store has no order of the number NOPE."),
    ({"exclude": "\x00"}, "Ticked orders: this store has no order of the number \ufffd."),
    ({"exclude": "W1-19-0", "prevent": "W1-19-0"}, "Ticked orders: W1-19-0 can't be both excluded and prevented"),
    ({"exclude": [f"X{n}" for n in range(MOST_ORDERS + 3)]}, "at most 500 count at once; the last 3 are left out."),
]


@pytest.mark.parametrize(("query", "message"), BAD, ids=lambda value: str(value)[:24])
def test_bad_input_is_told_by_field_and_the_rest_is_shown(
    browser: Client, store: Store, query: dict[str, Any], message: str
) -> None:
    words = words_of(page_of(browser, **query))
    assert message in words
    assert re.search("Late dispatch (2026-06-19 )?6.32 % red 12 of 190", words)


def test_a_store_without_orders_says_so(browser: Client, store: Store) -> None:
    Store.objects.filter(pk=store.pk).update(store_no="W2")
    Store.objects.create(company=store.company, store_no="W1", name="Empty")
    words = words_of(page_of(browser, orders="5"))
    assert "What-if needs orders" in words


def test_a_number_of_orders_for_a_store_without_any_of_late_is_rejected(browser: Client, store: Store) -> None:
    later = NOW + timedelta(days=60)
    store.feeds.update(known_until=later)
    with time_machine.travel(later, tick=False):
        late_browser = client_of(make_person("later", store.company))
        late_browser.cookies["language"] = "en"
        words = words_of(page_of(late_browser, orders="5"))
    assert "New orders a day: This store has had no recent orders" in words


def test_a_day_of_the_past_is_shown_without_days_ahead(browser: Client, store: Store) -> None:
    html = page_of(browser, day="2026-06-17", exclude=late_numbers(store, 5))
    words = words_of(html)
    assert "4.71 % yellow 8 of 170" in words or "4.71 % ok 8 of 170" in words
    assert "7 of 170" in words
    assert 'name="day" value="2026-06-17"' in html
    assert 'name="ahead"' not in html


def test_ticks_stay_over_pages_filters_and_metrics(
    browser: Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ticked orders that the list doesn't show are listed above it and can be unticked there."""
    monkeypatch.setattr(problems, "PAGE", 5)
    three = late_numbers(store, 3)
    html = page_of(browser, exclude=three)
    (place,) = re.findall(r'name="place" value="(late_dispatch:e:[^"]+)"', html)
    second = page_of(browser, exclude=three, place=place)
    (back,) = re.findall(r'name="place" value="(late_dispatch:l:[^"]+)"', second)
    for other in (second, page_of(browser, exclude=three, metric="odr"), page_of(browser, exclude=three, site="ES")):
        assert sorted(set(ticked_in(other, "exclude"))) == sorted(three)
    assert "3 ticked orders that are not on this page of the list" in words_of(second)
    assert re.findall(r'id="tick-exclude-([^"]+)"', page_of(browser, place=back)) == re.findall(
        r'id="tick-exclude-([^"]+)"', html
    )
    assert page_of(browser, place="nonsense")
    assert page_of(browser, place="late_dispatch:e:~~")
    # Of another metric's list.
    assert 'name="place" value=""' in page_of(browser, metric="odr", place=place)


def test_an_order_that_fails_twice_is_ticked_once_for_each_kind(browser: Client, store: Store) -> None:
    """Its low review and its late dispatch are excluded by appeals of different kinds."""
    number = late_numbers(store, 1)[0]
    order = Order.objects.get(store=store, order_no=number)
    Order.objects.filter(pk=order.pk).update(confirmed_at=NOW - timedelta(hours=20), confirmed_by="buyer")
    Review.objects.create(
        store=store, order=order, kind="buyer", created_at=NOW - timedelta(hours=19), described=2, communication=1
    )
    touch(store, [order])
    apply_dirty()
    html = page_of(browser, metric="dsr", exclude_review=number, last="2026-06-30")
    kinds = re.findall(r'name="(\w+)" value="[^"]+" id="tick-', html)
    assert sorted(kinds) == ["exclude", "exclude_review", "prevent"]
    assert ticked_in(html, "exclude_review") == [number]
    assert "review of 1 order excluded" in words_of(html)


def test_a_score_has_no_orders_to_tick(browser: Client, store: Store) -> None:
    assert "A score is made of metrics" in words_of(page_of(browser, metric="shs", exclude=late_numbers(store, 1)))


def test_other_pages_lead_here_with_orders_ticked(browser: Client, store: Store) -> None:
    metric = browser.get(reverse("dashboard:metric", args=["W1", "late_dispatch"])).content.decode()
    (link,) = re.findall(r'href="([^"]+)">What if these were excluded\?', metric)
    assert f'href="{reverse("dashboard:what_if", args=["W1"])}?metric=late_dispatch"' in metric
    panel = browser.get(reverse("dashboard:panel", args=["W1"])).content.decode()
    assert f'href="{reverse("dashboard:what_if", args=["W1"])}"' in panel
    html = browser.get(unescape(link)).content.decode()
    assert sorted(ticked_in(html, "exclude")) == sorted(late_numbers(store, 12))
    assert "0.00 % ok 0 of 190" in words_of(html)


def test_only_what_changes_is_shown_and_the_rest_is_folded(browser: Client, store: Store) -> None:
    """One order of late dispatch: the metric that is looked at comes first, others that it moves follow."""
    number = late_numbers(store, 1)
    html = page_of(browser, metric="late_dispatch", prevent=number)
    shown, _, folded = html.partition('id="unchanged"')
    names = re.findall(r'scope="rowgroup" colspan="3">([^<]+)<', shown)
    assert names[0] == "Late dispatch"
    assert "Order defect rate" not in names
    assert '<th scope="row">Late dispatch</th>' not in folded
    assert '<th scope="row">Order defect rate</th>' in folded
    bar = words_of(html[html.index('<div class="result-bar') :].partition("</div>")[0])
    assert bar.startswith(" Late dispatch 06-19 6.32 % red → 5.79 % red")
    assert f"{len(names)} figures change" in bar
    assert "result-bar" not in page_of(browser, metric="late_dispatch")


def test_presets_tick_many_orders_by_a_short_address(browser: Client, store: Store) -> None:
    """All that an appeal can name; all of a carrier. What is changed afterwards is told by ticks alone."""
    twelve = late_numbers(store, 12)
    Order.objects.filter(order_no__in=twelve[:5]).update(carrier="SLOW")
    html = page_of(browser, metric="late_dispatch", failures="50", exclude=twelve[:1])
    links = {words_of(label).strip(): unescape(link) for link, label in re.findall(PRESET_LINK, html)}
    assert "All that can be appealed excluded" in links
    assert links["SLOW all in time (5)"] == "?metric=late_dispatch&failures=50&preset=carrier%3ASLOW"

    def follow(label: str) -> str:
        return str(browser.get(reverse("dashboard:what_if", args=["W1"]) + links[label]).content.decode())

    carrier = follow("SLOW all in time (5)")
    assert (sorted(ticked_in(carrier, "prevent")), ticked_in(carrier, "exclude")) == (sorted(twelve[:5]), [])
    assert "Supposed: failures of 5 orders prevented, failures at 50 % of the usual." in words_of(carrier)
    appeal = follow("All that can be appealed excluded")
    assert sorted(ticked_in(appeal, "exclude")) == sorted(twelve)
    assert 'aria-current="true">All that can be appealed excluded' in appeal
    # On an earlier day those of its own window.
    earlier = page_of(browser, metric="late_dispatch", preset="appeal", day="2026-06-17")
    assert len(ticked_in(earlier, "exclude")) == 8


@pytest.mark.parametrize("preset", ["nonsense", "carrier:", "carrier:\x00", "carrier:NONE"])
def test_preset_that_means_nothing_ticks_nothing(browser: Client, store: Store, preset: str) -> None:
    html = page_of(browser, metric="late_dispatch", preset=preset)
    assert ticked_in(html, "prevent") == []
    assert page_of(browser, metric="shs", preset="appeal")
    assert page_of(browser, preset="appeal")


def test_all_of_a_page_are_excluded_by_a_link(browser: Client, store: Store) -> None:
    html = page_of(browser, prevent=late_numbers(store, 2), failures="50")
    (link,) = re.findall(r'hx-get="([^"]+)">Exclude all on this page', html)
    again = browser.get(reverse("dashboard:what_if", args=["W1"]) + unescape(link)).content.decode()
    assert sorted(ticked_in(again, "exclude")) == sorted(late_numbers(store, 12)[2:])
    assert sorted(ticked_in(again, "prevent")) == sorted(late_numbers(store, 2))


def test_strangers_get_what_a_missing_store_gives(browser: Client, store: Store) -> None:
    make_shop(Company.objects.create(company_no="C2", name="Other"), "X1")
    answers = [browser.get(reverse("dashboard:what_if", args=[number])) for number in ("X1", "MISSING")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    # Nor can a stranger's order be ticked.
    assert "no order of the number X1-19-0" in words_of(page_of(browser, exclude="X1-19-0"))


def test_a_page_takes_as_many_queries_for_many_orders_as_for_few(browser: Client, store: Store) -> None:
    page_of(browser)
    counts = []
    for number in (1, 12):
        with CaptureQueriesContext(connection) as queries:
            page_of(browser, exclude=late_numbers(store, number))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] < 140


def test_nothing_is_written(browser: Client, store: Store) -> None:
    before = list(Order.objects.order_by("id").values())
    page_of(browser, exclude=late_numbers(store, 3), prevent=["W1-open-0"])
    assert list(Order.objects.order_by("id").values()) == before
    assert not store.exclusions.exists()
