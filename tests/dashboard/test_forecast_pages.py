"""The forecast from stored orders, its pages, the next evaluation, and how past forecasts did (MX-14, BX-11, SR-04)."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from html import unescape
from io import StringIO

import orjson
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from insights.queries.metric import metric_page
from insights.queries.upcoming import Outlook, outlook_of
from insights.rules.forecast import Course
from metrics.facts.updating import apply_dirty
from metrics.models import Fact
from metrics.rules.values import Zone
from orders.models import Message, Order
from stores.models import Company, Store
from tests.metrics.making import touch
from tests.metrics.pages import NOW, TODAY, make_store_with_facts
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow, pytest.mark.django_db, pytest.mark.rule("MX-14")]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def company() -> Company:
    return Company.objects.create(company_no="C1", name="Company")


@pytest.fixture
def browser(company: Company) -> Client:
    client = client_of(make_person("owner", company))
    client.cookies["language"] = "en"
    return client


@pytest.fixture
def store(company: Company) -> Store:
    """100 orders due on 5 June, one of them late; 20 due on the 19th, shipped that day. Not shipped: one whose deadline
    passed this morning, one due this afternoon, five due tomorrow."""
    store = make_store_with_facts(company, "F1", late=0, due=0).store
    Fact.objects.filter(store=store).delete()
    orders = make_orders(store, 99, at(5, 10), shipped=at(5, 9)) + make_orders(store, 1, at(5, 10), shipped=at(5, 11))
    orders += make_orders(store, 20, at(19, 10), shipped=at(19, 9))
    orders += make_orders(store, 1, at(20, 5)) + make_orders(store, 1, at(20, 9)) + make_orders(store, 5, at(21, 9))
    touch(store, orders)
    apply_dirty()
    return store


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 6, day, hour, tzinfo=UTC)


def make_orders(store: Store, count: int, ship_by: datetime, shipped: datetime | None = None) -> list[Order]:
    paid = ship_by - timedelta(days=3)
    number = Order.objects.filter(store=store).count()
    return [
        Order.objects.create(
            store=store, order_no=f"{store.store_no}-{number + place}", created_at=paid, paid_at=paid,
            ship_by_given=ship_by, shipped_at=shipped, total_amount=Decimal(10), total_usd=Decimal(10), currency="USD",
        )
        for place in range(count)
    ]  # fmt: skip


def outlook(store: Store, code: str, asked: date | None = None) -> Outlook:
    return outlook_of(metric_page(store=store, code=code, at=NOW, asked=asked, span=30), NOW)


def words_of(browser: Client, name: str, *args: str, **query: str) -> str:
    response = browser.get(reverse(name, args=args), query)
    assert response.status_code == 200
    html = response.content.decode().replace("\u00a0", " ")
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def test_open_dispatches_fail_stay_or_go_at_the_pace(store: Store) -> None:
    """Usually 120 ÷ 28 a day, 1 of 120 late. Of the two due today one is lost; nobody knows of new orders yet."""
    found = outlook(store, "late_dispatch").forecast
    assert found is not None
    new = (Fraction(120, 28) - 2) / 120
    lower = [120 + Fraction(120, 28), 120 + Fraction(120, 28) + 5]
    failures = {
        Course.NOTHING: [1 + 2 + new, 1 + 2 + new + 5],
        Course.IN_TIME: [1 + 1 + new, 1 + 1 + new],
        Course.PACE: [1 + 1 + Fraction(1, 120) + new, 1 + 1 + new + Fraction(6, 120)],
    }
    for course, points in found.courses.items():
        expected = [upper / under for upper, under in zip(failures[course], lower, strict=True)]
        assert [point.value for point in points[:2]] == expected
    (turn, *_later) = found.turns(Course.NOTHING)
    assert (found.days[turn.place], turn.zone) == (date(2026, 6, 21), Zone.RED)
    assert found.turns(Course.PACE) == found.turns(Course.IN_TIME) == []


def test_waiting_messages_are_own_work_and_those_answered_are_not(store: Store) -> None:
    orders = list(Order.objects.filter(store=store)[:12])
    for place, order in enumerate(orders):
        said = {"store": store, "order": order, "language": "en"}
        Message.objects.create(message_no=f"Q{place}", sender="buyer", sent_at=at(19, 12), **said)
        if place >= 3:
            Message.objects.create(message_no=f"A{place}", sender="seller", sent_at=at(19, 13), **said)
    touch(store, orders)
    apply_dirty()
    found = outlook(store, "reply_missed").forecast
    assert found is not None
    assert found.courses[Course.NOTHING][0].value == Fraction(3, 12)
    assert found.courses[Course.IN_TIME][0].value == found.courses[Course.PACE][0].value == 0


def test_a_metric_without_open_work_has_one_course(store: Store) -> None:
    found = outlook(store, "slow_fulfilment").forecast
    assert found is not None
    assert (list(found.courses), found.own) == ([Course.PACE], False)


@pytest.mark.rule("BX-11")
def test_next_evaluation_counts_today_as_it_stands(store: Store) -> None:
    found = outlook(store, "late_dispatch")
    assert found.upcoming is not None
    assert found.upcoming.result.value.value == Fraction(3, 122)
    assert found.so_far == Fraction(2, 121)
    assert found.upcoming.evaluated_at == datetime(2026, 6, 20, 18, tzinfo=UTC)


def test_what_happened_since_is_no_forecast(store: Store, browser: Client) -> None:
    assert outlook(store, "late_dispatch", date(2026, 6, 10)) == Outlook(None, None, None)
    assert "What comes next" not in words_of(browser, "dashboard:metric", "F1", "late_dispatch", day="2026-06-10")


def test_metrics_without_failures_have_no_forecast(store: Store) -> None:
    assert outlook(store, "gmv") == Outlook(None, None, None)


def wait_for_replies(store: Store, orders: int) -> None:
    """Buyers' messages of yesterday that nobody answered: they are missed today if nothing is done."""
    waiting = list(Order.objects.filter(store=store)[:orders])
    for place, order in enumerate(waiting):
        Message.objects.create(
            message_no=f"W{place}", sender="buyer", sent_at=at(19, 12), store=store, order=order, language="en"
        )
    touch(store, waiting)
    apply_dirty()


