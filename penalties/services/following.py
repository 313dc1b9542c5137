"""Penalties follow what changes between two nights."""

from collections.abc import Sequence

from core.models import Event
from penalties.services.deriving import derive_penalties
from stores.models import Store


def follow_freezes(*, events: Sequence[Event]) -> None:
    """Bring the stores of begun and ended freezes in line, each as of the instant of its event (SR-06)."""
    ids = dict(Store.objects.filter(store_no__in={one.store_no for one in events}).values_list("store_no", "pk"))
    for event in events:
        if event.store_no in ids:
            derive_penalties(store_ids=[ids[event.store_no]], at=event.at, actor=event.actor)
