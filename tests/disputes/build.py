"""Disputes of governed and mirrored stores, with their clocks."""

from decimal import Decimal
from itertools import count
from typing import Any

from core.sweeping import sweep
from disputes.models import Dispute
from disputes.services.clocks import derive_dispute_clocks
from disputes.services.drafting import Said
from stores.models import Store
from stores.principals import Program, Scope
from tests.orders.build import DAY, HOUR, NOW, make_order

_numbers = count(1)


def make_dispute(store: Store, *, order: dict[str, Any] | None = None, **more: Any) -> Dispute:
    """A dispute opened an hour ago about an order that was paid a day ago."""
    values = {"kind": "not_received", "opened_at": NOW - HOUR, "state": "open", "claimed_usd": Decimal(20), **more}
    about = make_order(store, **{"paid_at": NOW - DAY, **(order or {})})
    dispute = Dispute.objects.create(store=store, order=about, dispute_no=f"D{next(_numbers)}", **values)
    derive_dispute_clocks(dispute_ids=[dispute.pk], at=dispute.opened_at)
    return dispute


def erp(store: Store) -> Program:
    return Program("erp-1", store.company_id, frozenset({store.pk}), frozenset({Scope.parse("orders:write")}))


def said(plan: str = "explain", amount: str | None = None, text: str = "On its way.") -> Said:
    return Said(plan, Decimal(amount) if amount else None, text, "en", "not_received")


__all__ = ["DAY", "HOUR", "NOW", "erp", "make_dispute", "said", "sweep"]
