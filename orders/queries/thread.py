"""The thread of an order with its reply clock (PN-23, AF-13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from orders.models import Message, MessageThread, Order, OutgoingMessage, ReplyTemplate
from orders.queries.low_star import low_star_orders
from orders.queries.variables import values_of
from orders.rules.languages import site_languages
from rulebook.policy import Policy
from rulebook.queries import policies, policy_at, policy_in
from stores.actors import names_of_actors


@dataclass(frozen=True, slots=True)
class ThreadDetails:
    """An order's messages in order of time, and what the desk shows of them.

    ``due_at`` is when a running wait becomes a defect, ``target_at`` the shorter time aimed at; ``counting`` the policy
    by which the order's replies count. ``writers`` names who wrote here, by actor.
    """

    order: Order
    messages: Sequence[Message]
    prepared: Sequence[OutgoingMessage]
    waiting_since: datetime | None
    due_at: datetime | None
    target_at: datetime | None
    low_star_word: str
    late_seconds: int
    languages: Sequence[str]
    values: Mapping[str, str]
    templates: Sequence[ReplyTemplate]
    writers: Mapping[str, str]
    counting: Policy

    @property
    def last_id(self) -> int:
        """The id of the last message, 0 for none: what a sender has seen (RL-06)."""
        return self.messages[-1].pk if self.messages else 0


def thread_details(order: Order, at: datetime) -> ThreadDetails:
    """Read everything that the page of a thread shows."""
    counting, present = policy_in(policies(), order.created_at), policy_at(at)
    thread = MessageThread.objects.filter(order=order).first()
    since = thread.waiting_since if thread else None
    tendency = low_star_orders(Order.objects.filter(pk=order.pk), at).first()
    messages = list(order.messages.select_related("outgoing").order_by("sent_at", "pk"))
    prepared = list(order.outgoing_messages.filter(message=None).order_by("prepared_at", "pk"))
    written = [*prepared, *(message.outgoing for message in messages if hasattr(message, "outgoing"))]
    return ThreadDetails(
        order=order,
        messages=messages,
        prepared=prepared,
        waiting_since=since,
        due_at=_after(since, counting.counting.reply_hours),
        target_at=_after(since, present.feedback.target_reply_hours),
        low_star_word=getattr(tendency, "low_star_word", ""),
        late_seconds=getattr(tendency, "late_seconds", 0),
        languages=site_languages(order.site, counting),
        values=values_of(order),
        templates=list(ReplyTemplate.objects.filter(company=order.store.company_id).order_by("name", "language")),
        writers=names_of_actors({one.actor for one in written}),
        counting=counting,
    )


def _after(since: datetime | None, hours: int) -> datetime | None:
    return None if since is None else since + timedelta(hours=hours)
