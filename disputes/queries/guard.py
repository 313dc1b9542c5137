"""What may get the seller of an order misjudged, found when it is looked at: it depends on the hour (DP-14)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from disputes.rules.guard import GuardFinding, Risk, absolute_claims, lasts_longer, longest_silence
from orders.models import Order, OrderLine, TrackingEvent
from orders.queries.number_checks import NumberRow, check_numbers
from orders.queries.parcels import parcels_of
from orders.rules.parcels import Parcel
from orders.rules.tracking_numbers import Code
from rulebook.queries import policy_at
from stores.models import Listing

REUSED = frozenset({Code.REUSED_HERE, Code.REUSED_ELSEWHERE})
MALFORMED = frozenset({Code.NOT_A_NUMBER, Code.CHECK_DIGIT, Code.OTHER_FORM, Code.OTHER_CARRIER, Code.NO_COUNTRY})
ENDS = (TrackingEvent.Kind.DELIVERED, TrackingEvent.Kind.RETURNED, TrackingEvent.Kind.LOST)


def guard_of(order: Order, at: datetime) -> list[GuardFinding]:
    """The findings about an order's parcels and listings, in a fixed number of queries."""
    parcels = [parcel for parcel in parcels_of([order])[order.pk] if parcel.tracking_no] if _is_shipped(order) else []
    return [*_numbers(order, parcels), *_silences(order, parcels, at), *_claims(order, at)]


def _is_shipped(order: Order) -> bool:
    return bool(order.shipped_at or order.tracking_no)


def _numbers(order: Order, parcels: Sequence[Parcel]) -> Iterator[GuardFinding]:
    rows = [NumberRow(parcel.carrier, parcel.tracking_no, order.order_no) for parcel in parcels]
    for row, findings in zip(rows, check_numbers(order.store, rows) if rows else [], strict=True):
        codes = {finding.code for finding in findings}
        if codes & REUSED:
            others = [finding.params.get("order", "") for finding in findings if finding.code in REUSED]
            yield GuardFinding(Risk.NUMBER_REUSED, row.tracking_no, {"order": "".join(others[:1])})
        if codes & MALFORMED:
            meant = [finding.suggestion for finding in findings if finding.code in MALFORMED]
            yield GuardFinding(Risk.NUMBER_MALFORMED, row.tracking_no, {"suggestion": "".join(meant[:1])})


def _silences(order: Order, parcels: Sequence[Parcel], at: datetime) -> Iterator[GuardFinding]:
    limit = timedelta(hours=policy_at(at).disputes.trace_silent_hours)
    moved = TrackingEvent.objects.filter(order=order).exclude(kind=TrackingEvent.Kind.LABEL)
    scans = list(moved.order_by("at").values_list("tracking_no", "at", "kind"))
    for parcel in parcels:
        own = [(when, kind) for number, when, kind in scans if number in (parcel.tracking_no, _unnamed(parcel))]
        ended = next((when for when, kind in own if kind in ENDS and when <= at), None)
        if ended is None and len(parcels) == 1:
            ended = order.delivered_at
        silence = longest_silence(parcel.shipped_at, [when for when, _kind in own], ended, at)
        if silence is not None and lasts_longer(silence, limit, at):
            params = {"since": silence.since.isoformat(), "until": silence.until.isoformat() if silence.until else ""}
            yield GuardFinding(Risk.TRACE_SILENT, parcel.tracking_no, params)


def _unnamed(parcel: Parcel) -> str | None:
    """Scans without a number are the first parcel's."""
    return "" if parcel.number == 1 else None


def _claims(order: Order, at: datetime) -> Iterator[GuardFinding]:
    lines = OrderLine.objects.filter(order=order)
    skus = {order.sku, *lines.values_list("sku", flat=True)} - {""}
    words = policy_at(at).words.absolute_claims
    for listing in Listing.objects.filter(store=order.store_id, sku__in=skus).order_by("sku"):
        found = absolute_claims(f"{listing.title}\n{listing.description}", words)
        if found:
            yield GuardFinding(Risk.ABSOLUTE_CLAIM, listing.sku, {"claims": ", ".join(found)})
