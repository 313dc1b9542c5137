"""What a company knows of its buyers: orders, returns, refunds, shared connections (TM-06, TM-14)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from orders.models import Order, Refund, ReturnParcel

_CHUNK = 500
# A buyer: the company's id and the buyer's pseudonym. Other companies' orders are nobody's business.
Buyer = tuple[int, str]


@dataclass(frozen=True, slots=True)
class BuyerRecord:
    """A buyer's shipped orders in a company, and how many of them were sent back or refunded, by an instant."""

    orders: int
    returned: int


def buyer_records(buyers: Iterable[Buyer], at: datetime) -> dict[Buyer, BuyerRecord]:
    """The records of these buyers as of an instant; in a fixed number of queries per 500 buyers of a company."""
    by_company: dict[int, set[str]] = defaultdict(set)
    for company_id, buyer_ref in buyers:
        if buyer_ref:
            by_company[company_id].add(buyer_ref)
    found: dict[Buyer, list[int]] = {}
    for company_id, refs in by_company.items():
        ordered = sorted(refs)
        for start in range(0, len(ordered), _CHUNK):
            _count(company_id, ordered[start : start + _CHUNK], at, found)
    return {buyer: BuyerRecord(orders, returned) for buyer, (orders, returned) in found.items()}


def _count(company_id: int, refs: list[str], at: datetime, found: dict[Buyer, list[int]]) -> None:
    sent_back = ReturnParcel.objects.filter(order=OuterRef("pk")).filter(
        Q(shipped_back_at__lte=at) | Q(received_at__lte=at)
    )
    refunded = Refund.objects.filter(order=OuterRef("pk"), completed_at__lte=at)
    orders = Order.objects.filter(store__company=company_id, buyer_ref__in=refs, shipped_at__lte=at)
    returned = ExpressionWrapper(
        Q(Exists(sent_back)) | Q(Exists(refunded)) | Q(refunded_at__isnull=False, refunded_at__lte=at), BooleanField()
    )
    for buyer_ref, was_returned in orders.annotate(was_returned=returned).values_list("buyer_ref", "was_returned"):
        record = found.setdefault((company_id, buyer_ref), [0, 0])
        record[0] += 1
        record[1] += bool(was_returned)


def crowded_connections(
    company_ids: Iterable[int], *, buyers: int, within: timedelta, at: datetime
) -> Mapping[tuple[int, str], datetime]:
    """Connections (company, hash) from which at least so many different buyers of a company ordered within the time
    before an instant, each with the instant at which that number was reached."""
    seen: dict[tuple[int, str], dict[str, datetime]] = defaultdict(dict)
    lately = Order.objects.filter(
        store__company__in=list(company_ids), created_at__gt=at - within, created_at__lte=at, buyer_ip_hash__gt=""
    )
    rows = lately.order_by("created_at").values_list("store__company_id", "buyer_ip_hash", "buyer_ref", "created_at")
    for company_id, connection, buyer_ref, created_at in rows:
        seen[company_id, connection].setdefault(buyer_ref, created_at)
    return {key: sorted(firsts.values())[buyers - 1] for key, firsts in seen.items() if len(firsts) >= buyers}
