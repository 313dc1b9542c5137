"""Brings the deadlines of orders in line with their instants (DM-27). Orders of governed stores alone have any: what a
mirrored platform does when a clock ends comes back as data (DM-11a)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from core.deadlines import Subject, meet_deadlines, open_deadlines, void_deadlines
from core.models import Deadline
from orders.models import Order, OrderHold, OrderState, Settlement, Source
from orders.queries.clock_facts import clock_facts
from orders.queries.traced import traced_orders
from orders.rules.clocks import CLOCKS, Clock, OrderFacts
from orders.services.holds import derive_logistics_holds
from rulebook.queries import policies_held, policy_at
from stores.models import Store

SUBJECT = "order"
AT_ONCE = 1_000
KINDS = tuple(clock.kind for clock in CLOCKS)
# In these states something may be awaited; after them only for some time.
AWAITING = frozenset({OrderState.PAID, OrderState.SHIPPED, OrderState.DELIVERED})
DONE = (OrderState.SUCCESS, OrderState.CLOSED)


@dataclass(frozen=True, slots=True)
class Past:
    """An order's deadlines of one kind so far: the open one's instant, and when others lapsed."""

    open_until: datetime | None = None
    lapsed: frozenset[datetime] = frozenset()


@dataclass(slots=True)
class Changes:
    """What has to happen to the deadlines of one kind."""

    due: dict[Subject, datetime] = field(default_factory=dict)
    met: dict[Subject, datetime] = field(default_factory=dict)
    void: list[Subject] = field(default_factory=list)


@transaction.atomic
def derive_order_clocks(*, order_ids: Iterable[int], at: datetime) -> None:
    """Open, move, meet and void the deadlines of these orders as their present rows ask for.

    Pure in the stored rows: deriving twice changes nothing. Nothing is opened whose instant lies before ``at``, which
    is the instant of the command or of the deadline that changed the orders, or the one of an import (DM-27). A clock
    that was running when its instant passed keeps it: the next sweep finds it.
    """
    ids = list(order_ids)
    with policies_held():
        for start in range(0, len(ids), AT_ONCE):
            concerned = _awaiting(at).filter(pk__in=ids[start : start + AT_ONCE])
            _derive(list(concerned.select_related("store").order_by("pk")), at)


def follow_store(*, store: Store, at: datetime) -> None:
    """`derive_order_clocks` for all orders of a store in which something may be awaited: its mode may have changed."""
    derive_order_clocks(order_ids=list(followed_orders(at).filter(store=store).values_list("pk", flat=True)), at=at)


def followed_orders(at: datetime) -> QuerySet[Order]:
    """Governed stores' orders in which something may be awaited; those that wait for their closing, too."""
    governed = Order.objects.filter(store__mode=Store.Mode.GOVERNED).exclude(source=Source.EXTERNAL)
    return governed.filter(Q(state__in=(*AWAITING, OrderState.SUCCESS)) | _lately(at))


def _awaiting(at: datetime) -> QuerySet[Order]:
    """Governed stores' orders in which something may be awaited, or is. Orders placed elsewhere are left out: nobody
    here decides about them (TM-16)."""
    running = Deadline.objects.filter(
        store_id=OuterRef("store_id"), subject_kind=SUBJECT, subject_key=OuterRef("order_no"), state=Deadline.State.OPEN
    )
    # Funds that wait for a hold to end, and what waits for their release.
    unsettled = Q(state=OrderState.SUCCESS) & Exists(Settlement.objects.filter(order=OuterRef("pk")))
    held = OrderHold.objects.filter(order=OuterRef("pk"), until=None)
    governed = Order.objects.filter(store__mode=Store.Mode.GOVERNED).exclude(source=Source.EXTERNAL)
    return governed.filter(Q(state__in=AWAITING) | _lately(at) | Exists(running) | Exists(held) | unsettled)


def _lately(at: datetime) -> Q:
    """Done so lately that something is still awaited: the second guide is the last, and reviews come a day later."""
    since = at - timedelta(days=policy_at(at).feedback.second_guide_days + 2)
    return Q(state__in=DONE) & (Q(confirmed_at__gte=since) | Q(delivered_at__gte=since))


def _derive(orders: Sequence[Order], at: datetime) -> None:
    if not orders:
        return
    traced = traced_orders(orders, at)
    derive_logistics_holds(orders=orders, traced=traced, at=at)
    past, facts = _past_of(orders), clock_facts(orders, traced, at)
    by_subject = {_subject(order): facts[order.pk] for order in orders}
    for clock in CLOCKS:
        _apply(clock, _changes(clock, by_subject, past, at), at)


def _subject(order: Order) -> Subject:
    return order.store_id, order.order_no


def _past_of(orders: Sequence[Order]) -> dict[tuple[Subject, str], Past]:
    """The deadlines that orders have or had, by subject and kind."""
    rows = Deadline.objects.filter(
        store_id__in={order.store_id for order in orders},
        subject_kind=SUBJECT,
        subject_key__in=[order.order_no for order in orders],
        kind__in=KINDS,
    )
    found: dict[tuple[Subject, str], list[Deadline]] = defaultdict(list)
    for deadline in rows:
        found[deadline.subject, deadline.kind].append(deadline)
    return {key: _past(deadlines) for key, deadlines in found.items()}


def _past(deadlines: Sequence[Deadline]) -> Past:
    return Past(
        open_until=next((one.due_at for one in deadlines if one.state == Deadline.State.OPEN), None),
        lapsed=frozenset(one.due_at for one in deadlines if one.state == Deadline.State.LAPSED),
    )


def _changes(
    clock: Clock, facts: Mapping[Subject, OrderFacts], past: Mapping[tuple[Subject, str], Past], at: datetime
) -> Changes:
    changes = Changes()
    for subject, one in facts.items():
        before, due = past.get((subject, clock.kind)), clock.due(one)
        if due is not None:
            opened = _instant(clock, due, before, at)
            if opened is not None:
                changes.due[subject] = opened
        elif before is not None and before.open_until is not None:
            happened = clock.happened(one)
            if happened is None or happened > before.open_until:
                changes.void.append(subject)
            else:
                changes.met[subject] = happened
    return changes


def _instant(clock: Clock, due: datetime, before: Past | None, at: datetime) -> datetime | None:
    """The instant for which a deadline has to be opened or moved; None where all is well."""
    if before is not None and (due == before.open_until or due in before.lapsed):
        return None
    if due >= at:
        return due
    if before is not None and before.open_until is not None:
        return None
    return at if clock.catches_up or (clock.resumes and before is not None) else None


def _apply(clock: Clock, changes: Changes, at: datetime) -> None:
    if changes.due:
        open_deadlines(kind=clock.kind, subject_kind=SUBJECT, due=changes.due, at=at)
    if changes.met:
        meet_deadlines(kind=clock.kind, subject_kind=SUBJECT, happened=changes.met)
    if changes.void:
        void_deadlines(kind=clock.kind, subject_kind=SUBJECT, subjects=changes.void, at=at)


def orders_of(deadlines: Sequence[Deadline]) -> Iterator[tuple[Deadline, Order]]:
    """The order of each deadline, for handlers; left out where it is gone, or its store mirrors a platform now."""
    orders = Order.objects.filter(
        store__mode=Store.Mode.GOVERNED,
        store_id__in={deadline.store_id for deadline in deadlines},
        order_no__in={deadline.subject_key for deadline in deadlines},
    ).select_related("store")
    by_subject = {_subject(order): order for order in orders}
    for deadline in deadlines:
        if deadline.subject in by_subject:
            yield deadline, by_subject[deadline.subject]
