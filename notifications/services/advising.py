"""The advice stage of the night: advice on dimensions far below their benchmarks (SR-07, MX-12)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from core.events import SYSTEM, record_events
from core.models import Event
from core.sql import InJson
from metrics.catalogue import DIMENSIONS, Calendar
from metrics.models import Published
from metrics.queries.published import sifted
from metrics.rules.days import day_end
from notifications.models import Advice
from notifications.rules import is_backfill
from rulebook.queries import policy_at
from stores.models import Store
from stores.services.holding import hold_stores
from stores.shards import EVERY_STORE, Shard

ROWS_AT_ONCE = 500
# A value of too few orders or of incomplete data neither starts nor ends advice (MX-05, MX-07).
SAYS_NOTHING = frozenset({"few", "stale", "no_data", "na"})


def advise_day(*, day: date, at: datetime, calendar: Calendar, shard: Shard = EVERY_STORE) -> int:
    """Issue the advice for a published rating day, once per dimension until it recovers; returns how many.

    What it does follows from the published row and the advice that held on the day alone, so a rerun, of that day or
    after later ones, adds nothing. A day that is run too late gives none (MX-09).
    """
    policy = policy_at(day_end(day, calendar) - timedelta(seconds=1))
    late = is_backfill(day_end(day, calendar), at, policy.judging.backfill_hours)
    if calendar != Calendar.RATING or late:
        return 0
    given, after = 0, 0
    while rows := _published(day, shard, after, policy.judging.deviation_alert):
        after = rows[-1].store_id
        given += _advise_batch(rows, policy.judging.deviation_alert, day, at)
    return given


def _published(day: date, shard: Shard, after: int, threshold: Decimal) -> list[Published]:
    """The rows with a dimension far enough below its benchmark, and those of stores with advice beside the day."""
    low = sifted([InJson((code, "deviation"), at_most=threshold) for code in DIMENSIONS])
    advised = Advice.objects.filter(_near(day), store=OuterRef("store_id"), kind=Advice.Kind.DEVIATION)
    rows = Published.objects.filter(low | Q(Exists(advised)), day=day, calendar=Calendar.RATING, store_id__gt=after)
    return list(shard.narrow(rows).order_by("store_id")[:ROWS_AT_ONCE])


def _near(day: date) -> Q:
    return Q(recovered_on=None) | Q(recovered_on__gt=day) | Q(opened_on=day)


def advice_beside(store_ids: Collection[int], day: date, kind: Advice.Kind) -> dict[tuple[int, str], list[Advice]]:
    """The advice of a kind that holds on a day, holds now, or was given on that day: by store and subject."""
    found: dict[tuple[int, str], list[Advice]] = defaultdict(list)
    for advice in Advice.objects.filter(_near(day), store_id__in=store_ids, kind=kind):
        found[advice.store_id, advice.subject].append(advice)
    return found


def holding(advice: Iterable[Advice], day: date) -> list[Advice]:
    """Those that hold on a day."""
    return [one for one in advice if one.opened_on <= day and (one.recovered_on is None or one.recovered_on > day)]


def may_begin(advice: Sequence[Advice], day: date) -> bool:
    """Whether none holds on the day or goes on from a later one, and none was given on that day."""
    return not holding(advice, day) and not any(one.recovered_on is None or one.opened_on == day for one in advice)


def _deviation(row: Published, code: str) -> Decimal | None:
    result: dict[str, Any] = row.scorecard.get(code, {})
    if result.get("level", "no_data") in SAYS_NOTHING or "deviation" not in result:
        return None
    return Decimal(result["deviation"])


@transaction.atomic
def _advise_batch(rows: Sequence[Published], threshold: Decimal, day: date, at: datetime) -> int:
    """Issue and end advice for some stores on their days."""
    deviations = {
        (row.store_id, code): deviation
        for row in rows
        for code in DIMENSIONS
        if (deviation := _deviation(row, code)) is not None
    }
    held = advice_beside([row.store_id for row in rows], day, Advice.Kind.DEVIATION)
    due = [key for key, deviation in deviations.items() if (deviation <= threshold) != bool(holding(held[key], day))]
    if not due:
        return 0
    # Runs of other days can't change these stores' advice while the rows are locked.
    there = hold_stores({store_id for store_id, _code in due})
    held = advice_beside(there, day, Advice.Kind.DEVIATION)
    fallen = [key for key in due if key[0] in there and deviations[key] <= threshold and may_begin(held[key], day)]
    recovered = [one.pk for key in due if deviations[key] > threshold for one in holding(held[key], day)]
    Advice.objects.filter(pk__in=recovered, recovered_on=None).update(recovered_on=day)
    return _give(fallen, rows, day, at)


def _give(keys: Sequence[tuple[int, str]], rows: Sequence[Published], day: date, at: datetime) -> int:
    """Issue advice on dimensions of stores."""
    stores = Store.objects.select_related("company").in_bulk([store_id for store_id, _code in keys])
    kind = Advice.Kind.DEVIATION
    given = [Advice(store=stores[key[0]], kind=kind, subject=key[1], opened_on=day) for key in keys]
    Advice.objects.bulk_create(given)
    scorecard = {row.store_id: row.scorecard for row in rows}
    record_events([_given(advice, scorecard[advice.store_id][advice.subject], at) for advice in given])
    return len(given)


def _given(advice: Advice, result: Mapping[str, str], at: datetime) -> Event:
    store, day = advice.store, advice.opened_on.isoformat()
    figures = {name: result[name] for name in ("value", "benchmark", "deviation")}
    return Event(
        kind="advice.given",
        subject_kind="advice",
        subject_key=f"{store.store_no}/{advice.subject}/{day}",
        store_no=store.store_no,
        company_no=store.company.company_no,
        actor=SYSTEM,
        at=at,
        cause="SR-07",
        after={"metric": advice.subject, "day": day, **figures},
    )
