"""What happened on the days of a chart: changes of policy, freezes, notices (PG-04)."""

from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape

import orjson
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.pages.charts import Annotation, Series, figure
from core.timebase import performance_day_start
from dashboard.presenters.annotations import Occurrence, chart_annotations
from metrics.models import RatingFreeze
from metrics.services.night import run_night
from notifications.models import Notice
from rulebook.services import publish_policy
from rulebook.shipped import SHIPPED
from stores.models import Company, Membership, Store
from tests.metrics.pages import NOW, TODAY, Made, make_store_with_facts
from tests.stores.people import client_of, make_person

pytestmark = pytest.mark.sqlite_only


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
    return client_of(make_person("owner", company, Membership.Role.OWNER))


def page(browser: Client, name: str, *arguments: str, **query: str) -> str:
    answer = browser.get(reverse(name, args=["S1", *arguments]), query, headers={"accept-language": "en"})
    assert answer.status_code == 200
    return unescape(answer.content.decode()).replace("\xa0", " ")


def chart(browser: Client, code: str, **query: str) -> dict[str, object]:
    answer = browser.get(reverse("dashboard:metric_chart", args=["S1", code]), query)
    return orjson.loads(answer.content)


@pytest.mark.django_db
@pytest.mark.rule("PG-04")
def test_notice_is_an_annotation_on_its_metric_with_the_way_to_it(browser: Client, made: Made) -> None:
    Store.objects.update(mode=Store.Mode.GOVERNED)
    run_night(day=TODAY, at=NOW)
    notice = Notice.objects.get(metric="late_dispatch")
    html = page(browser, "dashboard:metric", "late_dispatch")
    legend = html[html.index('<ol class="chart-annotations"') :].partition("</ol>")[0]
    assert f"Red notice {notice.number}: 6.19 % · not opened yet" in legend
    assert reverse("dashboard:notice", args=["S1", notice.number]) in legend
    assert TODAY.isoformat() in legend
    notes = chart(browser, "late_dispatch")["layout"]["annotations"]
    assert ("1", "red", TODAY.isoformat()) in [(note["text"], note["name"], note["x"]) for note in notes]
    assert '<ol class="chart-annotations"' not in page(browser, "dashboard:metric", "odr")


@pytest.mark.django_db
@pytest.mark.rule("PG-04", "DM-30")
def test_lines_change_in_mid_window_and_the_change_is_an_annotation(browser: Client, made: Made) -> None:
    change = TODAY - timedelta(days=9)
    data = {**SHIPPED, "metrics.late_dispatch.yellow": {**SHIPPED["metrics.late_dispatch.yellow"], "value": "0.06"}}
    data["metrics.late_dispatch.red"] = {**SHIPPED["metrics.late_dispatch.red"], "value": "0.07"}
    start = performance_day_start(change)
    publish_policy(data=data, effective_from=start, author="Li", note="", at=start - timedelta(days=1))
    html = page(browser, "dashboard:metric", "late_dispatch")
    assert "Policy version 2 in force: yellow 3.8 % → 5.7 %, red 4.75 % → 6.65 %" in html
    assert reverse("rulebook:version", args=[2]) in html
    drawn = chart(browser, "late_dispatch")
    yellow = next(trace for trace in drawn["data"] if trace["name"].startswith("yellow") or "黄" in trace["name"])
    values = dict(zip(yellow["x"], yellow["y"], strict=True))
    assert values[(change - timedelta(days=1)).isoformat()] == pytest.approx(0.038)
    assert values[change.isoformat()] == pytest.approx(0.057)


@pytest.mark.django_db
@pytest.mark.rule("PG-04", "SR-06")
def test_freeze_is_a_span_on_the_charts_of_the_rating(browser: Client, made: Made) -> None:
    first = TODAY - timedelta(days=5)
    RatingFreeze.objects.create(store=made.store, start_day=first, held="4.7", policy_version=1, opened_at=NOW)
    html = page(browser, "dashboard:rating")
    assert f'<span class="when">{first.isoformat()} …</span> <a href="/rules/SR-06/">Rating is frozen at 4.70' in html
    spans = [shape for shape in chart(browser, "dsr")["layout"]["shapes"] if shape["type"] == "rect"]
    # The axis reaches into the forecast, what is known of the freeze does not.
    assert [(span["x0"], span["x1"]) for span in spans] == [(first.isoformat(), TODAY.isoformat())]
    assert "Rating is frozen" not in page(browser, "dashboard:metric", "odr")


@pytest.mark.django_db
@pytest.mark.rule("PG-04", "SR-06")
def test_freeze_that_ended_is_told_as_past_with_its_own_end(browser: Client, made: Made) -> None:
    """Also on the page of a day before its end."""
    first, last = TODAY - timedelta(days=9), TODAY - timedelta(days=3)
    RatingFreeze.objects.create(
        store=made.store, start_day=first, end_day=last, held="4.7", policy_version=1, opened_at=NOW, ended_at=NOW
    )
    html = page(browser, "dashboard:rating", day=(TODAY - timedelta(days=5)).isoformat())
    assert f'<span class="when">{first} … {last}</span> <a href="/rules/SR-06/">Rating was frozen at 4.70' in html


@pytest.mark.django_db
@pytest.mark.rule("PG-04", "DM-30")
def test_policy_that_is_to_come_is_told_as_future(browser: Client, made: Made) -> None:
    change = TODAY + timedelta(days=6)
    data = {**SHIPPED, "metrics.late_dispatch.red": {**SHIPPED["metrics.late_dispatch.red"], "value": "0.07"}}
    publish_policy(data=data, effective_from=performance_day_start(change), author="Li", note="", at=NOW)
    html = page(browser, "dashboard:metric", "late_dispatch")
    assert "Policy version 2 comes into force; the thresholds ahead are still those of today" in html
    assert "Policy version 2 in force" not in html
    notes = chart(browser, "late_dispatch")["layout"]["annotations"]
    assert ("1", change.isoformat()) in [(note["text"], note["x"]) for note in notes]


@pytest.mark.django_db
def test_annotations_are_those_of_the_days_shown(browser: Client, made: Made) -> None:
    old = TODAY - timedelta(days=60)
    Notice.objects.create(
        store=made.store, number="PN1", metric="odr", level="yellow", day=old, triggered_at=NOW, state="historical",
        value="0.02", policy_version=1, snapshot={"unit": "share"},
    )  # fmt: skip
    assert "PN1" not in page(browser, "dashboard:metric", "odr")
    assert "Yellow notice PN1: 2.00 % · historical" in page(browser, "dashboard:metric", "odr", days="90")


def test_things_of_one_day_share_an_annotation_of_the_loudest_colour() -> None:
    day = date(2026, 6, 1)
    found = [Occurrence(day, "a", "accent"), Occurrence(day, "b", "red"), Occurrence(day + timedelta(days=1), "c")]
    assert [(one.label, one.tone) for one in chart_annotations(found, day)] == [("1, 2", "red"), ("3", "muted")]


def test_labels_of_near_days_stand_in_rows() -> None:
    first = date(2026, 6, 1)
    days = [first + timedelta(days=n) for n in range(30)]
    annotations = [Annotation(str(n), first + timedelta(days=n)) for n in (10, 11, 29)]
    drawn = figure([Series("x", days, [1.0] * 30)], annotations=annotations)["layout"]
    shifts = [note["yshift"] for note in drawn["annotations"] if "yshift" in note]
    assert shifts[0] != shifts[1]
    assert shifts[2] == 0
    assert drawn["margin"]["t"] > figure([Series("x", days, [1.0] * 30)])["layout"]["margin"]["t"]
