"""The advice stage of the night: what a dimension far below its benchmark calls for (SR-07, MX-12)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from metrics.catalogue import DIMENSIONS, Calendar
from metrics.models import Published
from metrics.rules.days import day_end
from notifications.models import Advice
from notifications.rules import is_backfill
from notifications.services.messages import tell_of_advice
from rulebook.queries import policy_at
from stores.models import Store
from stores.shards import EVERY_STORE, Shard

ROWS_AT_ONCE = 500
# A value of too few orders, or of data that isn't complete, calls for nothing and recovers nothing (MX-05, MX-07).
SAYS_NOTHING = frozenset({"few", "stale", "no_data"})


def advise_day(*, day: date, at: datetime, calendar: Calendar, shard: Shard = EVERY_STORE) -> int:
    """Give the advice that a published rating day calls for, once per dimension until it recovers; returns how many.

    What it does follows from the published row and the advice that held on the day alone, so a rerun, of that day or
    after later ones, adds nothing. A day that is run too late gives none (MX-09).
    """
    policy = policy_at(day_end(day, calendar) - timedelta(seconds=1))
    late = is_backfill(day_end(day, calendar), at, policy.judging.backfill_hours)
    if calendar != Calendar.RATING or late:
        return 0
    line, given, after = policy.judging.deviation_alert, 0, 0
    while rows := _published(day, shard, after):
        after = rows[-1].store_id
        held = _held([row.store_id for row in rows], day)
        busy = [row for row in rows if any(_is_due(row, code, line, held) for code in DIMENSIONS)]
        given += sum(_advise(row, line, at) for row in busy)
    return given


def _published(day: date, shard: Shard, after: int) -> list[Published]:
    rows = Published.objects.filter(day=day, calendar=Calendar.RATING, store_id__gt=after)
    return list(shard.narrow(rows).order_by("store_id")[:ROWS_AT_ONCE])


def _held(store_ids: Sequence[int], day: date) -> set[tuple[int, str]]:
    """Store and dimension of the advice that holds on a day."""
    rows = Advice.objects.filter(
        Q(recovered_on=None) | Q(recovered_on__gt=day),
        store_id__in=store_ids,
        kind=Advice.Kind.DEVIATION,
        opened_on__lte=day,
    )
    return set(rows.values_list("store_id", "subject"))


def _deviation(row: Published, code: str) -> Decimal | None:
    card: dict[str, Any] = row.cards.get(code, {})
    if card.get("level", "no_data") in SAYS_NOTHING or "deviation" not in card:
        return None
    return Decimal(card["deviation"])


def _is_due(row: Published, code: str, line: Decimal, held: set[tuple[int, str]]) -> bool:
    """Whether a dimension fell to its line without advice, or recovered from it."""
    deviation = _deviation(row, code)
    return deviation is not None and (deviation <= line) != ((row.store_id, code) in held)


@transaction.atomic
def _advise(row: Published, line: Decimal, at: datetime) -> int:
    # Days of one store take turns: on PostgreSQL by its row, on SQLite a transaction is the turn (RL-07).
    store = Store.objects.select_for_update(no_key=True, of=("self",)).select_related("company").get(pk=row.store_id)
    held, given = _held([store.pk], row.day), 0
    for code in DIMENSIONS:
        if not _is_due(row, code, line, held):
            continue
        standing = Advice.objects.filter(store=store, kind=Advice.Kind.DEVIATION, subject=code)
        if (store.pk, code) in held:
            standing.filter(recovered_on=None, opened_on__lte=row.day).update(recovered_on=row.day)
        elif not standing.filter(Q(recovered_on=None) | Q(opened_on=row.day)).exists():
            advice = Advice.objects.create(store=store, kind=Advice.Kind.DEVIATION, subject=code, opened_on=row.day)
            tell_of_advice(advice=advice, card=row.cards[code], at=at)
            given += 1
    return given
