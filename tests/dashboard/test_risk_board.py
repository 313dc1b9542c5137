"""The risk board (PG-07): counts that open as many orders, by due time; scores that add up (TM-06, TM-14)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from disputes.models import Dispute
from insights.models import OrderScore, WarningModel
from insights.queries.flags import FLAGS
from insights.queries.warning.models import stored
from insights.rules.warning import FEATURES, Terms, quality_of
from insights.services.checks import check_stores
from orders.models import Order, RaisedFlag
from rulebook.queries import policy_at
from stores.models import Store
from tests.orders.build import DAY, HOUR, NOW, make_order, make_traced_store, scan
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]
TERMS = Terms(
    -2.0, 0.1, dict.fromkeys(FEATURES, 0.0), dict.fromkeys(FEATURES, 1.0),
    dict.fromkeys(FEATURES, 0.0) | {"silence": 0.2, "address_doubts": 0.7, "delivered": -0.5},
)  # fmt: skip


@pytest.fixture
def store() -> Store:
    return make_traced_store()


@pytest.fixture
def client(store: Store) -> Client:
    return client_of(make_person("owner", store.company))


def see(client: Client, path: str) -> Any:
    with time_machine.travel(NOW, tick=False):
        return client.get(path, headers={"accept-language": "en"})


def check(store: Store) -> None:
    check_stores(store_ids=[store.pk], at=NOW)


def trained() -> WarningModel:
    figures = stored(quality_of([200, 150, 100, 50], [True, False, True, False], [1, 2, 3, 3], 0.25))
    return WarningModel.objects.create(
        trained_at=NOW - DAY, orders=4, rows=4, troubled=2, terms=stored(TERMS), figures=figures
    )


@pytest.mark.rule("TM-14")
def test_every_flag_of_policy_has_a_finder() -> None:
    known = {flag.code for flag in FLAGS}
    assert known == {terms.code for terms in policy_at(NOW).transactions.risk_flags}
    assert len(known) == len(FLAGS) == 17


@pytest.mark.rule("PG-07", "TM-14")
def test_each_count_opens_as_many_orders(client: Client, store: Store) -> None:
    for number in range(30):
        make_order(store, paid_at=NOW - 4 * DAY - number * HOUR)
    make_order(store, paid_at=NOW - 2 * DAY - HOUR)
    make_order(store, paid_at=NOW - 5 * DAY, shipped_at=NOW - 2 * DAY)
    check(store)
    page = see(client, "/stores/S1/risk/")
    context = page.context
    lines = {line.url: line.count for group in context["groups"] for line in group.lines}
    assert len(lines) == len(FLAGS) + 1
    assert sorted(count for count in lines.values() if count) == [1, 1, 30]
    assert (context["red"], context["yellow"]) == ("30 red flags", "2 yellow flags")
    assert context["summary"].startswith("on 32 orders · ")
    for url, count in [(url, count) for url, count in lines.items() if count or "soon" in url]:
        shown = [len(see(client, f"{url}?page={number}").context["opened"].rows) for number in (1, 2)]
        total = see(client, url).context["opened"].page.paginator.count
        assert (total, sum(shown) if count > 25 else shown[0]) == (count, count)


@pytest.mark.rule("PG-07")
def test_a_lane_begins_with_what_is_due_first(client: Client, store: Store) -> None:
    late, later, latest = (make_order(store, paid_at=NOW - 4 * DAY - hours * HOUR) for hours in (9, 5, 1))
    check(store)
    page = see(client, "/stores/S1/risk/flags/dispatch_overdue/")
    rows = page.context["opened"].rows
    assert [row.number for row in rows] == [late.order_no, later.order_no, latest.order_no]
    assert [row.due_at for row in rows] == [order.ship_by for order in (late, later, latest)]
    assert "Ship at once, or tell the buyer why not." in page.text
    assert "panes is-lane" in page.text


def test_an_empty_board_says_when_flags_appear_and_an_unknown_lane_is_not_found(client: Client, store: Store) -> None:
    page = see(client, "/stores/S1/risk/")
    assert "No order is at risk" in page.text
    assert "Not checked yet" in page.text
    assert page.text.count("is-zero") == len(FLAGS) + 1
    assert "No order has this flag" in see(client, "/stores/S1/risk/flags/dispatch_soon/").text
    assert see(client, "/stores/S1/risk/flags/no_such_flag/").status_code == 404


@pytest.mark.rule("TM-06")
def test_a_score_is_explained_by_points_that_add_up(client: Client, store: Store) -> None:
    trained()
    order = make_order(
        store, paid_at=NOW - 9 * DAY, shipped_at=NOW - 8 * DAY, site="ES", carrier="C", ship_address="PO Box 1, X, ES"
    )
    scan(order, NOW - 5 * DAY)
    other = make_order(store, paid_at=NOW - 9 * DAY, shipped_at=NOW - 8 * DAY)
    check(store)
    row = OrderScore.objects.get(order=order)
    page = see(client, f"/stores/S1/risk/flags/stalled_72h/?order={order.order_no}")
    why = page.context["opened"].why
    assert why.number == order.order_no
    shown = [round(10 * float(line.points.replace("−", "-"))) for line in why.factors]
    assert round(10 * float(why.base.split()[0])) + sum(shown) == row.score
    assert why.score == f"{row.score / 10:.1f}\xa0%"
    assert [line.action for line in why.factors if line.action] == [
        "Ask the buyer to check it", "Ask the carrier where it is",
    ]  # fmt: skip
    ask, _carrier = (line.url for line in why.factors if line.action)
    assert (ask, why.action_url) == (f"/stores/S1/messages/thread/{order.order_no}/", ask)
    assert "No scan for 5 d" in page.text.replace("\xa0", " ")
    assert "a post office box" in page.text
    assert "nobody knows yet how true it is" in page.text
    assert other.order_no not in page.text


@pytest.mark.rule("TM-06")
def test_orders_above_the_line_are_warned_of_highest_first(client: Client, store: Store) -> None:
    trained()
    silent = {"paid_at": NOW - 9 * DAY, "shipped_at": NOW - 8 * DAY}
    bad = make_order(store, **silent, ship_address="PO Box 1, Madrid, ES", site="ES")
    worst = make_order(store, **silent, ship_address="PO Box 1, ES", site="ES")
    calm = make_order(store, paid_at=NOW - DAY, shipped_at=NOW)
    check(store)
    line = see(client, "/stores/S1/risk/").context["groups"][-1].lines[0]
    rows = see(client, line.url).context["opened"].rows
    assert [row.number for row in rows] == [worst.order_no, bad.order_no]
    assert line.count == 2
    assert OrderScore.objects.get(order=calm).score < 200


@pytest.mark.rule("TM-06")
def test_the_page_about_the_score_shows_its_quality_or_what_is_missing(client: Client, store: Store) -> None:
    assert "too few orders whose outcome is known" in see(client, "/stores/S1/risk/score/").text
    trained()
    page = see(client, "/stores/S1/risk/score/")
    facts = {fact.name: fact.value for fact in page.context["facts"]}
    assert (facts["AUC"], facts["Came true among the highest scores"]) == ("0.750", "100.0 %".replace(" ", "\xa0"))
    # Two looks at one order say no more about it than one.
    told = [(band.orders, band.rows, band.came, band.likely) for band in page.context["bands"]]
    assert [tuple(text.replace("\xa0", " ") for text in band) for band in told] == [
        ("1", "1", "0.0 %", "0.0 % – 79.3 %"),
        ("2", "2", "50.0 %", "9.5 % – 90.5 %"),
        ("1", "1", "100.0 %", "20.7 % – 100.0 %"),
    ]


def test_without_a_model_the_board_says_that_scores_are_no_probabilities(client: Client, store: Store) -> None:
    make_order(store, paid_at=NOW - 4 * DAY, ship_address="PO Box 1, X, ES", site="ES")
    check(store)
    page = see(client, "/stores/S1/risk/flags/dispatch_overdue/")
    assert "It ranks orders and is no probability." in page.text
    assert "too little data of your own yet" in page.text


def test_the_board_reads_a_fixed_number_of_rows_sets(
    client: Client, store: Store, django_assert_max_num_queries: Any
) -> None:
    for number in range(25):
        order = make_order(store, paid_at=NOW - 9 * DAY, shipped_at=NOW - timedelta(days=8, hours=number))
        scan(order, NOW - 5 * DAY)
    Dispute.objects.create(
        store=store, order=Order.objects.latest("pk"), dispute_no="D", kind="quality", opened_at=NOW - HOUR
    )
    check(store)
    assert RaisedFlag.objects.filter(code="stalled_72h").count() == 25
    with django_assert_max_num_queries(30):
        see(client, "/stores/S1/risk/flags/stalled_72h/")
