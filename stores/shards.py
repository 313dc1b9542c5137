"""Parts of all stores that a stage of a night works on by itself (MX-03)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from stores.models import Store

Rows = TypeVar("Rows", bound="QuerySet[Any]")


@dataclass(frozen=True, slots=True)
class Shard:
    """Stores with an id above ``after`` up to ``last`` (None: no end); with ``ids`` only those."""

    after: int = 0
    last: int | None = None
    ids: tuple[int, ...] | None = None

    def narrow(self, rows: Rows, key: str = "store_id") -> Rows:
        """The rows of its stores; ``key`` is the column of the store's id."""
        if self.ids is not None:
            return rows.filter(**{f"{key}__in": self.ids})
        rows = rows.filter(**{f"{key}__gt": self.after}) if self.after else rows
        return rows if self.last is None else rows.filter(**{f"{key}__lte": self.last})


EVERY_STORE = Shard()


def store_batches(shard: Shard, size: int) -> Iterator[list[Store]]:
    """The stores of a shard in order of their ids, so many at a time."""
    after = 0
    while stores := list(shard.narrow(Store.objects.filter(pk__gt=after), "pk").order_by("pk")[:size]):
        after = stores[-1].pk
        yield stores


def shards_of_stores(*, least: int, most_shards: int) -> list[Shard]:
    """Shards of all stores, each of at least ``least`` stores, at most ``most_shards`` of them."""
    count = Store.objects.count()
    size = max(least, -(-count // most_shards))
    places = Store.objects.annotate(place=Window(RowNumber(), order_by=F("pk").asc()))
    # Where the last one is full no empty one follows it.
    ends = places.filter(place__in=range(size, count, size)).order_by("pk").values_list("pk", flat=True)
    return between([*ends] if size < count else [])


def between(ends: Sequence[int]) -> list[Shard]:
    """The shards that end with these stores, and that of all stores behind them."""
    return [Shard(after, last) for after, last in zip([0, *ends], [*ends, None], strict=True)]


class UnknownStoreError(LookupError):
    """No store has this number."""


def stores_of(store_nos: Sequence[str] | None) -> list[Store]:
    """Every store, or those of the numbers; `UnknownStoreError` names the numbers that no store has."""
    stores = Store.objects.order_by("id")
    if store_nos is None:
        return list(stores)
    found = list(stores.filter(store_no__in=store_nos))
    if missing := set(store_nos) - {store.store_no for store in found}:
        raise UnknownStoreError(", ".join(sorted(missing)))
    return found


def named_stores(store_nos: Sequence[str]) -> Shard:
    """The stores of these numbers as a shard; `UnknownStoreError` as above."""
    return Shard(ids=tuple(store.pk for store in stores_of(store_nos)))
