"""Counting requests: the rate limit of a client, its days, and when a grant was last used (IX-24)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import F, Q

from api.models import ApiClient, ClientDay, Grant
from core.sql import SQL, Parameter, execute
from core.timebase import day_number, rating_day, to_epoch

MINUTE = 60
# How exactly "last used" is kept: less writing than with every request.
LAST_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """Where a client stands in the present minute; ``reset``: seconds until the next one."""

    limit: int
    count: int
    reset: int

    @property
    def is_over(self) -> bool:
        return self.count > self.limit

    @property
    def headers(self) -> dict[str, str]:
        """The headers that tell of it; Retry-After once it is over."""
        shown = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - self.count)),
            "RateLimit-Reset": str(self.reset),
        }
        return {**shown, "Retry-After": str(self.reset)} if self.is_over else shown


# One statement, so that any number of processes count exactly. A request that was timed before the minute began and is
# counted after belongs to the new minute.
_COUNT = SQL("""INSERT INTO api_clientday
        (client_id, day, minute, in_minute, requests, refused, rejected, last_at)
    VALUES ({client}, {day}, {minute}, 1, 1, 0, 0, {at})
    ON CONFLICT (client_id, day) DO UPDATE SET
        in_minute = CASE WHEN excluded.minute > api_clientday.minute THEN 1 ELSE api_clientday.in_minute + 1 END,
        refused = api_clientday.refused + CASE
            WHEN excluded.minute <= api_clientday.minute AND api_clientday.in_minute >= {most} THEN 1 ELSE 0 END,
        minute = CASE WHEN excluded.minute > api_clientday.minute THEN excluded.minute ELSE api_clientday.minute END,
        requests = api_clientday.requests + 1, last_at = excluded.last_at
    RETURNING in_minute""")


def count_request(*, client: ApiClient, at: datetime) -> Rate:
    """Count one request of the client."""
    second, limit = to_epoch(at), settings.API_REQUESTS_PER_MINUTE
    statement = _COUNT.format(
        client=Parameter(client.pk),
        day=Parameter(day_number(rating_day(at))),
        minute=Parameter(second // MINUTE),
        at=Parameter(second),
        most=Parameter(limit),
    )
    with connection.cursor() as cursor:
        execute(cursor, statement)
        (count,) = cursor.fetchone()
    return Rate(limit, count, MINUTE - second % MINUTE)


def count_rejection(*, client: ApiClient, at: datetime) -> None:
    """Note that a request of the client was answered with an error."""
    ClientDay.objects.filter(client=client, day=rating_day(at)).update(rejected=F("rejected") + 1)


def note_use(*, grant: Grant, at: datetime) -> None:
    """Keep when the grant was last used, to the minute."""
    if grant.last_used_at is not None and at - grant.last_used_at < LAST_USED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lt=at)
    Grant.objects.filter(stale, pk=grant.pk).update(last_used_at=at)
