"""Messages to buyers: sent in governed stores, prepared to copy in mirrored ones (DM-11a, PN-23)."""

import uuid
from datetime import datetime

from core.dirty import mark_orders_dirty
from core.events import record_event
from orders.models import Message, Order, OutgoingMessage
from orders.rules.texts import fingerprint
from orders.services.threads import derive_threads_of
from stores.models import Store


def write_to_buyer(
    *, outgoing: OutgoingMessage, order: Order, at: datetime, actor: str, automatic: bool = False
) -> OutgoingMessage:
    """Store a message that was written here, in the caller's transaction; a governed store's is sent with it."""
    outgoing.order, outgoing.store = order, order.store
    outgoing.fingerprint, outgoing.prepared_at, outgoing.actor = fingerprint(outgoing.text), at, actor
    sends = order.store.mode == Store.Mode.GOVERNED
    if sends:
        outgoing.message = _message(outgoing, order, at, automatic)
    outgoing.save(force_insert=True)
    if sends:
        derive_threads_of([order.pk])
        mark_orders_dirty(order_ids=[order.pk], store_id=order.store_id)
    record_event(
        kind="message.sent" if sends else "message.prepared",
        subject_kind="order",
        subject_key=order.order_no,
        store_no=order.store.store_no,
        actor=actor,
        at=at,
        # The words are the buyer's matter and stay out of the audit trail (DM-33).
        after={"language": outgoing.language, "template": outgoing.template, "automatic": automatic},
        cause="AF-09" if outgoing.stage else "PN-23",
    )
    return outgoing


def _message(outgoing: OutgoingMessage, order: Order, at: datetime, automatic: bool) -> Message:
    return Message.objects.create(
        store=order.store,
        order=order,
        message_no=f"dw-{uuid.uuid4().hex}",
        sent_at=at,
        sender=Message.Sender.SELLER,
        text=outgoing.text,
        language=outgoing.language,
        automatic=automatic,
        source_at=at,
    )
