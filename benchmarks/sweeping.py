"""One sweep over deadlines that it makes first: `python -m benchmarks.sweeping CASE COUNT STORES`; JSON."""

import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from benchmarks import ready  # noqa: F401
from benchmarks.deadlines import CASES
from core.deadlines import on_lapse, open_deadlines
from core.models import Deadline, DirtySubject, Event
from core.sweeping import sweep
from stores.models import Company, Store

KINDS = ("benchmark.first", "benchmark.second")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def insert_rows(deadlines: Sequence[Deadline]) -> None:
    """An effect of one row each."""
    DirtySubject.objects.bulk_create(
        [DirtySubject(kind=DirtySubject.Kind.ORDER, store_id=row.store_id, subject_id=row.pk) for row in deadlines]
    )


def make(case: str, count: int, stores: int) -> None:
    """Deadlines a second apart, dealt to the stores in turn."""
    company = Company.objects.get_or_create(company_no="C", defaults={"name": "C"})[0]
    rows = [Store(company=company, store_no=f"{case}-{place}", name="S") for place in range(stores)]
    keys = [store.pk for store in Store.objects.bulk_create(rows)]
    for place, kind in enumerate(KINDS[: 1 + CASES.index(case)]):
        on_lapse(kind)(insert_rows)
        numbers = range(place, count, 1 + CASES.index(case))
        due = {(keys[number // 2 % stores], f"{number}"): NOON + timedelta(seconds=number) for number in numbers}
        open_deadlines(kind=kind, subject_kind="order", due=due, at=NOON)


def main(case: str, count: str, stores: str) -> dict[str, float]:
    """Sweep once and see that everything was fired."""
    make(case, int(count), int(stores))
    before = Event.objects.count()
    began, cpu = time.perf_counter(), time.process_time()
    result = sweep(at=NOON + timedelta(days=30))
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert result.total == int(count) == Event.objects.count() - before, result
    return {"seconds": seconds, "cpu": cpu}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
