"""Whether the installation itself keeps up: timers, deliveries, data of stores, the policy in force (PG-20)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from core.models import Deadline
from notifications.models import Delivery
from rulebook.queries import PolicyPeriod, policies, policy_in
from stores.models import Feed, Store, User

# Sweeps run every few seconds; what is due longer than this is late.
LATE = timedelta(minutes=2)
# Streams of a store that is open are supplied daily.
BEHIND = timedelta(hours=26)
RECENT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SystemState:
    """Deadlines that are due and not fired, since when; deliveries that wait past their time or failed within a day;
    open stores without orders of the last day, since when; the number of the policy in force and the next one. None:
    not for the reader."""

    late_deadlines: int
    late_since: datetime | None
    late_deliveries: int | None
    failed_deliveries: int | None
    stores_behind: int
    behind_since: datetime | None
    policy: int | None
    next_policy: PolicyPeriod | None


def system_state(user: User, at: datetime) -> SystemState:
    """What the person may see of it, in a fixed number of queries."""
    deadlines = Deadline.objects.filter(state=Deadline.State.OPEN, due_at__lt=at - LATE)
    late = deadlines.aggregate(count=Count("pk"), since=Min("due_at"))
    feeds = Feed.objects.filter(kind=Feed.Kind.ORDERS, known_until__lt=at - BEHIND)
    behind = feeds.exclude(store__status=Store.Status.CLOSED).aggregate(count=Count("pk"), since=Min("known_until"))
    deliveries = _deliveries(at) if user.has_perm("notifications.view_delivery") else {}
    periods = policies()
    sees_policy = user.has_perm("rulebook.view_policyversion")
    return SystemState(
        late_deadlines=late["count"],
        late_since=late["since"],
        late_deliveries=deliveries.get("late"),
        failed_deliveries=deliveries.get("failed"),
        stores_behind=behind["count"],
        behind_since=behind["since"],
        policy=policy_in(periods, at).number if sees_policy else None,
        next_policy=next((one for one in periods if one.start > at), None) if sees_policy else None,
    )


def _deliveries(at: datetime) -> dict[str, int]:
    late = Q(state=Delivery.State.WAITING, due_at__lt=at - LATE)
    failed = Q(state=Delivery.State.FAILED, due_at__gt=at - RECENT)
    rows = Delivery.objects.filter(late | failed)
    return rows.aggregate(late=Count("pk", filter=late), failed=Count("pk", filter=failed))
