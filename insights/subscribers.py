"""What checks of risks make of events: a store in which something was done is checked soon (TM-14)."""

from collections.abc import Sequence
from datetime import UTC, datetime

from core.events import declared_kinds
from core.models import Event
from core.outbox.subscribers import subscriber
from insights.services.due import make_due

# Commands on orders, disputes, refunds, returns and messages all change what flags say.
_SUBJECTS = frozenset({"order", "dispute", "refund", "return", "message"})


@subscriber("risk", kinds=[kind.name for kind in declared_kinds() if kind.subject in _SUBJECTS])
def check_soon(events: Sequence[Event]) -> None:
    """Have the stores checked by the next worker. Events don't coalesce: those who act in one store would wait for each
    other's row."""
    make_due(store_nos={event.store_no for event in events}, at=datetime.now(UTC))
