"""Orders by whatever people paste: order numbers, tracking numbers also of further parcels and replaced ones, buyers
(PG-06). Each look-up is one of an index, so a search costs the same in stores of any size."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from core.sql import dialect_of
from orders.models import Order, ReplacedShipment, Shipment
from orders.searching import Sought, sought

# As many orders as a search shows.
MOST_FOUND = 100
# Look-ups of a number in a store: who sees thousands of stores searches fewer numbers at once.
MOST_LOOKUPS = 20_000
# Shorter beginnings of a buyer's pseudonym tell nothing.
LEAST_OF_BUYER = 4


class Field(StrEnum):
    """What of an order was sought."""

    ORDER = "order_no"
    NUMBER = "tracking_no"
    FORMER = "replaced_no"
    BUYER = "buyer_ref"


@dataclass(frozen=True, slots=True)
class Match:
    """Why an order was found: its column and what stands there."""

    field: Field
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """Matches by the id of the order, those of whole numbers first; ``all_found``: there are no further ones;
    ``all_asked``: every number of the text was looked up."""

    matches: dict[int, Match]
    all_found: bool = True
    all_asked: bool = True


def find_orders(store_ids: Sequence[int], text: str) -> Found:
    """The orders of these stores that a pasted text names, at most MOST_FOUND: of one number also those that begin
    so."""
    asked = sought(text)
    numbers = asked.numbers[: max(1, MOST_LOOKUPS // max(1, len(store_ids)))]
    found: dict[int, Match] = {}
    for field, rows in _lookups(store_ids, Sought(numbers, asked.beginnings)):
        left = MOST_FOUND + 1 - len(found)
        if left > 0:
            for order_id, text_found in rows[:left]:
                found.setdefault(order_id, Match(field, text_found))
    shown = dict(list(found.items())[:MOST_FOUND])
    return Found(shown, len(found) <= MOST_FOUND, len(numbers) == len(asked.numbers))


def _lookups(store_ids: Sequence[int], asked: Sought) -> Iterator[tuple[Field, "QuerySet[Any, tuple[int, str]]"]]:
    orders = Order.objects.filter(store__in=store_ids)
    yield Field.ORDER, _named(orders.filter(order_no__in=asked.numbers), "order_no")
    yield Field.NUMBER, _named(orders.filter(tracking_no__in=asked.numbers, tracking_no__gt=""), "tracking_no")
    for field, model in ((Field.NUMBER, Shipment), (Field.FORMER, ReplacedShipment)):
        rows = model.objects.filter(store__in=store_ids, tracking_no__in=asked.numbers)
        yield field, rows.order_by("tracking_no").values_list("order_id", "tracking_no")
    yield Field.BUYER, _named(orders.filter(buyer_ref__in=asked.numbers, buyer_ref__gt=""), "buyer_ref")
    begins, in_order = dialect_of(connection).begins, len(store_ids) == 1
    for beginning in asked.beginnings:
        yield Field.ORDER, _named(orders.filter(begins("order_no", beginning)), "order_no", in_order)
        parcels = orders.filter(begins("tracking_no", beginning), tracking_no__gt="")
        yield Field.NUMBER, _named(parcels, "tracking_no", in_order)
        if len(beginning) >= LEAST_OF_BUYER:
            buyers = orders.filter(begins("buyer_ref", beginning), buyer_ref__gt="")
            yield Field.BUYER, _named(buyers, "buyer_ref", in_order)


def _named(rows: "QuerySet[Order]", column: str, in_order: bool = True) -> "QuerySet[Any, tuple[int, str]]":
    """In the order of the index, which is one of a store: sorting what begins alike in several would read it all."""
    return (rows.order_by(column) if in_order else rows.order_by()).values_list("pk", column)
