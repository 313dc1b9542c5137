"""Corrections beside a night and beside each other: turns are taken, nothing is lost or doubled (RL-07, BX-03)."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from appeals.models import CorrectionReport
from appeals.services.protecting import apply_event, work_events
from core.models import DirtySubject
from metrics.facts.updating import rebuild_facts
from metrics.models import Published
from metrics.services.night import run_night
from notifications.models import Notice
from tests.appeals.corrected import accept, late_orders, make_notice, make_store
from tests.appeals.test_protecting import draft
from tests.metrics.making import DAY, NOW, facts_of
from tests.metrics.test_facts_against_reference import everything
from tests.outbox import deliver


def at_once(*works: Callable[[], object]) -> None:
    """Do it all in threads that begin together; none may fail."""
    failures: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait()
            work()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.rule("BX-03", "MX-03", "RL-07")
@pytest.mark.django_db(transaction=True)
def test_correction_beside_a_night_and_an_event_beside_both():
    stores = [make_store(f"S{number}", late=6, on_time=20) for number in range(3)]
    for number, store in enumerate(stores):
        earlier = make_notice(store, "late_dispatch", DAY - timedelta(days=9))
        accept(store, late_orders(store)[:3], number=f"AP20260311-00000{number}", notice=earlier, at=NOW)
    event = draft(extend_hours=24, metrics=["late_dispatch"])
    apply_event(event=event, actor="person:1", at=NOW)
    at_once(deliver, lambda: run_night(day=DAY, at=NOW), lambda: work_events(at=NOW), deliver)
    deliver()
    assert not DirtySubject.objects.exists()
    assert [facts_of(store)[DAY] for store in stores] == [{"dispatch_due": 20}] * 3
    assert CorrectionReport.objects.count() == 6
    assert Published.objects.filter(day=DAY).count() == 6
    # Issued from what was published before the corrections, or not at all.
    assert set(Notice.objects.filter(day=DAY).values_list("state", flat=True)) <= {"accepted"}
    incremental = everything()
    rebuild_facts()
    assert everything() == incremental
