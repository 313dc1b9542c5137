"""What is known of stores (DM-11)."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from stores.models import Store, StorePeriod


@dataclass(frozen=True, slots=True)
class Standing:
    """What held for a store at the end of a day: level, primary category (a code or empty), status."""

    level: str
    primary_category: str
    status: str


def standing_on(store: Store, day: date) -> Standing:
    """The standing of a store at the end of ``day``."""
    return standings([store.pk], [day])[store.pk, day]


def standings(store_ids: Iterable[int], days: Iterable[date]) -> dict[tuple[int, date], Standing]:
    """Standings at the end of days by (store id, day): two queries for any number of stores and days.

    A day before a store's first period has the first one's standing, a store without periods its present one (DM-11).
    """
    chosen = set(store_ids)
    starts, held = _periods(chosen)
    asked = list(days)
    found = {}
    for store_id in chosen:
        for day in asked:
            position = max(bisect_right(starts[store_id], day) - 1, 0)
            found[store_id, day] = held[store_id][position]
    return found


def _periods(store_ids: set[int]) -> tuple[dict[int, list[date]], dict[int, list[Standing]]]:
    starts: dict[int, list[date]] = defaultdict(list)
    held: dict[int, list[Standing]] = defaultdict(list)
    fields = ("level", "primary_category", "status")
    periods = StorePeriod.objects.filter(store__in=store_ids).order_by("store", "effective_from")
    for store_id, start, *standing in periods.values_list("store_id", "effective_from", *fields):
        starts[store_id].append(start)
        held[store_id].append(Standing(*standing))
    bare = Store.objects.filter(pk__in=store_ids - starts.keys())
    for store_id, *standing in bare.values_list("pk", *fields):
        starts[store_id].append(date.min)
        held[store_id].append(Standing(*standing))
    return starts, held
