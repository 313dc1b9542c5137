"""Which exception the data of orders suggest, and the evidence that it needs (PN-28a, PN-29, BX-13)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from appeals import phrases
from appeals.models import AppealFile
from appeals.rules import (
    ADDRESS_CHANGED,
    ADDRESS_REFUSED,
    BUYER_ACCOUNTS,
    FLIGHT_DISRUPTED,
    HANDED_OVER,
    HELD_AT_CUSTOMS,
    AppealState,
    ExceptionType,
    suggested_exception,
)
from disputes.models import Dispute
from insights.queries.faults import signals_of
from insights.rules.fault import Signals
from metrics.catalogue import problem_counters
from metrics.models import Problem
from orders.models import Message, Order, TrackingEvent
from orders.queries.parcels import parcels_of
from orders.queries.pool import pool_stays
from orders.rules.parcels import Parcel
from orders.rules.pool import BEFORE_PICKUP
from rulebook.queries import policy_at
from stores.models import Store

SEVERAL_ACCOUNTS = 2


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``exception`` with the reason in words (lazy); ``needs``: the kinds of evidence by policy, ``present``: those of
    them that are there already, as records of the order or as files of its draft."""

    order_id: int
    exception: ExceptionType
    text: Any
    needs: tuple[str, ...]
    present: frozenset[str]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(kind for kind in self.needs if kind not in self.present)

    @property
    def is_ready(self) -> bool:
        """Whether every kind that it needs is there."""
        return not self.missing


def suggest_exceptions(
    *,
    store: Store,
    metric: str,
    order_ids: Collection[int],
    at: datetime,
    failing: Mapping[int, Sequence[str]] | None = None,
) -> dict[int, Suggestion]:
    """A suggestion per order whose data suggest one, by the order's id; a fixed number of queries for any number.

    ``failing``: the counters that each order fails, where they are known from elsewhere: an excluded order fails none.
    """
    orders = list(Order.objects.filter(store=store, pk__in=order_ids))
    records = _records_of(store, orders, at)
    counters = _failing(store, metric, records.order_ids) if failing is None else failing
    needs = policy_at(at).appeals.exception_evidence
    found = {}
    for order in orders:
        signals = records.signals_of(order)
        suggested = suggested_exception(counters[order.pk], signals)
        if suggested is not None:
            exception, text = suggested
            needed = tuple(needs.get(exception, ()))
            present = frozenset(needed) & (records.evidence_of(order, signals) | records.files[order.pk])
            found[order.pk] = Suggestion(order.pk, exception, text, needed, present)
    return found


def evidence_on_record(*, store: Store, order_ids: Collection[int], at: datetime) -> dict[int, frozenset[str]]:
    """The kinds of evidence that the records of each order are, by the order's id (PN-28a)."""
    orders = list(Order.objects.filter(store=store, pk__in=order_ids))
    records = _records_of(store, orders, at)
    return {order.pk: records.evidence_of(order, records.signals_of(order)) for order in orders}


def _failing(store: Store, metric: str, order_ids: Collection[int]) -> Mapping[int, list[str]]:
    """The metric's counters that each order fails, in the metric's order."""
    counters = problem_counters(metric)
    rows = Problem.objects.filter(store=store, counter__in=counters, order_id__in=order_ids)
    found: dict[int, set[str]] = defaultdict(set)
    for order_id, counter in rows.values_list("order_id", "counter"):
        found[order_id].add(counter)
    return defaultdict(list, {pk: [name for name in counters if name in names] for pk, names in found.items()})


