"""Names carriers that scan too seldom before they cause harm: once, and again only after they scanned often enough
(AF-13, BX-08)."""

from datetime import datetime

from core.events import SYSTEM, record_events
from core.models import Event
from core.timebase import performance_day
from orders.queries.scan_intervals import CarrierScans, scan_intervals
from stores.models import Store

SELDOM, OFTEN = "carrier.scans_seldom", "carrier.scans_often"


def advise_on_carriers(*, at: datetime) -> int:
    """Record an event for every carrier with parcels under way that scans too seldom, and for each that no longer
    does; returns how many stores' carriers are new among those that scan too seldom."""
    advised = 0
    for store in Store.objects.exclude(status=Store.Status.CLOSED).select_related("company").order_by("pk").iterator():
        found = scan_intervals(store, at)
        named = _named_carriers(store) if found.carriers else set()
        hours = int(found.target.total_seconds() // 3600)
        new = [one for one in found.carriers if one.seldom and one.under_way and one.code not in named]
        # A carrier of which nothing is known any more has not recovered.
        measured = [one for one in found.carriers if one.pace.mean is not None and one.pace.mean <= found.target]
        recovered = [one for one in measured if not one.seldom and one.code in named]
        record_events(
            [
                *(_event(SELDOM, store, one, hours, at) for one in new),
                *(_event(OFTEN, store, one, hours, at) for one in recovered),
            ]
        )
        advised += len(new)
    return advised


def _named_carriers(store: Store) -> set[str]:
    """The carriers that were named, and have not scanned often enough since."""
    rows = Event.objects.filter(store_no=store.store_no, subject_kind="carrier", kind__in=(SELDOM, OFTEN))
    last = {after["carrier"]: kind for kind, after in rows.order_by("pk").values_list("kind", "after")}
    return {carrier for carrier, kind in last.items() if kind == SELDOM}


def _event(kind: str, store: Store, one: CarrierScans, hours: int, at: datetime) -> Event:
    mean = one.pace.mean
    return Event(
        kind=kind,
        subject_kind="carrier",
        subject_key=f"{one.code}/{performance_day(at).isoformat()}",
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
