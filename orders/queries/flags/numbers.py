"""Parcels under way with a number or a carrier that can't be right (TM-14, TM-18)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from orders.models import Fulfilment, OrderState, Shipment
from orders.queries.flags.declaring import Condition, Finder, Flag, FlagGroup, Scope, columns_of
from orders.queries.number_checks import NumberRow, check_numbers
from orders.rules.tracking_numbers import Code, Finding
from stores.models import RegisteredCarrier, Store

NUMBER_INVALID = Flag("number_invalid", FlagGroup.TRACE, _("Tracking number invalid"), "TM-14")
NUMBER_REUSED = Flag("number_reused", FlagGroup.TRACE, _("Tracking number re-used"), "TM-14")
CARRIER_UNAPPROVED = Flag("carrier_unapproved", FlagGroup.DISPATCH, _("Carrier not approved or registered"), "TM-18")

_INVALID = frozenset({Code.NOT_A_NUMBER, Code.CHECK_DIGIT, Code.OTHER_CARRIER})
_REUSED = frozenset({Code.REUSED_HERE, Code.REUSED_ELSEWHERE, Code.TWICE_IN_LIST})
_Parcel = tuple[int, NumberRow, datetime]


def doubtful_numbers(scope: Scope, at: datetime) -> Iterator[Condition]:
    """Orders under way with a parcel whose number is invalid or another buyer's too, or whose carrier the platform does
    not approve or the store did not register.

    Orders without a number are none of these: no trace comes of them. A store that never registered a carrier is only
    flagged if it is governed: what a mirrored one registered, its platform knows (TM-18).
    """
    parcels = _parcels(scope, at)
    registering = set(RegisteredCarrier.objects.filter(store__in=list(parcels)).values_list("store", flat=True))
    for store in Store.objects.filter(pk__in=list(parcels)).order_by("pk"):
        knows_carriers = store.mode == Store.Mode.GOVERNED or store.pk in registering
        rows = parcels[store.pk]
        found = check_numbers(store, [row for _order, row, _shipped in rows])
        yield from _conditions(store.pk, rows, found, knows_carriers)


def _conditions(
    store_id: int, rows: Sequence[_Parcel], found: Sequence[Sequence[Finding]], knows_carriers: bool
) -> Iterator[Condition]:
    """One condition per order and flag, since the dispatch of the first parcel that has it."""
    since: dict[tuple[str, int], datetime] = {}
    for (order_id, _row, shipped_at), findings in zip(rows, found, strict=True):
        for flag in _flags(findings, knows_carriers):
            since[flag, order_id] = min(since.get((flag, order_id), shipped_at), shipped_at)
    for (flag, order_id), begun in since.items():
        yield Condition(flag, order_id, store_id, begun)


def _flags(findings: Sequence[Finding], knows_carriers: bool) -> set[str]:
    carrier = {Code.CARRIER_UNAPPROVED, *([Code.CARRIER_UNREGISTERED] if knows_carriers else [])}
    blocking, all_codes = {one.code for one in findings if one.blocks}, {one.code for one in findings}
    marks = (
        (NUMBER_INVALID, blocking & _INVALID),
        (NUMBER_REUSED, blocking & _REUSED),
        (CARRIER_UNAPPROVED, all_codes & carrier),
    )
    return {flag.code for flag, codes in marks if codes}


def _parcels(scope: Scope, at: datetime) -> Mapping[int, list[_Parcel]]:
    """The numbers of orders under way by store, those of further parcels too."""
    under_way = {"state": OrderState.SHIPPED, "fulfilled_by": Fulfilment.SELLER}
    own = scope.orders().filter(**under_way, shipped_at__lte=at, tracking_no__gt="")
    found: dict[int, list[_Parcel]] = defaultdict(list)
    for store_id, order_id, order_no, carrier, number, shipped_at in columns_of(
        own, "store_id", "pk", "order_no", "carrier", "tracking_no", "shipped_at"
    ):
        found[store_id].append((order_id, NumberRow(carrier, number, order_no), shipped_at))
    further = Shipment.objects.filter(order__in=scope.orders().filter(**under_way), parcel_no__gt=1, shipped_at__lte=at)
    for store_id, order_id, order_no, carrier, number, shipped_at in columns_of(
        further, "order__store_id", "order_id", "order__order_no", "carrier", "tracking_no", "shipped_at"
    ):
        found[store_id].append((order_id, NumberRow(carrier, number, order_no), shipped_at))
    return found


FINDERS = (Finder((NUMBER_INVALID, NUMBER_REUSED, CARRIER_UNAPPROVED), doubtful_numbers),)
