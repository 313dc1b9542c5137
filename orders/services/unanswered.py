"""Warning of buyers' messages before they count as unanswered (PN-23)."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from core.events import SYSTEM, record_event
from orders.models import MessageThread
from rulebook.queries import policy_at
from stores.models import Store

THREADS_AT_ONCE = 2_000
# As many orders as an event names.
MOST_NAMED = 5


@transaction.atomic
def warn_of_unanswered(*, at: datetime) -> int:
    """Record one event per store about the waits that end soon and were not warned of yet; returns how many waits.

    Soon is within the shortest time of reminders (BX-08). Waits that ended are defects already and bring no warning, so
    an import of old messages brings none.
    """
    policy = policy_at(at)
    end = timedelta(hours=policy.counting.reply_hours)
    soon = timedelta(hours=min(policy.beyond.reminder_hours))
    waiting = MessageThread.objects.select_for_update(of=("self",), skip_locked=True).filter(
        Q(warned_of=None) | ~Q(warned_of=F("waiting_since")),
        waiting_since__gte=at - end,
        waiting_since__lte=at - end + soon,
    )
    threads = list(waiting.order_by("waiting_since", "pk").select_related("order")[:THREADS_AT_ONCE])
    MessageThread.objects.filter(pk__in=[thread.pk for thread in threads]).update(warned_of=F("waiting_since"))
    by_store: dict[int, list[MessageThread]] = defaultdict(list)
    for thread in threads:
        by_store[thread.store_id].append(thread)
    stores = Store.objects.select_related("company").in_bulk(by_store)
    for store_id, waits in sorted(by_store.items()):
        _record(stores[store_id], waits, end, at)
    return len(threads)


def _record(store: Store, waits: list[MessageThread], end: timedelta, at: datetime) -> None:
    first = waits[0].waiting_since
    assert first is not None
    record_event(
        kind="message.unanswered",
        subject_kind="store",
        subject_key=store.store_no,
        store_no=store.store_no,
        company_no=store.company.company_no,
        actor=SYSTEM,
        at=at,
        after={
            "count": len(waits),
            "orders": [thread.order.order_no for thread in waits[:MOST_NAMED]],
            "due_at": (first + end).isoformat(),
        },
        cause="PN-23",
    )
