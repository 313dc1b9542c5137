"""Writing to buyers: sent in governed stores, prepared in mirrored ones; threads and their clock (PN-23, DM-11a)."""

from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from core.models import DirtySubject, Event
from orders.commands import AnsweredMeanwhileError, send_message
from orders.models import Message, MessageThread, Order
from orders.queries.low_star import low_star_orders
from orders.services.examining import examine_messages
from orders.services.threads import derive_threads_of
from stores.models import Store
from stores.principals import Person, Principal, System
from tests.orders.build import DAY, HOUR, NOW, make_order
from tests.stores.people import make_person, make_store

REPLY: dict[str, Any] = {"text": "Уже в пути", "language": "ru", "template": "", "at": NOW}


@pytest.fixture
def store(db: None) -> Store:
    return make_store(mode="governed")


@pytest.fixture
def seller(store: Store) -> Person:
    return Person(make_person("seller", store.company, "manager"))


def say(order: Order, at: datetime, text: str = "Where is it?", sender: str = "buyer", **more: Any) -> Message:
    number = f"M{Message.objects.count() + 1}"
    values = {"message_no": number, "sent_at": at, "sender": sender, "text": text, **more}
    return Message.objects.create(store_id=order.store_id, order=order, **values)


def thread_of(order: Order) -> MessageThread:
    derive_threads_of([order.pk])
    return MessageThread.objects.get(order=order)


@pytest.mark.rule("PN-23", "DM-22")
def test_a_governed_stores_reply_is_sent_and_ends_the_wait(store: Store, seller: Person) -> None:
    order = make_order(store, site="RU", paid_at=NOW - DAY)
    say(order, NOW - 3 * HOUR)
    assert thread_of(order).waiting_since == NOW - 3 * HOUR
    outcome = send_message(order=order, principal=seller, **REPLY)
    sent = Message.objects.get(sender="seller")
    assert (outcome.result, sent.text, sent.language, sent.sent_at) == ("done", "Уже в пути", "ru", NOW)
    assert (sent.automatic, sent.source_at, sent.outgoing.actor) == (False, NOW, seller.actor)
    assert (thread_of(order).waiting_since, thread_of(order).last_at) == (None, NOW)
    event = Event.objects.get()
    assert (event.kind, event.subject_key, event.actor) == ("message.sent", order.order_no, seller.actor)
    assert event.after == {"language": "ru", "template": "", "automatic": False}
    assert DirtySubject.objects.filter(kind="order", subject_id=order.pk).count() == 1


@pytest.mark.rule("DM-11a")
def test_a_mirrored_stores_reply_is_prepared_once(db: None) -> None:
    store = make_store(mode="mirrored")
    order, seller = make_order(store, site="RU"), Person(make_person("seller", store.company))
    say(order, NOW - HOUR)
    outcomes = [send_message(order=order, principal=seller, **REPLY).result for _ in range(2)]
    assert outcomes == ["mirrored", "mirrored"]
    prepared = order.outgoing_messages.get()
    assert (prepared.text, prepared.message) == ("Уже в пути", None)
    assert thread_of(order).waiting_since == NOW - HOUR
    assert Message.objects.count() == 1
    assert [event.kind for event in Event.objects.all()] == ["message.prepared"]


@pytest.mark.rule("RL-06")
def test_who_did_not_see_the_last_message_is_told(store: Store, seller: Person) -> None:
    order = make_order(store, site="RU")
    seen, other = say(order, NOW - HOUR), say(order, NOW - HOUR, "Answered", "seller")
    with pytest.raises(AnsweredMeanwhileError) as caught:
        send_message(order=order, principal=seller, seen=seen.pk, **REPLY)
    assert caught.value.message == other
    assert Message.objects.count() == 2
    assert send_message(order=order, principal=seller, seen=other.pk, **REPLY).result == "done"


@pytest.mark.rule("DM-01")
def test_who_may_not_write_sends_nothing(store: Store) -> None:
    order = make_order(store)
    principals: list[Principal] = [
        Person(make_person("analyst", store.company, "analyst")),
        Person(make_person("stranger", make_store("S2").company)),
        System(),
    ]
    for principal in principals:
        with pytest.raises(PermissionDenied):
            send_message(order=order, principal=principal, **REPLY)
    assert not Message.objects.exists()


@pytest.mark.rule("PN-23")
def test_a_wait_ends_with_a_valid_reply_only(store: Store) -> None:
    def waiting(*said: tuple[int, str, dict[str, Any]]) -> int | None:
        """Hours before NOW since which the buyer waits; ``said``: hours before NOW, sender, more."""
        order = make_order(store, site="RU")
        for hours, sender, more in said:
            say(order, NOW - hours * HOUR, sender=sender, **more)
        since = thread_of(order).waiting_since
        return since if since is None else round((NOW - since) / HOUR)

    asked = (9, "buyer", {})
    assert waiting(asked) == 9
    assert waiting(asked, (8, "seller", {"language": "ru"})) is None
    assert waiting(asked, (8, "seller", {"language": "en"})) is None
    assert waiting(asked, (8, "seller", {"language": ""})) is None
    assert waiting(asked, (8, "seller", {"language": "zh"})) == 9
    assert waiting(asked, (8, "seller", {"language": "ru", "automatic": True})) == 9
    assert waiting(asked, (8, "seller", {}), (7, "buyer", {}), (6, "buyer", {})) == 7
    # At equal seconds the seller's message comes first.
    assert waiting(asked, (8, "seller", {}), (8, "buyer", {})) == 8
    assert waiting((8, "seller", {})) is None


def test_an_order_without_messages_has_no_thread(store: Store) -> None:
    order = make_order(store)
    said = say(order, NOW)
    assert thread_of(order).last_at == NOW
    said.delete()
    derive_threads_of([order.pk])
    assert not MessageThread.objects.exists()


@pytest.mark.rule("TM-14")
def test_low_star_tendency_comes_of_words_or_of_late_delivery(store: Store) -> None:
    def order(**more: Any) -> Order:
        return make_order(store, paid_at=NOW - 9 * DAY, shipped_at=NOW - 8 * DAY, **more)

    def arrived(late: int) -> dict[str, datetime]:
        return {"delivered_given": NOW - HOUR, "estimated_delivery_at": NOW - HOUR - DAY - late * HOUR / 3600}

    worded, over, calm = order(), order(confirmed_at=NOW), order()
    for one, text in ((worded, "I am DISAPPOINTED"), (over, "disappointed"), (calm, "undisappointed, thanks")):
        say(one, NOW - HOUR, text)
    late, in_time = order(**arrived(1)), order(**arrived(0))
    reviewed = order(**arrived(1))
    reviewed.reviews.create(store=store, created_at=NOW, described=5)
    assert examine_messages(at=NOW) == 3
    assert examine_messages(at=NOW) == 0
    found = low_star_orders(Order.objects.filter(store=store), NOW)
    shown = {one.pk: (one.low_star_word, one.late_seconds) for one in found}
    assert shown == {worded.pk: ("disappointed", 0), late.pk: ("", 86_401)}
    assert in_time.pk not in shown


@pytest.mark.rule("AF-12")
def test_words_are_found_in_what_sellers_write(store: Store) -> None:
    order = make_order(store)
    for text, sender in (("Add me on WhatsApp!", "seller"), ("whatsapp?", "buyer"), ("五星好评返现", "seller")):
        say(order, NOW, text, sender)
    examine_messages(at=NOW)
    assert list(Message.objects.order_by("pk").values_list("word", flat=True)) == ["whatsapp", "", "好评返现"]
