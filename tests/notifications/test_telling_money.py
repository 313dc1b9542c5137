"""Companies are told of refunds to answer, defaults, held and released funds (TM-04, TM-12)."""

from typing import Any

import pytest
from django.utils import translation

from core.sweeping import sweep
from disputes.models import Dispute
from notifications.kinds import message_kind
from notifications.models import InboxMessage
from orders.services.clocks import derive_order_clocks
from tests.orders.build import DAY, NOW
from tests.orders.test_funds import RELEASE, REVIEW, SECOND, delivered
from tests.orders.test_refunds import ANSWER_BY, ask
from tests.outbox import deliver
from tests.stores.people import make_store

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("TM-04", "TM-12", "PG-19")]


def told() -> list[tuple[str, str, Any]]:
    deliver()
    found = []
    with translation.override("en"):
        for message in InboxMessage.objects.select_related("store").order_by("at", "pk"):
            kind = message_kind(message.kind)
            words = kind.words(message, ())
            found.append((message.kind, f"{words.title} / {words.text}".replace("\u00a0", " "), message.at))
    return found


def test_a_request_and_its_default_are_told() -> None:
    refund = ask(make_store(mode="governed"), refund_no="R1")
    sweep(at=ANSWER_BY + SECOND)
    assert [one for one in told() if one[0].startswith("refund")] == [
        (
            "refund.asked",
            "A buyer asks for a refund: R1 / Answer by 2026-11-25 04:00 (GMT), else it is refunded in full.",
            NOW,
        ),
        ("refund.defaulted", "Refund R1 was paid in full / Nobody answered it in time.", ANSWER_BY),
    ]
    assert refund.order.store.mode == "governed"


def test_held_funds_are_told_with_their_reason_and_releases_once_a_day() -> None:
    store = make_store(mode="governed")
    held, first, second = (delivered(store, tracking_no=number) for number in ("LP1", "LP2", "LP3"))
    Dispute.objects.create(store=store, order=held, dispute_no="D1", kind="quality", opened_at=NOW + DAY, state="open")
    derive_order_clocks(order_ids=[held.pk], at=NOW + DAY)
    sweep(at=RELEASE + SECOND)
    assert [one for one in told() if one[0].startswith("funds")] == [
        (
            "funds.held",
            f"The funds of order {held.order_no} are held / "
            "Because a dispute is open. Released when the dispute is closed.",
            REVIEW,
        ),
        (
            "funds.released",
            "Funds were released on 2026-11-27 / The funds page shows how much, by currency.",
            RELEASE,
        ),
    ]
    assert first.order_no != second.order_no
