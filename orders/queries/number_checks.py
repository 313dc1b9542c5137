"""Tracking numbers against other orders and the store's register of carriers (TM-14, TM-18)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from orders.models import Order, ReplacedShipment, Shipment
from orders.rules.tracking_numbers import Code, Finding, Severity, check_number, compact
from stores.models import Carrier, RegisteredCarrier, Store

BLOCKS, WARNS = Severity.BLOCKS, Severity.WARNS
# Numbers in one query.
AT_ONCE = 500
NUL = "\x00"


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A number to check; ``order_no`` is the order that it is for, empty while it is not known yet."""

    carrier: str
    tracking_no: str
    order_no: str = ""


# An order by the id of its store and its number.
_Order = tuple[int, str]


@dataclass(frozen=True)
class _Known:
    """What is on record and in the list: the orders of each compact number, the buyers of the store's own, the
    carriers with whether they are approved, the register."""

    users: Mapping[str, set[_Order]]
    listed: Mapping[str, list[str]]
    buyers: Mapping[str, str]
    approved: Mapping[str, bool]
    registered: frozenset[str]


def check_numbers(store: Store, rows: Sequence[NumberRow]) -> list[list[Finding]]:
    """The findings of each row, in a number of queries that grows by three per 500 numbers.

    Another store's order is never named, only that the number is in use; own ones are named. One parcel for several
    orders of one buyer is flagged, for orders of different buyers it is refused. A carrier that is not approved or not
    registered is flagged, not refused.
    """
    known = _known(store, rows)
    return [[*check_number(row.tracking_no, row.carrier), *_on_record(store, row, known)] for row in rows]


def _known(store: Store, rows: Sequence[NumberRow]) -> _Known:
    rows = [row for row in rows if NUL not in row.order_no + row.carrier + row.tracking_no]
    numbers = {row.tracking_no.strip() for row in rows}
    listed: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        listed[compact(row.tracking_no)].append(row.order_no)
    users = _users(sorted(numbers | set(listed) - {""}))
    orders = {row.order_no for row in rows} | {
        order_no for found in users.values() for store_id, order_no in found if store_id == store.pk
    }
    return _Known(
        users=users,
        listed=listed,
        buyers=_buyers(store, sorted(orders - {""})),
        approved=dict(Carrier.objects.filter(code__in={row.carrier for row in rows}).values_list("code", "approved")),
        registered=frozenset(RegisteredCarrier.objects.filter(store=store).values_list("carrier_code", flat=True)),
    )


def _buyers(store: Store, order_nos: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for some in in_parts(order_nos):
        found |= dict(Order.objects.filter(store=store, order_no__in=some).values_list("order_no", "buyer_ref"))
    return found


def _users(numbers: Sequence[str]) -> dict[str, set[_Order]]:
    """The orders that use or used each number, by compact number."""
    found: dict[str, set[_Order]] = defaultdict(set)
    for some in in_parts(numbers):
        for number, store_id, order_no in _rows_with(some):
            found[compact(number)].add((store_id, order_no))
    return found


def in_parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many values at once as one query may name."""
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))


def _rows_with(numbers: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    yield from Order.objects.filter(tracking_no__in=numbers, tracking_no__gt="").values_list(
        "tracking_no", "store_id", "order_no"
    )
    for model in (Shipment, ReplacedShipment):
        rows = model.objects.filter(tracking_no__in=numbers)
        yield from rows.values_list("tracking_no", "order__store_id", "order__order_no")


def _on_record(store: Store, row: NumberRow, known: _Known) -> Iterator[Finding]:
    number = compact(row.tracking_no)
    others = known.users.get(number, set()) - {(store.pk, row.order_no)}
    own = sorted(order_no for store_id, order_no in others if store_id == store.pk)
    if own:
        yield _shared(Code.REUSED_HERE, row, own, known)
    elif others:
        # What another tenant has stored may block nobody (RL-08).
        yield Finding(Code.REUSED_ELSEWHERE, WARNS)
    listed = known.listed.get(number, []) if number else []
    if len(listed) > 1:
        yield _shared(Code.TWICE_IN_LIST, row, sorted({*listed} - {row.order_no, ""}), known)
    yield from _carrier(row.carrier, known)


def _shared(code: Code, row: NumberRow, others: Sequence[str], known: _Known) -> Finding:
    """A number that further orders of the store have."""
    buyer = known.buyers.get(row.order_no, "")
    strangers = [order_no for order_no in others if not buyer or known.buyers.get(order_no) != buyer]
    named = (strangers or others or [row.order_no])[0]
    return Finding(code, BLOCKS if strangers else WARNS, params={"order": named})


def _carrier(code: str, known: _Known) -> Iterator[Finding]:
    if not code:
        yield Finding(Code.CARRIER_MISSING, BLOCKS)
    elif code not in known.approved:
        yield Finding(Code.CARRIER_UNKNOWN, WARNS, params={"carrier": code})
    elif not known.approved[code]:
        yield Finding(Code.CARRIER_UNAPPROVED, WARNS, params={"carrier": code})
    if code and code not in known.registered:
        yield Finding(Code.CARRIER_UNREGISTERED, WARNS, params={"carrier": code})
