"""Filters that a person keeps under a name (PG-06)."""

from datetime import datetime

from django.http import QueryDict

from stores.models import SavedFilter, Store, User

# A person's saved filters of one store.
MOST_SAVED = 12


class TooManyFiltersError(ValueError):
    """The person has as many saved filters in this store as they may."""


def saved_filters(*, user: User, store: Store) -> list[SavedFilter]:
    """A person's filters of a store, by name."""
    return list(SavedFilter.objects.filter(user=user, store=store).order_by("name"))


def kept_query(given: QueryDict, names: frozenset[str]) -> str:
    """The parameters of an address that are kept, in a fixed order, without empty ones and those not in ``names``."""
    kept = QueryDict(mutable=True)
    for name in sorted(names):
        if value := given.get(name, "").strip():
            kept[name] = value
    return kept.urlencode()


def save_filter(*, user: User, store: Store, name: str, query: str, at: datetime) -> SavedFilter:
    """Keep filters under a name; one of the same name is replaced. Raises TooManyFiltersError."""
    mine = SavedFilter.objects.filter(user=user, store=store)
    if not mine.filter(name=name).exists() and mine.count() >= MOST_SAVED:
        raise TooManyFiltersError
    saved, _made = mine.update_or_create(user=user, store=store, name=name, defaults={"query": query, "saved_at": at})
    return saved


def remove_filter(*, user: User, store: Store, filter_id: int) -> bool:
    """Remove one of the person's own filters; False where it is gone."""
    removed, _by_model = SavedFilter.objects.filter(pk=filter_id, user=user, store=store).delete()
    return removed > 0
