"""Dispatches that look fake (TM-07, TM-14)."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from orders.queries.fakes import fake_dispatches
from orders.queries.flags.declaring import Condition, Finder, Flag, FlagGroup, Scope

FAKE_DISPATCH = Flag("fake_dispatch", FlagGroup.TRACE, _("Suspected fake dispatch"), "TM-07")


def suspected(scope: Scope, at: datetime) -> Iterator[Condition]:
    """Orders of which a parcel has no pickup after days, or a trace that contradicts itself; since the first cause."""
    since: dict[int, Condition] = {}
    for found in fake_dispatches(scope.traced(), at):
        began = min(one.at for one in found.suspicions)
        known = since.get(found.order.pk)
        if known is None or began < known.since:
            since[found.order.pk] = Condition(FAKE_DISPATCH.code, found.order.pk, found.order.store_id, began)
    yield from since.values()


FINDERS = (Finder((FAKE_DISPATCH,), suspected),)
