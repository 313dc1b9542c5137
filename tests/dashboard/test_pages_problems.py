"""The list of problem orders: filters, keyset paging over ties, the download (PG-04, RL-12)."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from metrics.queries import problems
from metrics.queries.problems import SORTS, ProblemQuery, problem_page, problems_of
from stores.models import Company
from tests.metrics.pages import NOW, TODAY, Made, make_store_with_facts
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def made() -> Made:
    return make_store_with_facts(Company.objects.create(company_no="C1", name="Company"))


@pytest.fixture
def browser(made: Made) -> Client:
    client = client_of(make_person("owner", made.store.company))
    client.cookies["language"] = "en"
    return client


def listed(browser: Client, **query: str) -> list[str]:
    response = browser.get(reverse("dashboard:metric", args=["S1", "late_dispatch"]), query)
    assert response.status_code == 200
    return re.findall(r">(=N\d+)</a>", response.content.decode())


def query_of(made: Made, sort: str = "-day", **order: str) -> ProblemQuery:
    return ProblemQuery(made.store.pk, ("dispatch_late",), TODAY - timedelta(days=29), TODAY, order=order, sort=sort)


@pytest.mark.rule("PG-04")
def test_list_is_newest_first_and_sorts_by_address(browser: Client) -> None:
    assert listed(browser)[:6] == ["=N004", "=N003", "=N002", "=N001", "=N000", "=N005"]
    assert listed(browser, sort="order_no") == [f"=N{place:03d}" for place in range(14)]
    assert listed(browser, sort="-order_no") == [f"=N{place:03d}" for place in reversed(range(14))]


def test_filters_are_in_the_address(browser: Client) -> None:
    assert listed(browser, site="ES", sort="order_no") == [f"=N{place:03d}" for place in range(1, 14, 2)]
    assert listed(browser, carrier="YANWEN", site="FR", sort="order_no") == ["=N000", "=N006", "=N012"]
    assert listed(browser, first="2026-06-19", last="2026-06-19", sort="order_no") == [f"=N00{n}" for n in range(5)]
    assert listed(browser, carrier="nonsense", first="x", sort="y", earlier="~~", later="\u0000") == listed(browser)


def test_total_is_that_of_the_facts(browser: Client) -> None:
    page = browser.get(reverse("dashboard:metric", args=["S1", "late_dispatch"])).content.decode()
    assert "14 problem orders" in page
    page = browser.get(reverse("dashboard:metric", args=["S1", "late_dispatch"]), {"site": "ES"}).content.decode()
    assert "7 problem orders" in page


@pytest.mark.parametrize("sort", SORTS)
def test_pages_by_key_cover_everything_once_over_ties(made: Made, monkeypatch: pytest.MonkeyPatch, sort: str) -> None:
    """Five orders share a day: a page of two ends inside the tie."""
    monkeypatch.setattr(problems, "PAGE", 2)
    query = query_of(made, sort)
    everything = set(problems_of(query).values_list("order_id", flat=True))
    seen, page, pages = [], problem_page(query), []
    while True:
        pages.append([row.problem.order_id for row in page.rows])
        seen += pages[-1]
        if not page.earlier:
            break
        page = problem_page(query, earlier=page.earlier)
    assert set(seen) == everything
    assert len(seen) == len(everything) == 14
    back = []
    while page.later:
        page = problem_page(query, later=page.later)
        back.append([row.problem.order_id for row in page.rows])
    assert back == pages[-2::-1]


@pytest.mark.parametrize("sort", SORTS)
def test_download_has_the_order_of_the_list(made: Made, browser: Client, sort: str) -> None:
    page = problem_page(query_of(made, sort))
    response = browser.get(
        reverse("dashboard:problems_file", args=["S1", "late_dispatch", "csv"]), {"sort": sort, "form": "machine"}
    )
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["order_no"] for row in rows] == [f"'{row.order.order_no}" for row in page.rows if row.order]
    assert len(rows) == 14


def test_workbook_has_the_same_rows_as_the_csv(browser: Client) -> None:
    query = {"site": "FR", "form": "machine"}
    table = browser.get(reverse("dashboard:problems_file", args=["S1", "late_dispatch", "csv"]), query)
    text = b"".join(table.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    workbook = browser.get(reverse("dashboard:problems_file", args=["S1", "late_dispatch", "xlsx"]), query)
    assert workbook["Content-Disposition"] == 'attachment; filename="S1-late_dispatch-2026-06-19.xlsx"'
    rows = CalamineWorkbook.from_filelike(io.BytesIO(workbook.getvalue())).get_sheet_by_index(0).to_python()
    header, *cells = list(csv.reader(io.StringIO(text)))
    assert rows[0] == header
    # Its numbers are numbers.
    plain = [[*row[:-1], float(row[-1])] for row in cells]
    assert [[*row[:-1], float(str(row[-1]))] for row in rows[1:]] == plain


def test_filtered_lists_are_counted_up_to_a_bound(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems, "MOST_COUNTED", 5)
    page = problem_page(query_of(made, site="ES"))
    assert (page.total, page.more) == (5, True)


@pytest.mark.rule("RL-12")
def test_download_streams_the_filtered_rows_without_formulas(browser: Client) -> None:
    response = browser.get(
        reverse("dashboard:problems_file", args=["S1", "late_dispatch", "csv"]), {"site": "FR", "form": "machine"}
    )
    assert response["Content-Disposition"] == 'attachment; filename="S1-late_dispatch-2026-06-19.csv"'
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.startswith("\ufeffday,counter,order_no")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["site"] for row in rows] == ["FR"] * 7
    assert rows[0]["order_no"] == "'=N004"
    assert rows[0]["ship_by"] == "2026-06-19T22:00:00+08:00"
    assert rows[0]["total_usd"] == "12.50000000"


def test_htmx_gets_the_list_alone_from_the_same_address(browser: Client) -> None:
    address = reverse("dashboard:metric", args=["S1", "late_dispatch"])
    fragment = browser.get(address, headers={"HX-Request": "true", "HX-Target": "problems"})
    assert fragment.content.decode().lstrip().startswith('<div id="problems">')
    assert "HX-Request" in fragment["Vary"]
    whole = browser.get(
        address, headers={"HX-Request": "true", "HX-Target": "problems", "HX-History-Restore-Request": "true"}
    )
    assert "<!doctype html>" in whole.content.decode()


@pytest.mark.rule("PG-04")
@pytest.mark.parametrize(("language", "reason"), [("en", "shipped 5 h late"), ("zh-hans", "晚发 5 小时")])
def test_every_row_says_why_it_failed_beside_the_instants_that_matter(
    browser: Client, language: str, reason: str
) -> None:
    browser.cookies["language"] = language
    page = browser.get(reverse("dashboard:metric", args=["S1", "late_dispatch"]), {"site": "FR"}).content.decode()
    assert page.count(f">{reason}</td>") == 7
    headings = re.findall(r"<th [^>]*columnheader[^>]*>(?:<a [^>]*>)?([^<]+)", page[page.index('id="problems"') :])
    due = {"en": ["Ship by", "Shipped"], "zh-hans": ["发货期限", "发货"]}[language]
    assert [heading.strip() for heading in headings][3:5] == due
    assert "22:00" in page


PEOPLE_HEADINGS = {
    "zh-hans": (
        "订单号/投诉号,计入日期,原因,其他原因,发货期限 (GMT+8),发货 (GMT+8),物流商,运单号,站点,类目,SKU,订单状态,渠道,"
        "付款时间 (GMT+8),首次扫描时间 (GMT+8),预计送达时间 (GMT+8),妥投时间 (GMT+8),"
        "取消时间 (GMT+8),退款时间 (GMT+8),订单金额,币种,订单金额（美元）"
    ),
    "en": (
        "Order or complaint,Counted on,Reason,Other reasons,Ship by (GMT+8),Shipped (GMT+8),Carrier,Tracking number,"
        "Site,Category,SKU,Order state,Channel,Paid (GMT+8),First scan (GMT+8),"
        "Estimated delivery (GMT+8),Delivered (GMT+8),Cancelled (GMT+8),Refunded (GMT+8),Amount,Currency,"
        '"Amount, USD"'
    ),
}
PEOPLE_ROWS = {
    "zh-hans": ("晚发 5 小时", "法国,玩具爱好", "已发货,平台"),
    "en": ("shipped 5 h late", "France,Toys & hobbies", "shipped,platform"),
}


@pytest.mark.rule("PG-04", "RL-12", "DM-28")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_file_for_people_says_why_in_their_language(browser: Client, language: str) -> None:
    browser.cookies["language"] = language
    response = browser.get(reverse("dashboard:problems_file", args=["S1", "late_dispatch", "csv"]), {"site": "FR"})
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.startswith(f"\ufeff{PEOPLE_HEADINGS[language]}\r\n")
    reason, site, state = PEOPLE_ROWS[language]
    due, done = "2026-06-19 22:00:00", "2026-06-20 03:00:00"
    assert text.splitlines()[1] == (
        f"'=N004,2026-06-19,{reason},,{due},{done},CAINIAO,,{site},,{state},2026-06-16 22:00:00,,,,,,12.50,USD,12.50"
    )
    workbook = browser.get(reverse("dashboard:problems_file", args=["S1", "late_dispatch", "xlsx"]), {"site": "FR"})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(workbook.getvalue())).get_sheet_by_index(0).to_python()
    assert ",".join(map(str, rows[0])) == PEOPLE_HEADINGS[language].replace('"', "")
    assert len(rows) == 8
    assert rows[1][:4] == ["=N004", date(2026, 6, 19), reason, ""]
    assert rows[1][4:6] == [datetime.fromisoformat(due), datetime.fromisoformat(done)]


def test_machine_form_is_a_choice_of_the_list(browser: Client) -> None:
    page = browser.get(reverse("dashboard:metric", args=["S1", "late_dispatch"]), {"site": "FR"}).content.decode()
    base = "/stores/S1/metrics/late_dispatch/problems"
    for end in (".xlsx?site=FR", ".csv?site=FR", ".csv?site=FR&amp;form=machine"):
        assert f'href="{base}{end}"' in page
