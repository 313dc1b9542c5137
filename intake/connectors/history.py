"""The history of runs: kept for a while."""

from datetime import datetime, timedelta

from intake.models import ConnectionRun

KEPT_FOR = timedelta(days=90)


def forget_runs(*, at: datetime, most: int = 5_000) -> int:
    """Delete runs that ended long ago; returns how many."""
    old = ConnectionRun.objects.filter(finished_at__lt=at - KEPT_FOR).order_by("pk")
    keys = list(old.values_list("pk", flat=True)[:most])
    return ConnectionRun.objects.filter(pk__in=keys).delete()[0]
