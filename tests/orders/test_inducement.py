"""Inducing reviews: found in sellers' messages or reported by staff (AF-12)."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from core.models import Event
from orders.commands import send_message
from orders.models import Message, OutgoingMessage, RiskCase
from orders.services.examining import examine_messages
from orders.services.inducement import report_inducement
from orders.services.unanswered import warn_of_unanswered
from stores.models import Membership, Store
from stores.principals import Person
from stores.roles import REVIEWER
from tests.intake.helpers import take, write
from tests.orders.build import DAY, HOUR, NOW, make_order
from tests.orders.test_manipulation import SECOND
from tests.orders.test_messages import say, thread_of
from tests.stores.people import make_person, make_staff, make_store


@pytest.fixture
def store(db: None) -> Store:
    return make_store(mode="governed")


@pytest.mark.rule("AF-12")
def test_a_day_of_such_messages_is_one_case(store: Store) -> None:
    orders = [make_order(store, order_no=f"A-{number}") for number in range(3)]
    for order in orders:
        say(order, NOW, "A gift for review, write on WhatsApp", "seller")
    say(orders[0], NOW, "whatsapp?")
    say(orders[0], NOW - 91 * DAY, "whatsapp", "seller")
    examine_messages(at=NOW)
    case = RiskCase.objects.get()
    assert (case.kind, case.subject_kind, case.subject_key) == ("inducement", "thread", "A-0")
    assert case.facts["count"] == 3
    assert {one["order"] for one in case.facts["said"]} == {"A-0", "A-1", "A-2"}
    Message.objects.update(examined=False)
    examine_messages(at=NOW + HOUR)
    assert RiskCase.objects.count() == 1


@pytest.mark.rule("AF-12", "DM-02")
def test_a_report_needs_a_reason_and_nobody_of_the_company_makes_one(store: Store) -> None:
    order, staff = make_order(store), make_staff("judge", REVIEWER)
    with pytest.raises(ValueError, match="reason"):
        report_inducement(order=order, reason=" ", reporter=staff, at=NOW)
    Membership.objects.create(company=store.company, user=staff, role="owner")
    with pytest.raises(PermissionDenied):
        report_inducement(order=order, reason="seen", reporter=staff, at=NOW)
    assert not RiskCase.objects.exists()


@pytest.mark.rule("PN-23")
def test_the_company_is_warned_of_each_wait_once_before_its_end(store: Store) -> None:
    def waiting(since: Any, number: int) -> None:
        order = make_order(store, order_no=f"W-{number}")
        say(order, since)
        thread_of(order)

    ends = (NOW - 24 * HOUR - SECOND, NOW - 24 * HOUR, NOW - 20 * HOUR, NOW - 20 * HOUR + SECOND)
    for number, since in enumerate(ends):
        waiting(since, number)
    assert (warn_of_unanswered(at=NOW), warn_of_unanswered(at=NOW)) == (2, 0)
    event = Event.objects.get(kind="message.unanswered")
    assert event.after == {"count": 2, "orders": ["W-1", "W-2"], "due_at": NOW.isoformat()}
    assert warn_of_unanswered(at=NOW + SECOND) == 1


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-11a", "PN-23")
def test_a_prepared_text_is_tied_to_the_message_that_comes_back(db: None, tmp_path: Path) -> None:
    store = make_store(mode="mirrored")
    order, seller = make_order(store, order_no="M-1", site="US"), Person(make_person("seller", store.company))
    send_message(order=order, text="On its  way!", language="en", template="own:1", principal=seller, at=NOW)
    rows = "store_no,order_no,message_no,sent_at,sender,text\n"
    for number, text in (("X1", "Something else"), ("X2", "on its way! "), ("X3", "On its way!")):
        rows += f"S1,M-1,{number},{NOW.isoformat()},seller,{text}\n"
    take(write(tmp_path, messages=rows), as_of=NOW + HOUR)
    examine_messages(at=NOW + HOUR)
    message = OutgoingMessage.objects.get().message
    assert message is not None
    assert (message.message_no, message.automatic) == ("X2", False)
    assert thread_of(order).waiting_since is None


@pytest.mark.sqlite_only
@pytest.mark.rule("IX-14")
def test_the_command_looks_through_everything_and_may_run_twice(store: Store, capsys: Any) -> None:
    order = make_order(store)
    say(order, NOW - 21 * HOUR)
    thread_of(order)
    order.reviews.create(store=store, created_at=NOW, described=1)
    for _ in range(2):
        call_command("examine_feedback", "--at", NOW.isoformat())
    assert capsys.readouterr().out.splitlines() == [
        "1 messages, 1 reviews, 1 waits that end soon",
        "0 messages, 0 reviews, 0 waits that end soon",
    ]
