"""Published scorecards (MX-08): what the first run of a day found, appended and never changed."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.db import transaction

from metrics.catalogue import METRICS, Calendar
from metrics.models import Published
from metrics.scorecards.batches import scorecards_between
from metrics.scorecards.memory import uncollected
from metrics.scorecards.results import result_data
from metrics.services.freezing import hold_ratings
from stores.models import Store
from stores.shards import EVERY_STORE, Shard

ROWS_AT_ONCE = 500


@uncollected()
def publish_day(*, day: date, at: datetime, calendar: Calendar, shard: Shard = EVERY_STORE) -> int:
    """Append what is published of a day for a shard's stores that have nothing published of it; returns rows added."""
    done = set(shard.narrow(Published.objects.filter(day=day, calendar=calendar)).values_list("store_id", flat=True))
    stores = shard.narrow(Store.objects.order_by("id"), "id")
    codes = [code for code, metric in METRICS.items() if metric.calendar == calendar]
    rows = _rows([store for store in stores if store.id not in done], day, calendar, codes, at)
    added = 0
    for batch in _batches(rows):
        added += _append_ratings(batch, day, at) if calendar == Calendar.RATING else _append(batch)
    return added


def _append(rows: Sequence[Published]) -> int:
    # Another run of the same day may have been first: its row stands.
    Published.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


@transaction.atomic
def _append_ratings(rows: Sequence[Published], day: date, at: datetime) -> int:
    """Ratings are published together with what holds them back (SR-06)."""
    ids = sorted(row.store_id for row in rows)
    # Days of one store take turns: on PostgreSQL by its row, on SQLite a transaction is the turn (RL-07).
    locked = Store.objects.select_for_update(no_key=True, of=("self",)).select_related("company").order_by("id")
    stores = {store.pk: store for store in locked.filter(pk__in=ids)}
    first = Published.objects.filter(store_id__in=ids, day=day, calendar=Calendar.RATING)
    done = set(first.values_list("store_id", flat=True))
    fresh = [row for row in rows if row.store_id in stores and row.store_id not in done]
    hold_ratings(rows=fresh, stores=stores, day=day, at=at)
    return _append(fresh)


def _rows(
    stores: Sequence[Store], day: date, calendar: Calendar, codes: Sequence[str], at: datetime
) -> Iterator[Published]:
    for store, store_day, scorecard in scorecards_between(stores, day, day, codes=codes):
        yield Published(
            store=store,
            day=day,
            calendar=calendar,
            policy_version=store_day.policy(calendar).number,
            computed_at=at,
            scorecard={code: result_data(result) for code, result in scorecard.items()},
        )


def _batches(rows: Iterator[Published]) -> Iterator[list[Published]]:
    batch: list[Published] = []
    for row in rows:
        batch.append(row)
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
