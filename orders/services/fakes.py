"""Opens a risk case for every dispatch that looks fake, once per parcel and cause (TM-07)."""

from datetime import datetime

from django.db.models import QuerySet

from orders.models import Order, RiskCase
from orders.queries.fakes import FakeDispatch, fake_dispatches
from orders.services.cases import open_risk_case
from stores.models import Feed, Store

KIND = "fake_dispatch"
STORES_AT_ONCE = 200


def open_fake_dispatch_cases(*, at: datetime) -> int:
    """Look at the open orders of governed stores; returns how many cases were opened.

    Mirrored stores have the flag alone: their platform's people decide (DM-11a). Looking again opens nothing anew.
    """
    ids = list(_watched().values_list("pk", flat=True))
    opened = 0
    for start in range(0, len(ids), STORES_AT_ONCE):
        for found in fake_dispatches(Order.objects.filter(store_id__in=ids[start : start + STORES_AT_ONCE]), at):
            opened += _open(found, at)
    return opened


def _watched() -> QuerySet[Store]:
    """Governed stores whose scans are reported: where none are, a missing pickup tells nothing (MX-07)."""
    traced = Feed.objects.filter(kind=Feed.Kind.TRACKING).values("store")
    return Store.objects.filter(mode=Store.Mode.GOVERNED, pk__in=traced).order_by("pk")


def _open(found: FakeDispatch, at: datetime) -> int:
    order, number = found.order, found.parcel.tracking_no
    opened = 0
    for one in found.suspicions:
        dedupe = f"{order.order_no} {number} {one.cause}"[:200]
        if RiskCase.objects.filter(store=order.store, kind=KIND, dedupe=dedupe).exists():
            continue
        open_risk_case(
            store=order.store,
            kind=KIND,
            subject_kind="order",
            subject_key=order.order_no,
            facts={
                "cause": one.cause,
                "at": one.at.isoformat(),
                "detail": one.detail,
                "carrier": found.parcel.carrier,
                "tracking_no": number,
                "shipped_at": (found.parcel.shipped_at or order.shipped_at or one.at).isoformat(),
                "site": order.site,
            },
            at=at,
            dedupe=dedupe,
        )
        opened += 1
    return opened
