"""How far the work on a protected event is (BX-01)."""

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from appeals.models import EventShard, ProtectedEvent


@dataclass(frozen=True, slots=True)
class EventProgress:
    """Parts of the stores, how many of them are done, stores and orders concerned so far, and what failed last."""

    parts: int
    done: int
    stores: int
    orders: int
    error: str

    @property
    def is_over(self) -> bool:
        return self.done == self.parts


def event_progress(event: ProtectedEvent) -> EventProgress:
    """The progress of the present round: since the event was applied, looked at again, or withdrawn."""
    shards = EventShard.objects.filter(event=event)
    counts = shards.aggregate(
        parts=Count("pk"),
        done=Count("pk", filter=Q(state=EventShard.State.DONE)),
        stores=Sum("stores", default=0),
        orders=Sum("orders", default=0),
    )
    failed = shards.exclude(error="").exclude(state=EventShard.State.DONE).order_by("-shard").first()
    return EventProgress(**counts, error="" if failed is None else failed.error)
