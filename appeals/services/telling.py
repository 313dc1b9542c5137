"""Companies are told of their appeals, and what was corrected of their stores (BX-03, BX-12, PG-19)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from appeals.models import Appeal, AppealOrder, ProtectedEvent
from appeals.queries.deadlines import REVIEW, SUBJECT, SUPPLEMENT
from appeals.rules import AppealKind, CauseKind, OrderDecision
from core.models import Deadline, Event
from notifications.models import InboxMessage
from notifications.rules import MessageGroup
from notifications.services.messages import post_messages
from stores.models import Store


def tell_corrections(*, events: Sequence[Event]) -> None:
    """Write the messages about corrections. Further orders of a protected event are no news, unless a notice or a
    freeze ended with them."""
    rows = Store.objects.select_related("company").filter(store_no__in={event.store_no for event in events})
    stores = {store.store_no: store for store in rows}
    numbers = {event.subject_key for event in events if event.after["cause_kind"] == CauseKind.EVENT}
    titles = dict(ProtectedEvent.objects.filter(number__in=numbers).values_list("number", "title"))
    told = [event for event in events if event.store_no in stores and _is_news(event)]
    post_messages([_message(event, stores[event.store_no], titles) for event in told])


def _is_news(event: Event) -> bool:
    given = event.after
    first = given["place"] == 1 or event.kind == "correction.withdrawn"
    return bool(first or given["notices"] or given["freezes"])


def _message(event: Event, store: Store, titles: Mapping[str, str]) -> InboxMessage:
    given = event.after
    return InboxMessage(
        company=store.company,
        store=store,
        kind=event.kind,
        group=MessageGroup.CASE if given["cause_kind"] == CauseKind.APPEAL else MessageGroup.NEWS,
        event=f"{event.kind} {store.store_no} {given['cause_no']} {given['place']}",
        parameters={**given, "title": titles.get(given["cause_no"], "")},
        at=event.at,
    )


# ── Appeals ────────────────────────────────────────────────────────────────────────────────────────────────────────

# As many orders are named with what they need; the appeal's page has all.
MOST_REMEDIES = 3
NAMED_CLOCKS = {"appeal.submitted": REVIEW, "appeal.supplement": SUPPLEMENT}
# The orders by decision for which a message tells what would pass.
UNMET = {
    "appeal.supplement": OrderDecision.SUPPLEMENT,
    "appeal.accepted": OrderDecision.REJECTED,
    "appeal.rejected": OrderDecision.REJECTED,
}
TOLD_KINDS = frozenset({*NAMED_CLOCKS, *UNMET, "appeal.closed"})


def tell_appeals(*, events: Sequence[Event]) -> None:
    """Write the messages about appeals: submitted, in need of a supplement, accepted, rejected, closed."""
    rows = Appeal.objects.select_related("store__company", "notice")
    appeals = {appeal.number: appeal for appeal in rows.filter(number__in=[event.subject_key for event in events])}
    orders: dict[int, list[AppealOrder]] = defaultdict(list)
    named = AppealOrder.objects.filter(appeal__in=appeals.values()).select_related("order").order_by("place")
    for order in named:
        orders[order.appeal_id].append(order)
    clocks = Deadline.objects.filter(subject_kind=SUBJECT, subject_key__in=appeals, kind__in=NAMED_CLOCKS.values())
    due = {(row.subject_key, row.kind): row.due_at.isoformat() for row in clocks.order_by("id")}
    told = [(event, appeals[event.subject_key]) for event in events if event.subject_key in appeals]
    post_messages([_about_appeal(event, appeal, orders[appeal.pk], due) for event, appeal in told])


def _about_appeal(
    event: Event, appeal: Appeal, orders: Sequence[AppealOrder], due: Mapping[tuple[str, str], str]
) -> InboxMessage:
    unmet = [one for one in orders if one.remedy and one.decision == UNMET.get(event.kind)]
    clock = due.get((appeal.number, NAMED_CLOCKS.get(event.kind, "")))
    return InboxMessage(
        company=appeal.store.company,
        store=appeal.store,
        notice=appeal.notice,
        kind=event.kind,
        group=MessageGroup.DEADLINE if event.kind == "appeal.supplement" else MessageGroup.CASE,
        event=f"{event.kind} {appeal.number} #{event.pk}",
        parameters={
            "number": appeal.number,
            "reason": appeal.reason if event.kind in UNMET else "",
            "orders": len(orders),
            "accepted": sum(one.decision == OrderDecision.ACCEPTED for one in orders),
            "remedies": [{"order": one.order.order_no, "remedy": one.remedy} for one in unmet[:MOST_REMEDIES]],
            "further": max(len(unmet) - MOST_REMEDIES, 0),
            **({"due_at": clock} if clock else {}),
        },
        at=event.at,
    )


def about_appeals(numbers: Collection[str]) -> dict[str, dict[str, Any]]:
    """What reminders about appeals are about."""
    rows = Appeal.objects.select_related("notice").filter(number__in=numbers)
    return {appeal.number: {"notice": appeal.notice} for appeal in rows}


def about_drafts(numbers: Collection[str]) -> dict[str, dict[str, Any]]:
    """What reminders about drafts are about; of drafts against notices, the notice's window reminds."""
    rows = Appeal.objects.filter(number__in=numbers).exclude(kind=AppealKind.NOTICE)
    return {appeal.number: {} for appeal in rows}
