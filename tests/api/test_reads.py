"""What programs read: the same as exports and pages, page by page (IX-22)."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appeals.models import Appeal, AppealOrder
from core.deadlines import open_deadline
from metrics.catalogue import METRICS
from metrics.facts.updating import apply_dirty
from notifications.models import Notice, NoticeOrder
from penalties.models import Penalty, PointsEntry
from stores.models import Store
from tests.api.programs import api_client, token_for
from tests.metrics.making import DAY, make_orders, make_store
from tests.notifications.build import judged

NOW = datetime(2026, 3, 12, 3, tzinfo=UTC)

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-22")]


@pytest.fixture
def store() -> Store:
    store = make_store()
    store.mode = Store.Mode.GOVERNED
    store.save()
    return store


@pytest.fixture
def program(store: Store) -> Client:
    with time_machine.travel(NOW, tick=False):
        return api_client(token_for(store, at=NOW))


def get(program: Client, path: str, **query: object) -> Any:
    with time_machine.travel(NOW, tick=False):
        answer = program.get(f"/api/v1/stores/S1/{path}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def problem(program: Client, path: str, **query: object) -> tuple[int, list[str]]:
    with time_machine.travel(NOW, tick=False):
        answer = program.get(f"/api/v1/stores/S1/{path}", query)
    return answer.status_code, [error["parameter"] for error in answer.json().get("errors", [])]


def walked(program: Client, path: str, limit: int) -> list[dict[str, Any]]:
    """All items of a list, page by page; no page is empty but a first one."""
    items, cursor = [], ""
    while True:
        page = get(program, path, limit=limit, cursor=cursor)
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        assert len(page["items"]) == limit
        cursor = page["next_cursor"]


def exported(tmp_path: Path, kind: str, first: str, last: str) -> list[list[str]]:
    out = tmp_path / f"{kind}.csv"
    call_command("export", kind, "--out", str(out), "--store", "S1", "--from", first, "--to", last, stdout=StringIO())
    header, *rows = (line.split(",") for line in out.read_text("utf-8-sig").splitlines())
    assert header[0] == "store_no"
    return [row[1:] for row in rows]


def as_cells(item: dict[str, Any]) -> list[str]:
    return ["" if value is None else str(value) for value in item.values()]


def test_scorecards_are_those_of_the_export(store: Store, program: Client, tmp_path: Path) -> None:
    make_orders(store, 3)
    make_orders(store, 40, first=3, shipped_after=timedelta(hours=2))
    apply_dirty()
    found = get(program, "scorecards", **{"from": "2026-03-09", "to": "2026-03-11"})["items"]
    assert list(map(as_cells, found)) == exported(tmp_path, "scorecards", "2026-03-09", "2026-03-11")
    assert {item["metric"] for item in found} == set(METRICS)
    one = get(program, "scorecards", metric="late_dispatch")["items"]
    assert [(item["day"], item["metric"]) for item in one] == [("2026-03-11", "late_dispatch")]
    assert one == [item for item in found if (item["day"], item["metric"]) == ("2026-03-11", "late_dispatch")]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"to": "2026-03-12"}, "to"),
        ({"from": "2026-03-11", "to": "2026-03-10"}, "from"),
        ({"from": "2026-01-01", "to": "2026-03-10"}, "from"),
        ({"from": "0001-01-01", "to": "0001-01-02"}, "from"),
        ({"metric": "tides"}, "metric"),
        ({"from": "yesterday"}, "from"),
    ],
)
def test_days_and_metrics_that_are_not_there_are_named(program: Client, query: Any, wrong: str) -> None:
    assert problem(program, "scorecards", **query) == (422, [wrong])


def test_a_metric_is_explained_as_by_the_command(store: Store, program: Client) -> None:
    make_orders(store, 40, shipped_after=timedelta(hours=2))
    apply_dirty()
    for code in METRICS:
        out = StringIO()
        call_command("explain", store="S1", metric=code, day=DAY, json=True, stdout=out)
        command = json.loads(out.getvalue())
        answer = get(program, f"scorecards/{DAY}/{code}")
        assert {name: answer[name] for name in command if name not in ("parts", "orders")} == {
            name: value for name, value in command.items() if name not in ("parts", "orders")
        }
        assert [part["metric"] for part in answer["parts"]] == [part["metric"] for part in command.get("parts", [])]
        assert [one["counted"] for one in answer["orders"]] == [one["counted"] for one in command["orders"]]
    for missing in ("scorecards/2026-03-12/late_dispatch", f"scorecards/{DAY}/tides", "scorecards/0001-01-01/odr"):
        assert problem(program, missing)[0] == 404


def test_notices_come_page_by_page_with_their_deadlines(store: Store, program: Client) -> None:
    for place in range(5):
        judged(store, DAY + timedelta(days=place), late_dispatch="red" if place == 4 else "yellow")
        Notice.objects.filter(state="issued").update(state="cleared")
    newest = Notice.objects.latest("id")
    NoticeOrder.objects.bulk_create(
        NoticeOrder(notice=newest, place=place, order_no=f"O-{place}", counter="dispatch_late", day=DAY)
        for place in range(1, 4)
    )
    numbers = list(Notice.objects.order_by("-id").values_list("number", flat=True))
    items = walked(program, "notices", 2)
    assert [item["number"] for item in items] == numbers
    assert items[0] == get(program, f"notices/{newest.number}")
    assert (items[0]["value"], items[0]["threshold"], items[0]["numerator"]) == ("0.0619469027", "0.0500000000", 14)
    assert {clock["kind"] for clock in items[0]["deadlines"]} >= {"notice_view", "notice_appeal"}
    assert [item["level"] for item in get(program, "notices", level="red")["items"]] == ["red"]
    assert get(program, "notices", state="issued")["items"] == []
    assert problem(program, "notices", state="lost")[0] == 422
    orders = walked(program, f"notices/{newest.number}/orders", 2)
    assert sorted(order["order_no"] for order in orders if order["order_no"].startswith("O-")) == ["O-1", "O-2", "O-3"]
    assert problem(program, "notices/PN-none")[0] == 404


def test_a_list_is_whole_though_rows_come_meanwhile(store: Store, program: Client) -> None:
    def add(number: int) -> None:
        Penalty.objects.create(
            store=store, kind="warning", source="manual", cause=f"c{number}", rule="PN-42", starts_at=NOW
        )

    for number in range(4):
        add(number)
    first = get(program, "penalties", limit=2)
    add(4)
    second = get(program, "penalties", limit=2, cursor=first["next_cursor"])
    assert [item["cause"] for item in first["items"] + second["items"]] == ["c3", "c2", "c1", "c0"]
    assert second["next_cursor"] is None


def test_penalties_and_points_of_the_year(store: Store, program: Client) -> None:
    past = {"starts_at": NOW - timedelta(days=9), "ended_at": NOW - timedelta(days=2), "ending": "lifted"}
    for cause, times in {"over": past, "on": {"starts_at": NOW - timedelta(days=1)}}.items():
        Penalty.objects.create(store=store, kind="funds_hold", source="manual", cause=cause, rule="PN-42", **times)
    PointsEntry.objects.create(store=store, points=3, source="manual", cause="p", rule="PN-43", at=NOW)
    PointsEntry.objects.create(store=store, points=2, source="manual", cause="q", rule="PN-43", at=NOW, lifted_at=NOW)
    (standing,) = get(program, "penalties", in_force="true")["items"]
    assert (standing["cause"], standing["scope"], standing["ends_at"]) == ("on", "account", None)
    assert [item["ending"] for item in get(program, "penalties")["items"]] == [None, "lifted"]
    points = get(program, "points")
    assert (points["year"], points["total"], [item["points"] for item in points["items"]]) == (2026, 3, [2, 3])


def test_appeals_tell_what_was_decided(store: Store, program: Client) -> None:
    (order,) = make_orders(store, 1)
    appeal = Appeal.objects.create(
        store=store, number="AP1", kind="review", subject_key=order.order_no, state="rejected", created_at=NOW
    )
    AppealOrder.objects.create(
        appeal=appeal, order=order, place=1, exception="carrier_fault", decision="rejected", reason_code="no_trace"
    )
    (item,) = get(program, "appeals")["items"]
    assert item == get(program, "appeals/AP1")
    assert (item["number"], item["subject"], item["state"], item["previous"]) == ("AP1", "S1-0", "rejected", None)
    assert item["orders"] == [
        {
            "order_no": "S1-0", "exception": "carrier_fault", "claim": "", "decision": "rejected", "reason": "no_trace",
            "remedy": "",
        }
    ]  # fmt: skip
    assert problem(program, "appeals/AP2")[0] == 404


def test_deadlines_come_in_the_order_in_which_they_are_due(store: Store, program: Client) -> None:
    for number, hours in enumerate((5, 1, 3, 1)):
        subject = {"owner_id": store.pk, "subject_kind": "notice", "subject_key": f"N{number}"}
        open_deadline(kind="notice_view", due_at=NOW + timedelta(hours=hours), at=NOW, **subject)
    # What only wakes the product up is nobody's deadline.
    open_deadline(kind="reminder", owner_id=store.pk, subject_kind="notice", subject_key="N0", due_at=NOW, at=NOW)
    assert [item["subject"] for item in walked(program, "deadlines", 1)] == ["N1", "N3", "N2", "N0"]
    assert get(program, "deadlines", kind="notice_appeal")["items"] == []


@pytest.mark.parametrize("cursor", ["x", "W10", "WyIyMDI2Il0", "bnVsbA", "WzBd", "Wy0xXQ", "WzFlOTld", "é"])
def test_what_is_no_cursor_of_the_list_is_refused(program: Client, cursor: str) -> None:
    for path in ("notices", "penalties", "appeals", "deadlines"):
        assert problem(program, path, cursor=cursor) == (422, ["cursor"])


@pytest.mark.parametrize("limit", ["0", "201", "ten", ""])
def test_pages_have_a_size_within_bounds(program: Client, limit: str) -> None:
    assert problem(program, "notices", limit=limit) == (422, ["limit"])


def test_lists_take_as_many_queries_whatever_they_hold(store: Store, program: Client) -> None:
    def queries() -> list[int]:
        taken = []
        for path in ("notices", "penalties", "appeals", "deadlines", "points"):
            with CaptureQueriesContext(connection) as captured:
                get(program, path)
            taken.append(len(captured))
        return taken

    orders = make_orders(store, 3)
    # Policy is read once.
    queries()
    seen = []
    for number, order in enumerate(orders):
        judged(store, DAY + timedelta(days=number), late_dispatch="red")
        Notice.objects.filter(state="issued").update(state="resolved")
        appeal = Appeal.objects.create(
            store=store, number=f"AP{number}", kind="review", subject_key=order.order_no, created_at=NOW
        )
        AppealOrder.objects.create(appeal=appeal, order=order, place=1)
        seen.append(queries())
    assert seen[0] == seen[-1]