@pytest.mark.rule("PG-04", "BX-11", "TM-05")
def test_service_level_says_its_grade_along_each_course(store: Store, browser: Client) -> None:
    """Cancellations and handling give 30 + 39.3 of 70 points and abnormal logistics none of 30; replies weigh 15 of
    85: missed they cost as many points as they bring answered in time."""
    wait_for_replies(store, 20)
    found = outlook(store, "sla").forecast
    assert found is not None
    lost, kept = found.courses[Course.NOTHING][0], found.courses[Course.IN_TIME][0]
    assert (lost.zone, kept.zone) == ("D", "C")
    assert lost.value is not None
    assert kept.value == lost.value + Fraction(15, 65) * 100
    text = words_of(browser, "dashboard:metric", "F1", "sla")
    assert re.search(r"Last complete day (69\.\d\d) grade D 2026-06-19 Today so far \1 2026-06-20", text)
    assert re.search(r"Next evaluation, if nothing changes 53\.\d\d grade D 2026-06-21 02:00", text)
    assert "If you do nothing: grade D for the next 14 days." in text
    assert "At your usual pace: grade C from 2026-06-20." in text
    row = r"Day do nothing usual pace all in time 2026-06-20 53\.\d\d (76\.\d\d) \1 "
    assert re.search(row, text)


@pytest.mark.rule("PG-04", "BX-11", "DP-06")
def test_health_score_says_what_it_brings(store: Store, browser: Client) -> None:
    text = words_of(browser, "dashboard:metric", "F1", "shs")
    assert "Next evaluation, if nothing changes 44.44 manual review 2026-06-21 08:00 (GMT+8)" in text
    assert "At your usual pace: below 60 for the next 14 days: manual review." in text
    Fact.objects.filter(store=store, day=TODAY).update(r_dispatch_n=2000, r_dispatch_ontime=1980)
    text = words_of(browser, "dashboard:metric", "F1", "shs")
    assert "At your usual pace: at 75 or more for the next 14 days: nothing is blocked." in text
    Fact.objects.filter(store=store, day=date(2026, 6, 21)).update(r_dispatch_n=2000, r_dispatch_ontime=1000)
    assert "below 75 on 2026-06-21: promotion blocked" in words_of(browser, "dashboard:metric", "F1", "shs")


@pytest.mark.rule("DM-32", "DP-06")
def test_page_of_a_score_tells_its_parts_and_why_one_is_left_out(store: Store, browser: Client) -> None:
    text = words_of(browser, "dashboard:metric", "F1", "shs")
    assert "Liability rate left out: the denominator in the window is 0 – – – –" in text
    assert "Refund rate 0.00 % 100.00 44.4 % 44.44" in text
    assert "Refund rate 0 % → 100, 3 % → 85, 5 % → 75, 10 % → 60, 20 % → 0" in text
    assert "Raw data package (ZIP)" in text


@pytest.mark.rule("PG-04", "BX-11")
def test_metric_page_says_when_lines_are_crossed(store: Store, browser: Client) -> None:
    text = words_of(browser, "dashboard:metric", "F1", "late_dispatch")
    assert "If you do nothing: past the red threshold on 2026-06-21" in text
    assert "At your usual pace: inside the thresholds for the next 14 days." in text
    assert "If you do all in time: inside the thresholds for the next 14 days." in text
    assert "Last complete day 0.83 % ok 2026-06-19" in text
    assert "Today so far 1.65 % 2026-06-20" in text
    assert "Next evaluation, if nothing changes 2.46 % ok 2026-06-21 02:00 (GMT+8)" in text
    assert "Forecast 2026-06-20 … 2026-07-03" in text


