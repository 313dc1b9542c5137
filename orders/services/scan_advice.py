"""Names carriers that scan too seldom before they cause harm: once per store, carrier and month (AF-13)."""

from datetime import datetime

from core.events import SYSTEM, record_events
from core.models import Event
from core.timebase import performance_day
from orders.queries.scan_intervals import CarrierScans, scan_intervals
from stores.models import Store

KIND = "carrier.scans_seldom"


def advise_on_carriers(*, at: datetime) -> int:
    """Record an event for every carrier with parcels under way that scans too seldom; returns how many are new."""
    advised = 0
    for store in Store.objects.exclude(status=Store.Status.CLOSED).select_related("company").order_by("pk").iterator():
        found = scan_intervals(store, at)
        hours = int(found.target.total_seconds() // 3600)
        seldom = [one for one in found.carriers if one.seldom and one.under_way]
        known = set(_advised_keys(store, at)) if seldom else set()
        new = [_event(store, one, hours, at) for one in seldom if _key(one, at) not in known]
        record_events(new)
        advised += len(new)
    return advised


def _key(one: CarrierScans, at: datetime) -> str:
    return f"{one.code}/{performance_day(at):%Y-%m}"


def _advised_keys(store: Store, at: datetime) -> list[str]:
    rows = Event.objects.filter(store_no=store.store_no, subject_kind="carrier", kind=KIND)
    return list(rows.values_list("subject_key", flat=True))


def _event(store: Store, one: CarrierScans, hours: int, at: datetime) -> Event:
    mean = one.pace.mean
    return Event(
        kind=KIND,
        subject_kind="carrier",
        subject_key=_key(one, at),
        store_no=store.store_no,
        company_no=store.company.company_no,
        actor=SYSTEM,
        at=at,
        cause="AF-13",
        after={
            "carrier": one.code,
            "hours": int(mean.total_seconds() // 3600) if mean else one.typical_hours,
            "target": hours,
            "orders": one.under_way,
        },
    )
