"""What companies are told of reviews and of unanswered messages (AF-07, PN-23)."""

import pytest
from django.utils import timezone, translation

from core.outbox.delivering import run_outbox
from notifications.kinds import message_kind
from notifications.models import InboxMessage
from orders.services.manipulation import examine_reviews
from orders.services.unanswered import warn_of_unanswered
from rulebook.queries import policies
from tests.orders.build import HOUR, NOW, make_order
from tests.orders.test_manipulation import reviewed
from tests.orders.test_messages import say, thread_of
from tests.stores.people import make_store

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]


@pytest.mark.rule("AF-07", "PN-23", "PG-19")
def test_news_of_feedback_is_one_message_per_store() -> None:
    store = make_store(mode="governed")
    orders = [reviewed(store, NOW - number * HOUR, 1, order_no=f"R-{number}").order for number in range(7)]
    say(orders[0], NOW - 21 * HOUR)
    thread_of(orders[0])
    make_order(store)
    examine_reviews(at=NOW)
    warn_of_unanswered(at=NOW)
    run_outbox(at=NOW)
    told = {}
    for message in InboxMessage.objects.order_by("pk"):
        with translation.override("en"), timezone.override("Asia/Shanghai"):
            kind = message_kind(message.kind)
            told[message.kind] = (*kind.words(message, policies()), kind.url(message), message.group)
    assert told == {
        "review.negative": (
            "7 negative reviews",
            "Orders R-6, R-5, R-4, R-3, R-2 and others.",
            "/stores/S1/reviews/",
            "news",
        ),
        "message.unanswered": (
            "1 message to answer soon",
            "Orders: R-0. The first counts as unanswered from 2026-11-20 15:00\xa0(GMT+8).",
            "/stores/S1/messages/",
            "deadline",
        ),
    }
