"""News of copyright complaints that were decided, for what follows from them (PN-24)."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from core.events import SYSTEM, record_events
from core.models import Event
from disputes.models import CopyrightComplaint
from stores.models import Store


def report_complaints(*, complaints: Mapping[int, str], at: datetime) -> None:
    """Record one event per store with complaints that were decided; ``complaints``: what became of rows, by their ids.
    A new one that isn't upheld is no news; a changed or removed one may have been."""
    rows = CopyrightComplaint.objects.filter(pk__in=complaints).values_list("pk", "store", "upheld")
    counts = Counter(store for pk, store, upheld in rows if upheld or complaints[pk] != "new")
    report_of_stores(kind="complaint.decided", counts=counts, at=at)


def report_of_stores(*, kind: str, counts: Mapping[int, int], at: datetime) -> None:
    """Record an event with a count for each store."""
    stores = Store.objects.select_related("company").filter(pk__in=counts).order_by("pk")
    record_events(
        [
            Event(
                kind=kind,
                subject_kind="store",
                subject_key=store.store_no,
                store_no=store.store_no,
                company_no=store.company.company_no,
                actor=SYSTEM,
                at=at,
                after={"count": counts[store.pk]},
                cause="PN-24",
            )
            for store in stores
        ]
    )
