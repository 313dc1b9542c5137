"""Published scorecards (MX-08): what the first run of a day found, appended and never changed."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import connection, transaction

from core.sql import add_new_rows
from core.timebase import day_number, to_epoch
from metrics.catalogue import METRICS, Calendar
from metrics.models import Published
from metrics.scorecards.memory import uncollected
from metrics.scorecards.store_profiles import PROFILED
from metrics.services.freezing import hold_ratings
from stores.models import Store
from stores.shards import EVERY_STORE, Shard


@uncollected()
def publish_day(*, day: date, at: datetime, calendar: Calendar, shard: Shard = EVERY_STORE) -> int:
    """Append what is published of a day for a shard's stores that have nothing published of it; returns rows added."""
    # Loaded here: pages, which ask this module's callers for the state of nights, do without numpy.
    from metrics.scorecards.together import judged_together

    done = set(shard.narrow(Published.objects.filter(day=day, calendar=calendar)).values_list("store_id", flat=True))
    every = shard.narrow(Store.objects.order_by("id"), "id").values_list(*PROFILED, named=True)
    stores = [store for store in every if store.id not in done]
    codes = [code for code, metric in METRICS.items() if metric.calendar == calendar]
    added = 0
    for scorecards in judged_together(stores, day, day, codes=codes):
        rows = dict(zip([store.id for store in scorecards.stores], scorecards.published(), strict=True))
        version = scorecards.policy(calendar).number
        if calendar == Calendar.RATING:
            computed = dict(zip(rows, scorecards.results["dsr"].value_texts, strict=True))
            added += _append_ratings(rows, computed, day, version, at)
        else:
            added += _append(rows, day, calendar, version, at)
    return added


@transaction.atomic
def _append(rows: Mapping[int, str], day: date, calendar: Calendar, version: int, at: datetime) -> int:
    """``rows``: scorecards in JSON by store. Another run of the same day may have been first: its row stands."""
    alike = {
        "day": ("integer", day_number(day)),
        "calendar": ("varchar", str(calendar)),
        "policy_version": ("integer", version),
        "computed_at": ("bigint", to_epoch(at)),
    }
    columns: dict[str, tuple[str, Sequence[object]]] = {
        "store_id": ("bigint", list(rows)),
        "cards": ("jsonb", list(rows.values())),
    }
    columns |= {name: (kind, [value] * len(rows)) for name, (kind, value) in alike.items()}
    if rows:
        with connection.cursor() as cursor:
            add_new_rows(cursor, Published._meta.db_table, columns)
    return len(rows)


@transaction.atomic
def _append_ratings(
    rows: Mapping[int, str], computed: Mapping[int, str | None], day: date, version: int, at: datetime
) -> int:
    """Ratings are published together with what holds them back (SR-06)."""
    # Days of one store take turns: on PostgreSQL by its row, on SQLite a transaction is the turn (RL-07).
    locked = Store.objects.select_for_update(no_key=True).order_by("id").filter(pk__in=rows)
    stores = set(locked.values_list("pk", flat=True))
    first = Published.objects.filter(store_id__in=rows, day=day, calendar=Calendar.RATING)
    stores -= set(first.values_list("store_id", flat=True))
    fresh = {store_id: text for store_id, text in rows.items() if store_id in stores}
    held = hold_ratings(computed={store_id: computed[store_id] for store_id in fresh}, day=day, at=at)
    for store_id, added in held.items():
        scorecard = json.loads(fresh[store_id])
        scorecard["dsr"] |= added
        fresh[store_id] = json.dumps(scorecard)
    return _append(fresh, day, Calendar.RATING, version, at)
