"""The record and a notice: by request (PG-10, PN-30, PG-21)."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from core.models import Event
from metrics.models import Fact
from metrics.services.night import run_night
from notifications.models import Notice, NoticeOrder
from orders.models import Order
from stores.models import Company, Store
from tests.metrics.pages import NOW, TODAY, Made, make_store_with_facts
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judge, judged, late_end, make_store, publish
from tests.notifications.pages import english, fetch, make_record, words_of
from tests.stores.people import client_of, make_person, make_staff

pytestmark = pytest.mark.sqlite_only

HOUR = timedelta(hours=1)


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def browser(store: Store) -> Client:
    return english(client_of(make_person("owner", store.company)))


@pytest.fixture
def made(store: Store) -> Made:
    """A gold, governed store of the same company with 14 of 226 orders late, judged at `NOW`."""
    made = make_store_with_facts(store.company, "N1")
    Store.objects.filter(pk=made.store.pk).update(mode="governed")
    run_night(day=TODAY, at=NOW)
    return made


@pytest.fixture
def record(store: Store) -> Store:
    return make_record(store)


# ── a notice ──


@pytest.mark.rule("PN-30", "DM-32", "PN-07")
def test_notice_tells_what_happened_with_its_frozen_arithmetic(browser: Client, made: Made) -> None:
    number = Notice.objects.get().number
    Order.objects.all().delete()
    Fact.objects.filter(day=TODAY).update(dispatch_late=0)
    html = fetch(browser, "notice", "N1", number, at=NOW + HOUR)
    text = words_of(html)
    assert "Late dispatch was 6.19 % on 2026-06-19: over the red threshold of 4.75 %." in text
    assert "14 dispatched late ÷ 226 due for dispatch = 6.19 % > 4.75 % 5 % × 0.95 gold level" in text
    assert "2026-05-21 … 2026-06-19, 30 days" in text
    assert "Rectify now" not in text
    assert "14 problem orders" in text
    assert "=N013" in text
    assert f'data-due="{int((NOW + 7 * ONE_DAY).timestamp())}"' in html
    assert "opened in time" in text


@pytest.mark.rule("PN-30", "MX-08")
def test_notice_shows_the_present_value_beside_the_judged_one(browser: Client, made: Made) -> None:
    Fact.objects.filter(store=made.store, day=TODAY).update(dispatch_late=0)
    text = words_of(fetch(browser, "notice", "N1", Notice.objects.get().number, at=NOW + HOUR))
    assert "On 2026-06-19, as judged 6.19 % red Now, on 2026-06-19 3.98 %" in text


@pytest.mark.rule("PN-30", "MX-15", "DM-32", "PN-31")
def test_notice_leads_to_root_causes_package_and_timelines(browser: Client, made: Made) -> None:
    notice = Notice.objects.get()
    html = fetch(browser, "notice", "N1", notice.number)
    for name in ("causes", "package"):
        address = reverse(f"dashboard:{name}", args=["N1", notice.metric]) + "?day=2026-06-19"
        assert f'"{address}"' in html
        with time_machine.travel(NOW, tick=False):
            assert browser.get(address).status_code == 200
    assert f'href="{reverse("dashboard:order", args=["N1", made.late[0].order_no])}"' in html


@pytest.mark.slow
@pytest.mark.rule("PN-30")
def test_notice_names_earlier_ones_of_its_metric_and_what_became_of_them(store: Store, browser: Client) -> None:
    publish(store, DAY - 90 * ONE_DAY, late_dispatch="red")
    judge(DAY - 90 * ONE_DAY, at=late_end(DAY))
    judged(store, DAY - 80 * ONE_DAY, at=late_end(DAY), late_dispatch="ok")
    judged(store, odr="yellow", late_dispatch="yellow")
    judged(store, DAY + ONE_DAY, late_dispatch="red")
    assert Notice.objects.count() == 4
    text = words_of(fetch(browser, "notice", "S1", "PN20260311-000001", at=NIGHT + 2 * ONE_DAY))
    assert text.index("Earlier notices of this metric") < text.index("PN20260310-000002 yellow 4.50 %")
    assert "PN20260310-000002 yellow 4.50 % replaced by PN20260311-000001" in text
    assert "PN20251210-000001 red 6.19 % within its thresholds again on 2025-12-20" in text
    assert "PN20260310-000001" not in text
    first = words_of(fetch(browser, "notice", "S1", "PN20251210-000001", at=NIGHT + 2 * ONE_DAY))
    assert "Earlier notices of this metric" not in first


@pytest.mark.rule("PN-30")
@pytest.mark.parametrize(
    ("query", "count"), [({}, 14), ({"site": "ES"}, 7), ({"carrier": "YANWEN"}, 5), ({"last": "2026-06-18"}, 9)]
)
def test_problem_orders_are_filtered_and_downloaded(
    browser: Client, made: Made, query: dict[str, str], count: int
) -> None:
    number = Notice.objects.get().number
    assert f"{count} problem orders" in words_of(fetch(browser, "notice", "N1", number, **query))
    lines = fetch(browser, "notice_orders_file", "N1", number, "csv", **query).splitlines()
    assert len(lines) == count + 1
    assert "'=N0" in lines[1]
    workbook = browser.get(reverse("dashboard:notice_orders_file", args=["N1", number, "xlsx"]), query).getvalue()
    assert len(CalamineWorkbook.from_filelike(BytesIO(workbook)).get_sheet_by_index(0).to_python()) == count + 1


@pytest.mark.rule("PN-30", "PN-01")
def test_problem_orders_say_why_as_it_was_and_are_filtered_by_it(browser: Client, made: Made) -> None:
    notice = Notice.objects.get()
    text = words_of(fetch(browser, "notice", "N1", notice.number))
    assert text.count("shipped 5 h late") == 14
    assert "Ship by" in text
    # One that was still open then is measured to when the notice was issued, whatever happened since.
    kept = notice.orders.get(order_no="=N004")
    assert kept.since_at is not None
    NoticeOrder.objects.filter(pk=kept.pk).update(reason="not_shipped", until_at=None)
    Order.objects.all().delete()
    overdue = f"not shipped, {int((notice.triggered_at - kept.since_at).total_seconds()) // 3600} h overdue"
    page = fetch(browser, "notice", "N1", notice.number, at=NOW + 30 * ONE_DAY)
    assert overdue in words_of(page)
    assert "Reason all not shipped shipped late" in words_of(page)
    late = words_of(fetch(browser, "notice", "N1", notice.number, reason="not_shipped"))
    assert "1 problem order" in late
    assert "=N004" in late


@pytest.mark.rule("PN-30")
def test_notices_older_than_reasons_tell_those_of_their_orders_now(browser: Client, made: Made) -> None:
    notice = Notice.objects.get()
    NoticeOrder.objects.update(reason="", reason_also="", counted_at=None, since_at=None, until_at=None)
    page = fetch(browser, "notice", "N1", notice.number)
    assert words_of(page).count("shipped 5 h late") == 14
    assert 'name="reason"' not in page
    # What is gone is told by the failure alone.
    Order.objects.all().delete()
    assert fetch(browser, "notice", "N1", notice.number).count(">dispatched late</td>") == 14


@pytest.mark.rule("PG-21", "MX-15")
def test_print_version_has_every_order_and_the_causes(browser: Client, made: Made) -> None:
    notice = Notice.objects.get()
    rows = [NoticeOrder(notice=notice, place=place, counter="dispatch_late", day=TODAY) for place in range(20, 320)]
    NoticeOrder.objects.bulk_create(rows)
    html = fetch(browser, "notice", "N1", notice.number)
    assert "Printed are orders 1–20 of 314; the print version of the notice has all of them." in words_of(html)
    assert html.count('data-label="Carrier and number"') == 20
    assert 'href="?print=1"' in html
    whole = fetch(browser, "notice", "N1", notice.number, print="1")
    assert whole.count('data-label="Carrier and number"') == 314
    assert "hx-get" not in whole.partition("<article")[2].partition("</article>")[0]
    causes = words_of(whole.partition('id="causes-title"')[2].partition("</section>")[0])
    with time_machine.travel(NOW, tick=False):
        address = reverse("dashboard:causes", args=["N1", notice.metric])
        fragment = browser.get(address, {"day": "2026-06-19"}, headers={"HX-Request": "true"}).content.decode()
    assert words_of(fragment) in causes
    assert words_of(fragment)


@pytest.mark.rule("PN-03")
def test_opening_by_a_member_is_recorded_and_by_staff_is_not(store: Store, browser: Client) -> None:
    judged(store, late_dispatch="red")
    number = Notice.objects.get().number
    staff = english(client_of(make_staff("reviewer", "reviewer")))
    assert "by nobody of the company yet" in words_of(fetch(staff, "notice", "S1", number, at=NIGHT + HOUR))
    with time_machine.travel(NIGHT + HOUR, tick=False):
        browser.head(reverse("dashboard:notice", args=["S1", number]))
        fetch(browser, "list", "S1", at=NIGHT + HOUR)
    assert Notice.objects.get().state == "issued"
    analyst = client_of(make_person("analyst", store.company, "analyst"))
    fetch(analyst, "notice", "S1", number, at=NIGHT + 2 * HOUR)
    fetch(browser, "notice", "S1", number, at=NIGHT + 3 * HOUR)
    notice = Notice.objects.select_related("opened_by").get()
    assert (notice.state, notice.opened_at) == ("opened", NIGHT + 2 * HOUR)
    assert notice.opened_by is not None
    assert notice.opened_by.email == "analyst@example.com"
    assert Event.objects.get(kind="notice.opened").actor == f"person:{notice.opened_by.pk}"


@pytest.mark.rule("PN-03", "PN-30")
def test_waived_notice_says_so(store: Store, browser: Client) -> None:
    judged(store, late_dispatch="red")
    number = Notice.objects.get().number
    text = words_of(fetch(browser, "notice", "S1", number, at=NIGHT + 4 * ONE_DAY))
    assert "appeal waived" in text
    assert "The appeal is waived: nobody of the company opened the notice in time." in text


@pytest.mark.rule("PN-06")
def test_escalated_notice_and_its_successor_name_each_other(store: Store, browser: Client) -> None:
    judged(store, late_dispatch="yellow")
    judged(store, DAY + ONE_DAY, late_dispatch="red")
    yellow, red = Notice.objects.order_by("id").values_list("number", flat=True)
    at = NIGHT + ONE_DAY + HOUR
    assert f"Replaced by {red}" in words_of(fetch(browser, "notice", "S1", yellow, at=at))
    assert f"Replaces {yellow}" in words_of(fetch(browser, "notice", "S1", red, at=at))


@pytest.mark.rule("DM-11a", "MX-09")
def test_notice_that_does_not_act_says_that_nothing_follows(browser: Client, record: Store) -> None:
    text = words_of(fetch(browser, "notice", "S2", "PN20260310-000003"))
    assert "the platform decides" in text
    assert "first judged long after it ended" in words_of(fetch(browser, "notice", "S1", "PN20251210-000001"))


@pytest.mark.rule("PN-04")
@pytest.mark.parametrize(
    ("code", "scorecard", "sentence"),
    [
        ("dsr", {"value": "4.5500000000", "red": "4.6000000000"}, "Store rating was 4.55 on 2026-03-10: under the red"),
        (
            "delivered",
            {"value": "0.9400000000", "red": "0.9500000000", "numerator": 94, "denominator": 100},
            "Delivered was 94.00 % on 2026-03-10: under the red threshold of 95 %.",
        ),
    ],
)
def test_floors_and_stars_are_told_in_their_own_unit(
    store: Store, browser: Client, code: str, scorecard: dict[str, Any], sentence: str
) -> None:
    row = publish(store, **{code: "red"})
    row.scorecard[code] = {"level": "red", **scorecard}
    row.save()
    assert judge(calendar=row.calendar) == 1
    text = words_of(fetch(browser, "notice", "S1", Notice.objects.get().number))
    assert sentence in text
    assert ("( 100 outcomes − 6 not delivered ) ÷ 100 outcomes = 94.00 % < 95 %" in text) == (code == "delivered")


@pytest.mark.rule("RL-08")
@pytest.mark.parametrize("number", ["PN20260310-000002", "PN20260310-999999", "x\x00"])
def test_number_of_another_store_is_as_one_that_does_not_exist(browser: Client, store: Store, number: str) -> None:
    judged(store, late_dispatch="red")
    judged(make_store("S9", company=Company.objects.create(company_no="X", name="X")), late_dispatch="red")
    assert set(Notice.objects.values_list("number", flat=True)) == {"PN20260310-000001", "PN20260310-000002"}
    for name, *suffix in (("notice",), ("notice_orders_file", "csv")):
        assert browser.get(reverse(f"dashboard:{name}", args=["S1", number, *suffix])).status_code == 404
