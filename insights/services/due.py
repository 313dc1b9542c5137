"""When stores are checked for risks (TM-14)."""

from collections.abc import Iterable
from datetime import datetime

from insights.models import RiskCheck


def make_due(*, store_nos: Iterable[str], at: datetime) -> None:
    """Have stores checked by the next worker, as something was done in them."""
    RiskCheck.objects.filter(store__store_no__in=list(store_nos), due_at__gt=at).update(due_at=at)
