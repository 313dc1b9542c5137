"""The performance record of a store: lists, filters, files (PG-10, PN-30, PG-21)."""

import re
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from python_calamine import CalamineWorkbook

from core.models import Deadline
from metrics.catalogue import METRICS
from notifications.models import ImprovementPlan, Notice
from stores.models import Store, User
from tests.metrics.pages import Made
from tests.notifications.build import NIGHT, ONE_DAY, judged, make_store
from tests.notifications.pages import fetch, listed, words_of
from tests.notifications.test_pages import HOUR, browser, made, record, store

__all__ = ["browser", "made", "record", "store"]

pytestmark = pytest.mark.sqlite_only


@pytest.mark.rule("PG-10", "PN-33")
def test_record_lists_newest_first_with_the_historical_shown_apart(browser: Client, record: Store) -> None:
    html = fetch(browser, "list", "S1", part="record")
    assert listed(html) == ["PN20260311-000001", "PN20260310-000002", "PN20260310-000001"]
    assert listed(fetch(browser, "list", "S1", part="historical")) == ["PN20251210-000001"]
    assert listed(fetch(browser, "list", "S1", part="predicted")) == []
    assert listed(fetch(browser, "list", "S2", part="predicted")) == ["PN20260310-000003"]
    text = words_of(html)
    assert "Open 2 Performance record 3 Predicted 0 Historical 1" in text
    assert listed(fetch(browser, "list", "S1")) == ["PN20260311-000001", "PN20260310-000001"]
    assert "6.19 % threshold 5 %" in text


@pytest.mark.rule("PG-10")
@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"level": "red"}, ["PN20260311-000001"]),
        ({"metric": "odr"}, ["PN20260310-000001"]),
        ({"state": "escalated"}, ["PN20260310-000002"]),
        ({"first": "2026-03-11"}, ["PN20260311-000001"]),
        ({"last": "2026-03-10", "level": "yellow", "metric": "late_dispatch"}, ["PN20260310-000002"]),
        ({"level": "green", "metric": "x", "first": "yesterday", "page": "99"}, None),
    ],
)
def test_record_is_filtered_by_the_address(
    browser: Client, record: Store, query: dict[str, str], numbers: list[str] | None
) -> None:
    expected = numbers or ["PN20260311-000001", "PN20260310-000002", "PN20260310-000001"]
    page = fetch(browser, "list", "S1", part="record", **query)
    assert listed(page) == expected
    assert re.findall(r'\?part=record[^"]*" aria-current="page">[^<]* <span class="count">(\d+)<', page) == [
        str(len(expected))
    ]
    csv = fetch(browser, "notices_file", "S1", "csv", part="record", form="machine", **query)
    assert [line.split(",")[0] for line in csv.splitlines()[1:]] == expected


@pytest.mark.rule("PG-10", "PN-13", "RL-12")
def test_record_is_downloaded_as_csv_and_workbook(browser: Client, record: Store) -> None:
    fetch(browser, "notice", "S1", "PN20260311-000001", at=NIGHT + 2 * ONE_DAY)
    notice = Notice.objects.get(number="PN20260311-000001")
    ImprovementPlan.objects.create(notice=notice, opened_at=NIGHT)
    Notice.objects.filter(pk=notice.pk).update(state="plan", assignee=User.objects.get(email="owner@example.com"))
    lines = fetch(browser, "notices_file", "S1", "csv", form="machine").splitlines()
    headings = "number,level,metric,triggered_at,opened_by,opened_at,state,appeal_result,responsible,penalties"
    assert lines[0] == f"\ufeff{headings}"
    assert lines[1] == (
        "PN20260311-000001,red,late_dispatch,2026-03-12T02:00:00+08:00,"
        "owner@example.com,2026-03-13T02:00:00+08:00,plan,rejected,owner@example.com,"
        "promotion_block search_demotion"
    )
    assert lines[2].endswith(",issued,,,")
    workbook = browser.get(reverse("dashboard:notices_file", args=["S1", "xlsx"]), {"form": "machine"}).getvalue()
    rows = CalamineWorkbook.from_filelike(BytesIO(workbook)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows] == [line.split(",")[0].lstrip("\ufeff") for line in lines]


