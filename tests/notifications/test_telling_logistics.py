"""What operations decide on proofs, claims and risk cases is told to the company (TM-11, TM-07)."""

import pytest
from django.utils.translation import override

from notifications.kinds import message_kind
from notifications.models import InboxMessage
from orders.commands.logistics import decide_claim
from orders.rules.logistics import ClaimKind
from orders.services.cases import decide_risk_case, open_risk_case
from rulebook.queries import policies
from tests.orders.build import NOW
from tests.orders.test_logistics import World, build
from tests.outbox import deliver

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only, pytest.mark.rule("TM-11")]


def told() -> list[tuple[str, str, str, str]]:
    deliver()
    with override("en"):
        return [_read(message) for message in InboxMessage.objects.order_by("pk")]


def _read(message: InboxMessage) -> tuple[str, str, str, str]:
    kind = message_kind(message.kind)
    words = kind.words(message, policies())
    return words.title, words.text, kind.url(message), kind.level(message)


def decide(world: World, kind: ClaimKind, *, accepted: bool, reason: str = "") -> None:
    row = world.hand_in(kind)
    assert decide_claim(claim=row, accepted=accepted, reason=reason, reviewer=world.judge, at=NOW)


def test_verdicts_on_claims_are_told() -> None:
    world = build()
    decide(world, ClaimKind.PICKUP, accepted=False, reason="It names another parcel.")
    decide(world, ClaimKind.LOSS, accepted=True)
    number, store_no = world.order.order_no, world.store.store_no
    url = f"/stores/{store_no}/order-logistics/{number}/"
    assert told() == [
        (
            f"Refused: pickup proof for order {number}",
            "It names another parcel. Mend it and hand it in again.",
            url,
            "red",
        ),
        (
            f"Accepted: loss for order {number}",
            "The carrier's fault with parcel UB1 is proven. Shipping compensation due: 3.50\xa0USD.",
            url,
            "ok",
        ),
    ]


@pytest.mark.rule("TM-07")
def test_verdicts_on_cases_are_told() -> None:
    world = build()
    facts = {"cause": "no_pickup", "at": NOW.isoformat(), "detail": "", "carrier": "", "tracking_no": "UB1"}
    for place, confirmed in enumerate((True, False)):
        case = open_risk_case(
            store=world.store,
            kind="fake_dispatch",
            subject_kind="order",
            subject_key=world.order.order_no,
            facts=facts,
            at=NOW,
            dedupe=str(place),
        )
        assert decide_risk_case(case=case, confirmed=confirmed, reason="No parcel.", reviewer=world.judge, at=NOW)
    number = world.order.order_no
    assert [(title, text, level) for title, text, _url, level in told()] == [
        (f"Confirmed by operations: Suspected fake dispatch, {number}", "No parcel.", "red"),
        (
            f"Cleared up: Suspected fake dispatch, {number}",
            "Operations looked into it and found nothing wrong. Nothing follows.",
            "ok",
        ),
    ]
