"""Risk cases of inducing reviews or leading buyers off the platform (AF-12)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied

from core.timebase import performance_day
from orders.models import Message, Order, RiskCase
from orders.services.cases import open_risk_case
from rulebook.queries import policy_at
from stores.claims import is_of_company
from stores.models import Store, User
from stores.principals import Person

KIND = "inducement"
# As many messages as a case names.
MOST_NAMED = 20


def open_inducement_cases(*, messages: Iterable[Message], at: datetime) -> None:
    """Open a case per store and day of sellers' messages in which a word of the list was found; ``messages`` have their
    orders loaded. Older ones than must be kept (PN-27) open none, so a first import brings no flood."""
    oldest = at - timedelta(days=policy_at(at).notices.trace_keep_days)
    found: dict[tuple[int, date], list[Message]] = defaultdict(list)
    for message in messages:
        if message.sender == Message.Sender.SELLER and message.word and message.sent_at >= oldest:
            found[message.store_id, performance_day(message.sent_at)].append(message)
    stores = Store.objects.in_bulk({store_id for store_id, _day in found})
    for (store_id, day), said in sorted(found.items()):
        _open(stores[store_id], day, said, at)


def report_inducement(*, order: Order, reason: str, reporter: User, at: datetime) -> RiskCase:
    """Open a case of an order that staff or a buyer's complaint reports. Raises ValueError without a reason,
    PermissionDenied for a member of the store's company."""
    if not reason.strip():
        raise ValueError("a report without a reason")
    if is_of_company(reporter, order.store.company_id):
        raise PermissionDenied
    return open_risk_case(
        store=order.store,
        kind=KIND,
        subject_kind="thread",
        subject_key=order.order_no,
        facts={"cause": "reported", "report": reason.strip(), "said": [], "count": 0},
        at=at,
        dedupe=f"reported {order.order_no}",
        actor=Person(reporter).actor,
    )


def _open(store: Store, day: date, said: Sequence[Message], at: datetime) -> None:
    named = [
        {"order": message.order.order_no, "word": message.word, "at": message.sent_at.isoformat()}
        for message in said[:MOST_NAMED]
    ]
    open_risk_case(
        store=store,
        kind=KIND,
        subject_kind="thread",
        subject_key=said[0].order.order_no,
        facts={"cause": "words", "said": named, "count": len(said)},
        at=at,
        dedupe=f"words {day.isoformat()}",
    )