@dataclass(frozen=True, slots=True)
class _Records:
    """What is kept of some orders, by order; ``accounts``: how many buyers opened disputes from a network address."""

    order_ids: list[int]
    faults: Mapping[int, Signals]
    scans: Mapping[int, list[TrackingEvent]]
    parcels: Mapping[int, list[Parcel]]
    messages: Mapping[int, list[Message]]
    files: Mapping[int, set[str]]
    accounts: Mapping[str, int]

    def signals_of(self, order: Order) -> Signals:
        """Everything that the order's records show."""
        scans, messages = self.scans[order.pk], self.messages[order.pk]
        shown = {
            HELD_AT_CUSTOMS: _stood_after_customs(order, scans, self.parcels.get(order.pk, [])),
            FLIGHT_DISRUPTED: _any_text(phrases.FLIGHT_DISRUPTED, scans),
            ADDRESS_REFUSED: _any_text(phrases.ADDRESS_REFUSED, scans),
            ADDRESS_CHANGED: _any_text(phrases.ADDRESS_CHANGED, _of_buyer_since_paid(order, messages)),
            BUYER_ACCOUNTS: self.accounts.get(order.buyer_ip_hash, 0) >= SEVERAL_ACCOUNTS,
            HANDED_OVER: _handed_over(order),
        }
        return self.faults[order.pk] | {name for name, holds in shown.items() if holds}

    def evidence_of(self, order: Order, signals: Signals) -> frozenset[str]:
        """The kinds of evidence (PN-28a) that the records are, without any file."""
        kept = {
            "order_proof": order.paid_at is not None,
            "carrier_trace": any(scan.kind != BEFORE_PICKUP for scan in self.scans[order.pk]),
            "platform_messages": bool(self.messages[order.pk]),
            "buyer_abuse": BUYER_ACCOUNTS in signals,
        }
        return frozenset(kind for kind, there in kept.items() if there)


def _records_of(store: Store, orders: Sequence[Order], at: datetime) -> _Records:
    ids = [order.pk for order in orders]
    scans: dict[int, list[TrackingEvent]] = defaultdict(list)
    for scan in TrackingEvent.objects.filter(order__in=ids, at__lte=at).order_by("at", "pk"):
        scans[scan.order_id].append(scan)
    messages: dict[int, list[Message]] = defaultdict(list)
    for message in Message.objects.filter(order__in=ids, sent_at__lte=at):
        messages[message.order_id].append(message)
    files: dict[int, set[str]] = defaultdict(set)
    drafted = AppealFile.objects.filter(
        appeal__store=store, appeal__state=AppealState.DRAFT, appeal__orders__order__in=ids
    )
    for order_id, kind in drafted.values_list("appeal__orders__order", "kind"):
        files[order_id].add(kind)
    return _Records(ids, signals_of(ids), scans, parcels_of(orders), messages, files, _accounts(store, orders, at))


def _accounts(store: Store, orders: Iterable[Order], at: datetime) -> dict[str, int]:
    hashes = {order.buyer_ip_hash for order in orders} - {""}
    rows = Dispute.objects.filter(store=store, opened_at__lte=at, order__buyer_ip_hash__in=hashes)
    counted = rows.order_by().values("order__buyer_ip_hash").annotate(number=Count("order__buyer_ref", distinct=True))
    return dict(counted.values_list("order__buyer_ip_hash", "number")) if hashes else {}


def _stood_after_customs(order: Order, scans: Sequence[TrackingEvent], parcels: Sequence[Parcel]) -> bool:
    customs = {scan.at for scan in scans if scan.kind == TrackingEvent.Kind.CUSTOMS}
    return bool(customs) and any(stay.silent_since in customs for stay in pool_stays(order, scans, parcels))


def _handed_over(order: Order) -> bool:
    confirmed, due, scanned = order.dispatch_confirmed_at, order.ship_by, order.first_scan_at
    return confirmed is not None and due is not None and scanned is not None and confirmed <= due < scanned


def _of_buyer_since_paid(order: Order, messages: Iterable[Message]) -> list[Message]:
    return [
        message
        for message in messages
        if message.sender == Message.Sender.BUYER and order.paid_at is not None and message.sent_at >= order.paid_at
    ]


def _any_text(wanted: Sequence[str], rows: Iterable[TrackingEvent | Message]) -> bool:
    return any(phrases.mentions(wanted, row.text) for row in rows)
