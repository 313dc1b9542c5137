"""What the page of a notice says can be done now, and what follows (PN-30, PN-07, BX-16, PN-14)."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from appeals.models import Appeal, AppealOrder
from dashboard.presenters.rescue import MOST_CELLS
from dashboard.queries.notice import Asked, notice_details
from dashboard.queries.what_now import AppealWay, Standing, WhatNow
from metrics.models import Problem
from notifications.models import Notice, NoticeOrder
from notifications.queries.notices import orders_of
from notifications.rules import State
from orders.models import Exclusion, Order
from stores.models import Company, Store
from tests.metrics.pages import NOW, TODAY, Made, make_store_with_facts
from tests.notifications.build import judge, publish
from tests.notifications.pages import english, fetch, words_of
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]
DAY = timedelta(days=1)


@pytest.fixture
def made() -> Made:
    """14 late orders of 226 against 4.75 %, in a red notice: 3 late by their sync alone, 2 handed over in time, one not
    shipped yet."""
    made = make_store_with_facts(Company.objects.create(company_no="C", name="C"), "N1")
    Store.objects.update(mode="governed")
    publish(made.store, TODAY, late_dispatch="red")
    judge(TODAY)
    for order in made.late[:3]:
        Order.objects.filter(pk=order.pk).update(first_scan_at=order.ship_by)
    for order in made.late[3:5]:
        due = order.ship_by
        assert due is not None
        Order.objects.filter(pk=order.pk).update(dispatch_confirmed_at=due, first_scan_at=due + timedelta(hours=5))
    Order.objects.filter(pk=made.late[5].pk).update(state="paid", shipped_at=None)
    return made


@pytest.fixture
def browser(made: Made) -> Client:
    return english(client_of(make_person("owner", made.store.company)))


def page_of(browser: Client, **query: str) -> str:
    return fetch(browser, "notice", "N1", Notice.objects.get().number, **query)


def now_of(**query: Any) -> WhatNow:
    notice = Notice.objects.select_related("store").get()
    orders = orders_of(notice, exact={}, first=None, last=None)
    return notice_details(notice, Asked(orders), NOW).now


def section(html: str, name: str) -> str:
    """The words of the part that a heading names."""
    return words_of(html.partition(f'aria-labelledby="{name}">')[2].partition("</section>")[0])


@pytest.mark.rule("BX-16")
def test_bx16_smallest_change_is_said_and_drawn(browser: Client) -> None:
    """10 of 226 are within 4.75 %, 11 are not."""
    html = page_of(browser)
    text = words_of(html)
    assert "4 orders not counted bring you back within 4.75 %" in text
    assert "Once they are accepted: 10 ÷ 226 = 4.42 %." in text
    assert "5 can be appealed, with all evidence there for 3 of them." in text
    assert "10 at most within the threshold these 4 have to go" in text
    assert re.findall(r'<rect class="(\w+)"', html) == ["past"] * 8 + ["open"] + ["claim"] + ["chosen"] * 4
    assert 'class="limit" x1="100" x2="100"' in html


@pytest.mark.rule("BX-16", "MX-13")
def test_bx16_day_on_which_waiting_is_enough_is_that_of_the_metrics_page(browser: Client, made: Made) -> None:
    """The four oldest late orders are due from 10 to 13 June; 30 days later the fourth has left."""
    change = now_of().change
    assert change is not None
    assert change.wait_days is not None
    day = TODAY + change.wait_days * DAY
    assert f"By waiting alone, without a new failure, the evaluation of {day} at the earliest." in words_of(
        page_of(browser)
    )
    left = Problem.objects.filter(day__gt=day - 30 * DAY).count()
    assert left == 10


@pytest.mark.rule("BX-16")
def test_what_does_not_suffice_says_so(browser: Client, made: Made) -> None:
    Order.objects.update(dispatch_confirmed_at=None)
    Order.objects.filter(pk=made.late[0].pk).update(first_scan_at=None)
    text = words_of(page_of(browser))
    assert "2 orders can be appealed: that alone does not bring you back within 4.75 %" in text
    assert "With them, and no new failure, the evaluation of" in text
    Order.objects.update(first_scan_at=None)
    assert "No order can be taken out now: only time brings you back within 4.75 %" in words_of(page_of(browser))


@pytest.mark.rule("PN-30", "PN-07")
def test_three_columns_count_what_they_open(browser: Client) -> None:
    html = page_of(browser)
    assert section(html, "save").startswith("Can still be saved 1 Do this first")
    assert "1 order overdue, not shipped" in section(html, "save")
    claim = section(html, "claim")
    assert claim.startswith("Can be appealed 5")
    assert "3 orders: platform or sync error evidence is there" in claim
    assert "2 orders: carrier's fault missing: carrier trace, third-party document" in claim
    assert section(html, "past").startswith("Past 8")
    for standing, count in {"act": 1, "appeal": 5, "past": 8}.items():
        shown = page_of(browser, can=standing)
        assert f"{count} problem order" in words_of(shown)
        assert shown.count('<th scope="row" role="rowheader">') == count
        lines = fetch(
            browser, "notice_orders_file", "N1", Notice.objects.get().number, "csv", can=standing
        ).splitlines()
        assert len(lines) == count + 1


@pytest.mark.rule("PN-30")
def test_each_order_says_what_to_do(browser: Client) -> None:
    text = words_of(page_of(browser))
    assert text.count("Can be appealed platform or sync error") == 3
    assert text.count("Can be appealed carrier's fault") == 2
    assert text.count("Act now") == 1
    assert text.count("leaves the window on 2026-07-") == 8


@pytest.mark.rule("DM-34", "PN-30")
def test_orders_that_count_no_more_are_named_apart(browser: Client, made: Made) -> None:
    order = made.late[0]
    Exclusion.objects.create(
        store=made.store, order=order, subject_kind="order", subject_id=order.pk, metric="late_dispatch",
        cause_no="A1", created_at=NOW,
    )  # fmt: skip
    Problem.objects.filter(order_id=order.pk).delete()
    found = now_of()
    assert [len(found.of(standing)) for standing in Standing] == [1, 4, 8, 1]
    assert "1 problem order of this notice counts no more" in words_of(page_of(browser))


@pytest.mark.rule("PN-33", "PN-30")
@pytest.mark.parametrize(
    ("state", "way", "words"),
    [
        (State.WAIVED, AppealWay.WAIVED, "Nobody of the company opened the notice in time, so its appeal is waived."),
        (State.PLAN, AppealWay.CLOSED, "It was appealed and still stands: the improvement plan decides."),
        (State.FAILED, AppealWay.CLOSED, "The improvement plan failed: a senior reviewer decides."),
        (State.ACCEPTED, AppealWay.CLOSED, "The appeal was accepted: nothing follows from this notice."),
        (State.RECTIFIED, AppealWay.CLOSED, "The notice is rectified: nothing has to be appealed."),
        (State.RESOLVED, AppealWay.CLOSED, "The notice is resolved. To the improvement plan"),
        (State.APPEALING, AppealWay.UNDERWAY, "Appeal AP-1 is under way."),
        (State.OPENED, AppealWay.OPEN, "3 orders: platform or sync error"),
    ],
)
def test_columns_say_what_is_possible_in_each_state(
    browser: Client, made: Made, state: State, way: AppealWay, words: str
) -> None:
    notice = Notice.objects.get()
    if state == State.APPEALING:
        Appeal.objects.create(
            store=made.store, number="AP-1", kind="notice", subject_key=notice.number, notice=notice, state="review",
            created_at=NOW,
        )  # fmt: skip
    Notice.objects.update(state=state, opened_at=NOW)
    assert now_of().way == way
    assert words in section(page_of(browser), "claim")


@pytest.mark.rule("AP-01", "PN-30")
def test_appeal_leads_into_the_steps_and_a_draft_is_gone_on_with(browser: Client, made: Made) -> None:
    notice = Notice.objects.get()
    start = reverse("appeals:start", args=["N1", "notice", notice.number])
    html = page_of(browser)
    assert html.count(f'href="{start}">Appeal 5 orders</a>') == 2
    Appeal.objects.create(
        store=made.store, number="AP-1", kind="notice", subject_key=notice.number, notice=notice, state="draft",
        created_at=NOW,
    )  # fmt: skip
    draft = reverse("appeals:appeal", args=["N1", "AP-1"])
    assert f'href="{draft}">Continue the appeal</a>' in page_of(browser)


@pytest.mark.rule("BX-05", "PN-30")
def test_rejected_appeal_has_a_second_while_there_is_time(browser: Client, made: Made) -> None:
    notice = Notice.objects.get()
    appeal = Appeal.objects.create(
        store=made.store, number="AP-1", kind="notice", subject_key=notice.number, notice=notice, state="rejected",
        created_at=NOW, decided_at=NOW,
    )  # fmt: skip
    AppealOrder.objects.create(appeal=appeal, order=made.late[0], place=0, decision="rejected")
    Notice.objects.update(state=State.PLAN, opened_at=NOW)
    assert now_of().way == AppealWay.SECOND
    assert "One second appeal is left" in section(page_of(browser), "claim")
    Appeal.objects.update(decided_at=NOW - 8 * DAY)
    assert now_of().way == AppealWay.CLOSED
    assert "To the improvement plan" in section(page_of(browser), "claim")


@pytest.mark.rule("DM-11a", "PN-30")
def test_predicted_notice_prepares_the_case(browser: Client, made: Made) -> None:
    Notice.objects.update(state=State.PREDICTED, predicted=True)
    html = page_of(browser)
    assert "prepare the case here and hand it in there" in section(html, "claim")
    assert "the platform decides" in section(html, "follows-title")
    assert 'class="path"' not in html


@pytest.mark.rule("PN-14", "PN-03")
def test_what_follows_is_listed_with_its_dates(browser: Client) -> None:
    text = section(page_of(browser), "follows-title")
    trigger = Notice.objects.get().triggered_at + timedelta(hours=8)
    assert f"Since the trigger · {trigger:%Y-%m-%d %H:%M}" in text
    assert f"7 days · {trigger + 7 * DAY:%Y-%m-%d %H:%M}" in text
    assert "the appeal window closes, payouts are held" in text
    assert "does not happen: owner" in text


@pytest.mark.rule("PN-30")
def test_clocks_stay_in_sight_with_the_way_to_what_they_ask_for(browser: Client, made: Made) -> None:
    html = page_of(browser)
    clocks = words_of(html.partition('<dl class="clocks">')[2].partition("</dl>")[0])
    assert clocks.startswith("Appeal within")
    assert "First overdue order" in clocks
    address = f"{reverse('dashboard:orders', args=['N1'])}?tab=ship&amp;rectify={Notice.objects.get().number}"
    assert f'<a href="{address}">Rectify</a>' in html


def test_many_failures_are_drawn_as_bars(browser: Client, made: Made) -> None:
    notice = Notice.objects.get()
    Problem.objects.bulk_create(
        Problem(store=made.store, counter="dispatch_late", day=TODAY, order_id=10_000 + n, subject_id=10_000 + n)
        for n in range(MOST_CELLS)
    )
    html = page_of(browser)
    assert len(re.findall("<rect class=", html.partition('class="units"')[2].partition("</svg>")[0])) <= 4
    assert notice.orders.count() == 14


def test_number_of_queries_does_not_grow_with_orders(
    browser: Client, made: Made, django_assert_max_num_queries: Any
) -> None:
    notice = Notice.objects.get()
    page_of(browser)
    with time_machine.travel(NOW, tick=False):
        address = reverse("dashboard:notice", args=["N1", notice.number])
        with django_assert_max_num_queries(75):
            browser.get(address)


def test_asked_for_something_unknown_shows_all(browser: Client) -> None:
    assert NoticeOrder.objects.count() == 14
    assert "14 problem orders" in words_of(page_of(browser, can="nonsense"))


@pytest.mark.rule("BX-18")
def test_what_counts_in_the_metric_is_one_click_away(browser: Client) -> None:
    counting = f"{reverse('dashboard:counting')}#late_dispatch"
    metric = browser.get(reverse("dashboard:metric", args=["N1", "late_dispatch"])).content.decode()
    assert [f'href="{counting}"' in page for page in (page_of(browser), metric)] == [True, True]


@pytest.mark.rule("PN-15")
def test_tools_follow_from_why_orders_fail(browser: Client) -> None:
    names = ("carriers", "carrier_register", "replies")
    carriers, register, replies = (reverse(f"dashboard:{name}", args=["N1"]) for name in names)
    late = page_of(browser)
    assert (f'href="{carriers}"' in late, f'href="{register}"' in late, replies in late) == (True, True, False)
    NoticeOrder.objects.filter(place=1).update(reason="dispute.quality")
    NoticeOrder.objects.filter(place=2).update(reason="review.2")
    complained = page_of(browser)
    assert f'href="{replies}?about=quality"' in complained
    assert f'href="{replies}?about=described"' in complained
