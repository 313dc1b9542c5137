"""Published scorecards (MX-08): what the first run of a day found, appended and never changed."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from metrics.catalogue import METRICS, Calendar
from metrics.figures.batches import cards_between
from metrics.figures.cards import PLACES, Card
from metrics.figures.memory import uncollected
from metrics.models import Published
from metrics.services.freezing import hold_ratings
from rulebook.rules import decimal_text
from stores.models import Store
from stores.shards import EVERY_STORE, Shard

__all__ = ["PLACES", "card_data", "publish_day"]

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
    for store, _day, figures, cards in cards_between(stores, day, day, codes=codes):
        yield Published(
            store=store,
            day=day,
            calendar=calendar,
            policy_version=figures.policy(day, calendar).number,
            computed_at=at,
            cards={code: card_data(card) for code, card in cards.items()},
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


def card_data(card: Card) -> dict[str, Any]:
    """A card as it is published and exported: decimals as text with 10 places, absent parts left out."""
    data: dict[str, Any] = {"level": str(card.level)}
    fields = (("value", card.value.exact), ("yellow", card.yellow), ("red", card.red))
    for name, number in fields:
        if number is not None:
            data[name] = decimal_text(number, PLACES)
    if card.mark is not None:
        data["benchmark"] = card.mark.text
    deviation = card.deviation_exact
    if deviation is not None:
        data["deviation"] = decimal_text(deviation, PLACES)
    if card.value.denominator is not None:
        data |= {"numerator": card.value.numerator, "denominator": card.value.denominator}
    return data