def test_chart_draws_a_thin_line_for_each_course(store: Store, browser: Client) -> None:
    chart = orjson.loads(browser.get(reverse("dashboard:metric_chart", args=["F1", "late_dispatch"])).content)
    courses = [trace for trace in chart["data"] if trace["meta"]["tone"] == "accent"]
    assert [trace["name"] for trace in courses] == ["do nothing", "usual pace", "all in time"]
    assert {(trace["x"][0], trace["x"][-1], trace["line"]["width"]) for trace in courses} == {
        ("2026-06-19", "2026-07-03", 1.25)
    }
    assert {round(trace["y"][0], 6) for trace in courses} == {0.008333}
    red = next(trace for trace in chart["data"] if trace["meta"]["tone"] == "red")
    assert red["x"][-1] == "2026-07-03"


@pytest.mark.rule("SR-04", "BX-11")
def test_rating_says_when_a_change_acts_on_search(browser: Client, company: Company) -> None:
    make_store_with_facts(company, "F2")
    text = words_of(browser, "dashboard:metric", "F2", "dsr")
    assert "Acts on search 2026-06-23 08:00 – 2026-06-24 08:00 (GMT+8)" in text
    assert "If you do" not in text
    assert "No open work of yours changes this metric now" in text


def test_unconfirmed_dispatches_ahead_part_the_courses_of_the_rating(company: Company) -> None:
    store = make_store_with_facts(company, "F3").store
    Fact.objects.filter(store=store, day=TODAY).update(r_dispatch_n=50, r_dispatch_ontime=50)
    Fact.objects.create(store=store, day=TODAY + timedelta(days=1), unconfirmed=40)
    found = outlook(store, "dsr").forecast
    assert found is not None
    worst, best = found.courses[Course.NOTHING][0].value, found.courses[Course.IN_TIME][0].value
    assert worst is not None
    assert best is not None
    assert worst < best


@pytest.mark.rule("PG-03", "BX-11")
def test_tile_says_the_next_evaluation_only_where_it_is_another(browser: Client, company: Company) -> None:
    store = make_store_with_facts(company, "F4", late=1).store
    assert " next evaluation: " not in words_of(browser, "dashboard:panel", "F4").replace("at the next evaluation", "")
    Fact.objects.create(store=store, day=TODAY + timedelta(days=1), dispatch_due=30, dispatch_late=30)
    text = words_of(browser, "dashboard:panel", "F4")
    assert text.count(" next evaluation: 12.11 % red") == 1
    assert "1 of them changes its level at the next evaluation" in text
    assert "next evaluation" not in words_of(browser, "dashboard:panel", "F4", day="2026-06-10")


def test_queries_of_the_metric_page_do_not_grow_with_the_data(browser: Client, company: Company, store: Store) -> None:
    def queries(store_no: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            words_of(browser, "dashboard:metric", store_no, "late_dispatch")
        return len(caught)

    make_store_with_facts(company, "F5", late=1)
    queries("F5")
    assert queries("F1") == queries("F5") <= 32


def test_backtest_holds_each_course_against_what_came(store: Store) -> None:
    """On the 18th the 20 due on the 19th waited; all were shipped in time, so that 1 of 120 was late."""
    out = StringIO()
    days = ["--from", "2026-06-18", "--to", "2026-06-18"]
    call_command("backtest", "--store", "F1", "--metric", "late_dispatch", *days, "--json", stdout=out)
    data = json.loads(out.getvalue())
    by_course = {row["course"]: (row["days"], row["held"], row["mean_absolute_error"]) for row in data["scores"]}
    assert by_course == {
        "nothing": (1, 0, "0.1666666667"),
        "in_time": (1, 1, "0.0000000000"),
        "pace": (1, 1, "0.0016666667"),
        "as_it_is": (1, 1, "0.0016666667"),
    }
    assert any("told from the orders" in text for text in data["approximated"])


def test_backtest_prints_a_table_and_refuses_nonsense(store: Store) -> None:
    out = StringIO()
    days = ["--from", "2026-06-05", "--to", "2026-06-18"]
    call_command("backtest", "--all", "--metric", "late_dispatch", "odr", *days, stdout=out)
    lines = out.getvalue().splitlines()
    assert [line.split()[:2] for line in lines[1:9]] == [
        [code, course] for code in ("late_dispatch", "odr") for course in ("nothing", "in_time", "pace", "as_it_is")
    ]
    with pytest.raises(CommandError, match="--from is after --to"):
        call_command("backtest", "--all", "--metric", "odr", "--from", "2026-06-02", "--to", "2026-06-01")
    with pytest.raises(CommandError, match="no store has the number X9"):
        call_command("backtest", "--store", "X9", "--metric", "odr", *days)