@pytest.mark.rule("PN-13", "RL-12", "DM-28")
@pytest.mark.parametrize(
    ("language", "headings", "level", "penalties"),
    [
        (
            "en",
            "Notice,Level,Metric,Value,Line,Triggered (GMT+8),Opened by,Opened (GMT+8),Notice state,Appeal result,"
            "Person responsible,Penalties",
            "red",
            '"promotion registration blocked, search demotion"',
        ),
        (
            "zh-hans",
            "通知编号,等级,指标,数值,考核线,触发时间 (GMT+8),打开人,打开时间 (GMT+8),通知状态,申诉结果,负责人,处罚",
            "红色",
            "禁止报名大促、搜索降权",
        ),
    ],
)
def test_record_for_people_speaks_their_language(
    browser: Client, record: Store, language: str, headings: str, level: str, penalties: str
) -> None:
    browser.cookies["language"] = language
    with translation.override(language):
        state, metric = (
            Notice.objects.get(number="PN20260311-000001").get_state_display(),
            METRICS["late_dispatch"].title,
        )
        first = f"PN20260311-000001,{level},{metric},6.1947%,5%,2026-03-12 02:00:00,,,{state},,,{penalties}"
    lines = fetch(browser, "notices_file", "S1", "csv").splitlines()
    assert lines[:2] == [f"\ufeff{headings}", first]
    workbook = browser.get(reverse("dashboard:notices_file", args=["S1", "xlsx"])).getvalue()
    rows = CalamineWorkbook.from_filelike(BytesIO(workbook)).get_sheet_by_index(0).to_python()
    assert [str(cell) for cell in rows[0]] == headings.split(",")
    assert rows[1][3:5] == [0.0619469027, 0.05]
    assert len(rows) == len(lines)


@pytest.mark.rule("PN-30", "RL-12")
def test_orders_of_a_notice_for_people_say_why(browser: Client, made: Made) -> None:
    lines = fetch(browser, "notice_orders_file", "N1", Notice.objects.get().number, "csv", site="FR").splitlines()
    assert lines[:2] == [
        "\ufeffOrder or complaint,Counted on,Reason,Other reasons,Ship by (GMT+8),Shipped (GMT+8),Carrier,"
        "Tracking number,Site,Category,Paid (GMT+8),Estimated delivery (GMT+8),Delivered (GMT+8),Cancelled (GMT+8),"
        "Refunded (GMT+8)",
        "'=N004,2026-06-19,shipped 5 h late,,2026-06-19 22:00:00,2026-06-20 03:00:00,CAINIAO,,France,Toys & hobbies,"
        "2026-06-16 22:00:00,,,,",
    ]


@pytest.mark.rule("PG-22")
def test_empty_record_says_how_notices_come(browser: Client, store: Store) -> None:
    text = words_of(fetch(browser, "list", "S1", part="record"))
    assert "No notices" in text
    assert "Every night the metrics of the day before are judged" in text


def test_queries_of_the_record_do_not_grow_with_it(browser: Client, record: Store) -> None:
    def queries(store_no: str, part: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            fetch(browser, "list", store_no, part=part)
        return len(caught)

    queries("S2", "predicted")
    # Beside predicted notices stand the platform's own.
    assert queries("S2", "predicted") == queries("S1", "record") + 1


@pytest.mark.rule("PG-10", "DM-11a", "PN-10")
def test_open_notices_are_listed_by_urgency(browser: Client, store: Store) -> None:
    judged(store, odr="yellow", late_dispatch="red", delivered="red", dispute_rate="yellow")
    judged(make_store("S2", "mirrored", store.company), dispute_rate="yellow", odr="red")
    numbers = dict(Notice.objects.filter(store=store).values_list("metric", "number"))
    Notice.objects.filter(number=numbers["odr"]).update(state="plan")
    due = {"odr": ("plan_due", NIGHT), "dispute_rate": ("notice_appeal", NIGHT + 27 * HOUR)}
    for metric, (kind, due_at) in due.items():
        Deadline.objects.filter(subject_key=numbers[metric], kind="notice_appeal").update(kind=kind, due_at=due_at)
    Deadline.objects.filter(subject_key=numbers["delivered"], kind="notice_view").update(due_at=NIGHT + 60 * HOUR)
    html = fetch(browser, "list", "S1", at=NIGHT + 3 * HOUR)
    assert listed(html) == [numbers[name] for name in ("odr", "dispute_rate", "delivered", "late_dispatch")]
    text = words_of(html)
    assert "overdue" in text or "00:00" in text
    assert "hand in the plan" in text
    assert "open it" in text
    # Predicted notices weigh as much, without a deadline of their own.
    predicted = dict(Notice.objects.filter(store__store_no="S2").values_list("metric", "number"))
    mirrored = fetch(browser, "list", "S2", at=NIGHT + 3 * HOUR)
    assert listed(mirrored) == [predicted["odr"], predicted["dispute_rate"]]
    assert words_of(mirrored).count("Record the platform's notice") == 2
