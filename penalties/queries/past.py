"""The latest penalties and points of a store."""

from typing import NamedTuple

from penalties.models import Penalty, PointsEntry
from stores.models import Store


class Past(NamedTuple):
    """The latest first."""

    penalties: list[Penalty]
    points: list[PointsEntry]


def past_penalties(store: Store, most: int) -> Past:
    penalties = Penalty.objects.filter(store=store).select_related("store").order_by("-starts_at", "-pk")
    points = PointsEntry.objects.filter(store=store).order_by("-at", "-pk")
    return Past(list(penalties[:most]), list(points[:most]))
