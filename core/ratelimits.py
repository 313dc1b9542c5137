"""A simple limit on how often something is done, counted in the cache over all processes."""

from datetime import datetime, timedelta

from django.core.cache import cache


def is_within_limit(name: str, *, limit: int, period: timedelta, at: datetime) -> bool:
    """Count one more and say whether there were at most ``limit`` in the present period. Two at the same instant may
    count as one: it bounds nuisance, not rights."""
    seconds = int(period.total_seconds())
    key = f"limit:{name}:{int(at.timestamp()) // seconds}"
    count = int(cache.get(key, 0)) + 1
    cache.set(key, count, seconds)
    return count <= limit
