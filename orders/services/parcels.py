"""Parcels of orders, for whoever acts on them."""

from orders.queries.parcels import parcels_of
from orders.rules.parcels import Parcel

__all__ = ["Parcel", "parcels_of"]
