"""The register of the carriers that a store uses (TM-18)."""

from datetime import datetime

from django.db import transaction

from core.events import record_event
from stores.models import RegisteredCarrier, Store


@transaction.atomic
def register_carrier(*, store: Store, carrier_code: str, actor: str, at: datetime) -> bool:
    """Register a carrier; False if it was already, which keeps the instant since which it is."""
    row, is_new = RegisteredCarrier.objects.get_or_create(
        store=store, carrier_code=carrier_code, defaults={"registered_at": at}
    )
    if is_new:
        _record("carrier.registered", store, row.carrier_code, actor, at)
    return is_new


@transaction.atomic
def unregister_carrier(*, store: Store, carrier_code: str, actor: str, at: datetime) -> bool:
    """Take a carrier off the register; False if it isn't there (any more)."""
    removed, _rows = RegisteredCarrier.objects.filter(store=store, carrier_code=carrier_code).delete()
    if removed:
        _record("carrier.unregistered", store, carrier_code, actor, at)
    return removed > 0


def _record(kind: str, store: Store, carrier_code: str, actor: str, at: datetime) -> None:
    record_event(
        kind=kind,
        subject_kind="store",
        subject_key=store.store_no,
        store_no=store.store_no,
        company_no=store.company.company_no,
        actor=actor,
        at=at,
        after={"carrier": carrier_code},
        cause="TM-18",
    )
