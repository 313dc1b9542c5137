"""What each way into a store did, and when it fell silent (PN-20)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from core.models import Deadline, Event
from core.sweeping import sweep
from intake.models import Source
from intake.silence import Pace, learned, silent_from, usual_interval
from intake.sources import SourceNote, note_source, note_sources, set_interval
from stores.models import Company, Store
from tests.intake.helpers import ORDERS, STORES, take, write
from tests.stores.people import make_store

NIGHT = datetime(2026, 3, 2, 20, tzinfo=UTC)
DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
API = Source.Kind.API


def speak(store: Store, *days: int, error: str = "") -> Source:
    for day in days:
        note_source(store=store, kind=API, name="erp", at=NIGHT + day * DAY, error=error)
    return Source.objects.get(store=store)


def told() -> list[tuple[str, str, datetime]]:
    events = Event.objects.filter(kind__startswith="source.").order_by("pk")
    return [(event.kind, event.store_no, event.at) for event in events]


@pytest.mark.rule("PN-20")
def test_a_source_s_usual_interval_takes_in_nights_and_weekends() -> None:
    pace, last = Pace(), None
    for hours in (0, 1, 2, 9, 24, 33, 72, 73, 96):
        at = NIGHT + hours * HOUR
        pace, last = learned(pace, last, at, days=3), at
    assert pace == Pace((15 * 3600, 39 * 3600, 23 * 3600), NIGHT + 96 * HOUR, 0)
    assert usual_interval(pace.pauses, None) == 39 * HOUR
    assert usual_interval(pace.pauses, 3600) == HOUR
    assert usual_interval((), None) is None


@pytest.mark.rule("PN-20")
@pytest.mark.parametrize(("interval", "hours"), [(DAY, 48), (HOUR, 24)])
def test_a_source_is_silent_after_twice_its_interval_but_not_within_a_day(interval: timedelta, hours: int) -> None:
    assert silent_from(NIGHT, interval, factor=Decimal(2), least=DAY) == NIGHT + hours * HOUR


@pytest.mark.rule("PN-20")
@pytest.mark.django_db
def test_notes_keep_the_last_run_and_may_come_twice() -> None:
    store = make_store("S1")
    newest = NIGHT - HOUR
    for _time in range(2):
        note_source(store=store, kind=API, name="erp", at=NIGHT, counts={"new": 3, "same": 0}, newest_at=newest)
    source = Source.objects.get()
    assert (source.last_success_at, source.counts, source.newest_at, source.failures) == (NIGHT, {"new": 3}, newest, 0)
    for _time in range(2):
        note_source(store=store, kind=API, name="erp", at=NIGHT + HOUR, error="timeout")
    # One that comes late tells of the past.
    note_source(store=store, kind=API, name="erp", at=NIGHT - DAY, error="refused")
    source.refresh_from_db()
    assert (source.last_success_at, source.last_attempt_at, source.failures) == (NIGHT, NIGHT + HOUR, 1)
    with translation.override("zh-hans"):
        assert source.error_text == "对方未在时限内响应"
    note_source(store=store, kind=API, name="erp", at=NIGHT + 2 * HOUR)
    source.refresh_from_db()
    assert (source.failures, source.last_error) == (0, "")


@pytest.mark.rule("PN-20")
@pytest.mark.django_db
def test_a_silence_is_told_once_and_so_is_its_end() -> None:
    store = make_store("S1")
    source = speak(store, 0, 1, 2)
    assert Deadline.objects.get().due_at == NIGHT + 3 * DAY
    # It spoke since, so the deadline moves when it lapses.
    sweep(at=NIGHT + 3 * DAY + SECOND)
    assert [row.due_at for row in Deadline.objects.filter(state="open")] == [NIGHT + 4 * DAY]
    assert told() == []
    speak(store, 3, error="unreachable")
    for hours in (0, 1, 40):
        sweep(at=NIGHT + 4 * DAY + hours * HOUR)
        sweep(at=NIGHT + 4 * DAY + hours * HOUR + SECOND)
    assert told() == [("source.silent", "S1", NIGHT + 4 * DAY)]
    source.refresh_from_db()
    assert source.silent_since == NIGHT + 2 * DAY
    source = speak(store, 7)
    assert source.silent_since is None
    assert told()[1:] == [("source.spoke", "S1", NIGHT + 7 * DAY)]
    # The pause that ended is part of what is usual now.
    assert [row.due_at for row in Deadline.objects.filter(state="open")] == [NIGHT + 17 * DAY]


@pytest.mark.rule("PN-20")
@pytest.mark.django_db
def test_nobody_waits_for_a_source_that_spoke_once_or_whose_store_is_closed() -> None:
    speak(make_store("S1"), 0)
    assert not Deadline.objects.exists()
    closed = make_store("S2", status="closed")
    speak(closed, 0, 1)
    sweep(at=NIGHT + 30 * DAY)
    assert told() == []


@pytest.mark.rule("PN-20")
@pytest.mark.django_db
def test_a_person_says_how_often_a_source_speaks() -> None:
    source = speak(make_store("S1"), 0, 1)
    set_interval(source=source, seconds=7 * 86_400, at=NIGHT + DAY)
    assert [row.due_at for row in Deadline.objects.filter(state="open")] == [NIGHT + 15 * DAY]
    source.refresh_from_db()
    set_interval(source=source, seconds=None, at=NIGHT + DAY)
    assert [row.due_at for row in Deadline.objects.filter(state="open")] == [NIGHT + 3 * DAY]


@pytest.mark.rule("PN-20")
@pytest.mark.django_db
def test_many_stores_are_noted_in_as_many_queries_as_one() -> None:
    company = Company.objects.create(company_no="C1", name="One")
    stores = [make_store(f"S{number}", company) for number in range(40)]

    def queries(some: list[Store], day: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            note_sources([SourceNote(store.pk, API, "erp", NIGHT + day * DAY) for store in some])
        return len(captured)

    assert queries(stores[:20], 0) == queries(stores[20:21], 0)
    assert queries(stores[:20], 1) == queries(stores[20:21], 1)


@pytest.mark.rule("PN-20")
@pytest.mark.django_db
def test_notes_of_many_kinds_are_all_kept() -> None:
    company = Company.objects.create(company_no="C1", name="One")
    stores = [make_store(f"S{number}", company) for number in range(20)]
    for day in (0, 1):
        notes = [
            SourceNote(store.pk, API, "erp", NIGHT + day * DAY + place * SECOND, {"new": place})
            for place, store in enumerate(stores, start=1)
        ]
        note_sources(notes)
    kept = Source.objects.order_by("store_id").values_list("last_success_at", "counts", "pauses")
    assert list(kept) == [(note.at, note.counts, [86_400]) for note in notes]


@pytest.mark.rule("PN-20", "RL-19")
@pytest.mark.django_db(transaction=True)
def test_imports_are_noted_for_the_stores_that_they_name(tmp_path) -> None:
    with time_machine.travel(NIGHT, tick=False):
        take(write(tmp_path / "a", stores=STORES, orders=ORDERS))
    rows = list(Source.objects.order_by("store__store_no").values_list("store__store_no", "kind", "counts"))
    # Both companies were reached, so neither reads the other's counts.
    assert rows == [("S1", "command", {}), ("S2", "command", {})]
    with time_machine.travel(NIGHT + HOUR, tick=False):
        take(write(tmp_path / "b", orders=ORDERS))
    with time_machine.travel(NIGHT + DAY, tick=False):
        take(write(tmp_path / "c", orders=ORDERS), dry_run=True)
    source = Source.objects.get(store__store_no="S1")
    assert (source.last_success_at, source.counts) == (NIGHT + HOUR, {"same": 2})
    assert Source.objects.get(store__store_no="S2").last_success_at == NIGHT
