"""Notices of upheld copyright complaints, from the complaint to the end of the notice (PN-24)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.models import Deadline, Event
from core.sweeping import sweep
from disputes.models import CopyrightComplaint, ListingImage
from disputes.services.complaints import report_complaints
from metrics.catalogue import Calendar
from notifications.models import InboxMessage, JudgedComplaint, Notice, NoticeOrder
from notifications.services.complaints import judge_complaints, judge_day_of_complaints
from stores.models import Listing, Store
from stores.services.listings import put_online, take_offline
from tests.notifications.build import DAY, judged, late_end, make_store, night_of
from tests.outbox import deliver

pytestmark = pytest.mark.rule("PN-24")
HOUR, ONE_DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
# Noon in Shanghai of the first performance day.
NOON = night_of(DAY) - 14 * HOUR


@pytest.fixture
def store(db: None) -> Store:
    store = make_store()
    Listing.objects.create(store=store, sku="A1", title="Lamp", image_file="lamp.jpg")
    ListingImage.objects.create(store=store, sku="A1", image_file="lamp.jpg", since_at=NOON - 400 * ONE_DAY)
    return store


def decide(store: Store, number: str, *, resolved_at: datetime, at: datetime | None = None, **given: Any) -> None:
    """A complaint as an import writes it, and what follows within seconds."""
    values = {"sku": "A1", "opened_at": resolved_at - ONE_DAY, "resolved_at": resolved_at, "upheld": True, **given}
    row, is_new = CopyrightComplaint.objects.update_or_create(store=store, complaint_no=number, defaults=values)
    report_complaints(complaints={row.pk: "new" if is_new else "changed"}, at=at or resolved_at + HOUR)
    settle()


def settle() -> None:
    """Deliver until nothing follows any more."""
    while deliver():
        pass


def rows(store: Store) -> list[tuple[str, str, str, int]]:
    found = Notice.objects.filter(store=store).order_by("pk")
    return [(row.level, row.state, row.day.isoformat(), row.numerator or 0) for row in found]


def states(store: Store) -> list[tuple[str, str]]:
    return [(level, state) for level, state, _day, _count in rows(store)]


def test_an_upheld_complaint_is_a_yellow_notice_at_once(store: Store) -> None:
    decide(store, "K1", resolved_at=NOON)
    notice = Notice.objects.get()
    assert (notice.metric, notice.level, notice.state) == ("copyright", "yellow", "issued")
    assert (notice.number, notice.triggered_at) == (f"PN{DAY:%Y%m%d}-000001", NOON)
    assert (notice.value, notice.numerator, notice.yellow, notice.red) == (1, 1, 1, 2)
    assert notice.snapshot["listing"] == {
        "sku": "A1",
        "title": "Lamp",
        "category": "",
        "image_file": "lamp.jpg",
        "sha256": "",
        "picture": "",
    }
    assert NoticeOrder.objects.values_list("complaint_no", "counter", "reason").get() == (
        "K1",
        "copyright_upheld",
        "copyright",
    )
    assert Deadline.objects.get(kind="notice_appeal").due_at == NOON + 7 * ONE_DAY
    assert InboxMessage.objects.values_list("kind", "group").get() == ("notice.issued", "yellow")


def test_the_silent_period_does_not_keep_it_back(store: Store) -> None:
    Store.objects.filter(pk=store.pk).update(opened_at=NOON - 2 * ONE_DAY)
    decide(store, "K1", resolved_at=NOON)
    assert states(store) == [("yellow", "issued")]


def test_nothing_is_doubled_by_repeats_and_nights(store: Store) -> None:
    for _again in range(3):
        decide(store, "K1", resolved_at=NOON)
    decide(store, "K1", resolved_at=NOON + SECOND)
    judged(store, DAY, odr="ok")
    shard_day = {"day": DAY, "at": night_of(DAY), "calendar": "performance"}
    assert judge_day_of_complaints(**shard_day) == 0
    assert states(store) == [("yellow", "issued")]
    assert JudgedComplaint.objects.count() == 1


def test_a_night_that_began_before_a_verdict_leaves_its_notice(store: Store) -> None:
    decide(store, "K1", resolved_at=night_of(DAY) + HOUR, at=night_of(DAY) + HOUR)
    CopyrightComplaint.objects.create(
        store=store, complaint_no="K2", sku="A1", opened_at=NOON, resolved_at=night_of(DAY) + 2 * HOUR, upheld=True
    )
    assert judge_day_of_complaints(day=DAY, at=night_of(DAY), calendar=Calendar.PERFORMANCE) == 0
    assert states(store) == [("yellow", "issued")]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (89, [("yellow", "escalated"), ("red", "issued")]),
        (90, [("yellow", "issued")]),
    ],
)
def test_the_second_within_the_window_is_red(store: Store, days: int, expected: list[tuple[str, str]]) -> None:
    decide(store, "K1", resolved_at=NOON)
    # The listing shows the image still, so the first is open.
    decide(store, "K2", resolved_at=NOON + days * ONE_DAY)
    assert states(store) == expected


def test_a_red_one_names_what_it_replaces_and_can_be_lost_in_time(store: Store) -> None:
    decide(store, "K1", resolved_at=NOON)
    decide(store, "K2", resolved_at=NOON + ONE_DAY)
    first, red = Notice.objects.order_by("pk")
    assert (red.replaces, red.triggered_at) == (first, NOON + ONE_DAY)
    assert list(red.orders.order_by("place").values_list("complaint_no", flat=True)) == ["K2", "K1"]
    assert Deadline.objects.get(kind="notice_view").due_at == NOON + 4 * ONE_DAY


@pytest.mark.sqlite_only
def test_a_third_is_named_on_the_open_red_one(store: Store) -> None:
    for place in range(3):
        decide(store, f"K{place}", resolved_at=NOON + place * HOUR)
    red = Notice.objects.get(level="red")
    assert states(store) == [("yellow", "escalated"), ("red", "issued")]
    assert JudgedComplaint.objects.get(complaint_no="K2").notice == red
    event = Event.objects.get(kind="notice.complaint_named")
    assert (event.subject_key, event.after["complaint"]) == (red.number, "K2")


@pytest.mark.sqlite_only
def test_an_earlier_complaint_that_comes_late_makes_the_fresh_one_red(store: Store) -> None:
    decide(store, "K2", resolved_at=NOON)
    decide(store, "K1", resolved_at=NOON - 2 * HOUR, at=NOON + 2 * HOUR)
    assert states(store) == [("yellow", "escalated"), ("red", "issued")]
    assert Notice.objects.get(level="red").triggered_at == NOON


@pytest.mark.sqlite_only
@pytest.mark.rule("MX-09")
def test_history_that_comes_with_an_import_is_a_record_only(store: Store) -> None:
    late = late_end(DAY)
    decide(store, "K1", resolved_at=NOON, at=late)
    assert states(store) == [("yellow", "issued")]
    other = make_store("S2")
    decide(other, "K1", resolved_at=NOON, at=late + SECOND)
    assert states(other) == [("yellow", "historical")]
    assert not Deadline.objects.filter(store_id=other.pk).exists()
    decide(other, "K2", resolved_at=NOON + 40 * ONE_DAY)
    assert states(other) == [("yellow", "historical"), ("red", "issued")]


def test_a_year_of_history_is_one_record_per_spell(store: Store) -> None:
    for number, days in (("K1", 300), ("K2", 290), ("K3", 100)):
        CopyrightComplaint.objects.create(
            store=store,
            complaint_no=number,
            sku="A1",
            opened_at=NOON - 400 * ONE_DAY,
            resolved_at=NOON - days * ONE_DAY,
            upheld=True,
        )
    judge_complaints(store_ids=[store.pk], at=NOON)
    found = Notice.objects.order_by("pk").values_list("level", "state", "ended_day")
    day = DAY - 300 * ONE_DAY
    assert list(found) == [
        ("yellow", "historical", day + 10 * ONE_DAY),
        ("red", "historical", day + 90 * ONE_DAY),
        ("yellow", "historical", day + 290 * ONE_DAY),
    ]


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-11a")
def test_a_mirrored_store_is_told_what_to_expect(store: Store) -> None:
    Store.objects.filter(pk=store.pk).update(mode="mirrored")
    decide(store, "K1", resolved_at=NOON)
    assert states(store) == [("yellow", "predicted")]
    assert InboxMessage.objects.get().kind == "notice.predicted"
    decide(store, "K2", resolved_at=NOON + ONE_DAY)
    assert states(store) == [("yellow", "predicted"), ("red", "predicted")]
    assert Notice.objects.get(level="yellow").ended_day == DAY + ONE_DAY


@pytest.mark.sqlite_only
def test_one_that_is_decided_the_other_way_lifts_the_notice(store: Store) -> None:
    decide(store, "K1", resolved_at=NOON)
    decide(store, "K1", resolved_at=NOON, upheld=False, at=NOON + 5 * HOUR)
    assert states(store) == [("yellow", "accepted")]
    assert not Deadline.objects.filter(state="open", subject_kind="notice").exists()
    # Upheld again on the same day it would be the same notice.
    decide(store, "K1", resolved_at=NOON + HOUR, at=NOON + 6 * HOUR)
    assert states(store) == [("yellow", "accepted")]
    decide(store, "K2", resolved_at=NOON + ONE_DAY)
    assert states(store) == [("yellow", "accepted"), ("red", "issued")]


@pytest.mark.sqlite_only
def test_a_red_one_needs_all_its_complaints(store: Store) -> None:
    decide(store, "K1", resolved_at=NOON)
    decide(store, "K2", resolved_at=NOON + HOUR)
    decide(store, "K1", resolved_at=NOON, upheld=False, at=NOON + 5 * HOUR)
    assert states(store) == [("yellow", "escalated"), ("red", "accepted")]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-33")
def test_a_notice_is_rectified_after_seven_days_without_the_listing(store: Store) -> None:
    decide(store, "K1", resolved_at=NOON)
    take_offline(store=store, sku="A1", at=NOON + ONE_DAY, actor="person:1")
    settle()
    due = NOON + 8 * ONE_DAY
    assert Deadline.objects.get(kind="notice_mended", state="open").due_at == due
    put_online(store=store, sku="A1", at=NOON + 2 * ONE_DAY, actor="person:1")
    settle()
    # Not before the complaint has left the window.
    away = Deadline.objects.get(kind="notice_mended", state="open").due_at
    assert away == night_of(DAY) - 2 * HOUR + 96 * ONE_DAY
    take_offline(store=store, sku="A1", at=NOON + 3 * ONE_DAY, actor="person:1")
    settle()
    sweep(at=NOON + 11 * ONE_DAY)
    assert states(store) == [("yellow", "rectified")]
    assert Event.objects.get(kind="notice.rectified").at == NOON + 10 * ONE_DAY


@pytest.mark.rule("PN-33")
def test_another_image_rectifies_unless_it_is_a_copy(store: Store) -> None:
    decide(store, "K1", resolved_at=NOON)
    first = ListingImage.objects.get()
    first.until_at, first.sha256, first.picture = NOON + ONE_DAY, "a" * 64, "f" * 64
    first.save()
    copy = ListingImage.objects.create(
        store=store, sku="A1", image_file="copy.jpg", since_at=NOON + ONE_DAY, sha256="b" * 64, picture="f" * 63 + "0"
    )
    judge_complaints(store_ids=[store.pk], at=NOON + 10 * ONE_DAY)
    assert states(store) == [("yellow", "issued")]
    ListingImage.objects.filter(pk=copy.pk).update(picture="0f" * 32)
    judge_complaints(store_ids=[store.pk], at=NOON + 10 * ONE_DAY)
    assert states(store) == [("yellow", "rectified")]
    assert Event.objects.get(kind="notice.rectified").at == NOON + 8 * ONE_DAY
