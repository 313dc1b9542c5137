"""Two people, or two processes, at one refund or template at once: the second waits and finds what the first did."""

import threading
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from core.models import Event
from orders import commands
from orders.commands.refunds import InvalidAnswerError
from orders.models import Refund, ReplyTemplate
from orders.rules.refunds import InspectionResult
from orders.services.proofs import (
    StaleProofsError,
    add_refund_proof,
    add_return_proof,
    remove_refund_proof,
    remove_return_proof,
)
from orders.services.refund_clocks import derive_refund_clocks
from orders.services.templates import remove_template, save_template
from stores.principals import Person
from tests.orders.build import NOW
from tests.orders.test_refunds import ask, delivered_order, proof, send_back
from tests.stores.people import make_person, make_store

pytestmark = [pytest.mark.rule("RL-06"), pytest.mark.django_db(transaction=True)]


def meanwhile(first: Callable[[], object], second: Callable[[], object]) -> BaseException | None:
    """Do the second while the transaction of the first is open; what the second raised."""
    done, raised = threading.Event(), []

    def run() -> None:
        done.wait(10)
        try:
            second()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    with transaction.atomic():
        first()
        done.set()
        thread.join(0.3)
    thread.join(20)
    return raised[0] if raised else None


@pytest.mark.rule("TM-12")
def test_two_refunds_paid_at_once_never_pass_the_total() -> None:
    store = make_store(mode="governed")
    order, seller = delivered_order(store), Person(make_person("seller", store.company))
    refunds = [ask(store, order, amount_usd=Decimal(15)) for _ in range(2)]
    payments = [lambda one=one: commands.agree_refund(refund=one, principal=seller, at=NOW) for one in refunds]
    assert meanwhile(*payments) is None
    paid = Refund.objects.filter(state="completed")
    assert (paid.count(), paid.aggregate(paid=Sum("amount_usd"))["paid"]) == (2, order.total_usd)
    order.refresh_from_db()
    assert order.state == "refunded"


@pytest.mark.rule("TM-12")
def test_a_proof_is_not_taken_off_under_an_answer() -> None:
    store = make_store(mode="governed")
    seller, removed, kept = Person(make_person("seller", store.company)), ask(store), ask(store)
    files = {one.pk: proof(store) for one in (removed, kept)}
    for one in (removed, kept):
        add_refund_proof(refund=one, file=files[one.pk], at=NOW)

    def refuse(one: Refund) -> None:
        commands.refuse_refund(refund=one, reason="buyer_damage", note="", principal=seller, at=NOW)

    def remove(one: Refund) -> None:
        remove_refund_proof(refund=one, file_id=files[one.pk].pk, at=NOW)

    assert isinstance(meanwhile(lambda: remove(removed), lambda: refuse(removed)), InvalidAnswerError)
    assert isinstance(meanwhile(lambda: refuse(kept), lambda: remove(kept)), StaleProofsError)
    found = {one.pk: (one.state, one.files.count()) for one in Refund.objects.all()}
    assert found == {removed.pk: ("requested", 0), kept.pk: ("refused", 1)}
    with pytest.raises(StaleProofsError):
        add_refund_proof(refund=kept, file=proof(store), at=NOW)


@pytest.mark.rule("TM-13")
def test_a_proof_is_not_taken_off_under_an_inspection() -> None:
    store = make_store(mode="governed")
    seller, parcel, file = Person(make_person("seller", store.company)), send_back(ask(store)), proof(store)
    commands.receive_return(parcel=parcel, principal=seller, at=NOW)
    add_return_proof(parcel=parcel, file=file, at=NOW)

    def dispute() -> None:
        commands.dispute_content(parcel=parcel, note="One part is missing.", principal=seller, at=NOW)

    def remove() -> None:
        remove_return_proof(parcel=parcel, file_id=file.pk, at=NOW)

    assert isinstance(meanwhile(dispute, remove), StaleProofsError)
    parcel.refresh_from_db()
    assert (parcel.result, parcel.files.count()) == (InspectionResult.DISPUTED, 1)


@pytest.mark.rule("DM-27")
def test_a_request_is_told_once_however_many_derive_its_clock() -> None:
    store = make_store(mode="governed")
    order = delivered_order(store)
    Refund.objects.create(store=store, order=order, refund_no="R-1", requested_at=NOW, state="requested")

    def derive() -> None:
        derive_refund_clocks(order_ids=[order.pk], at=NOW)

    assert meanwhile(derive, derive) is None
    assert Event.objects.filter(kind="refund.asked").count() == 1


def test_a_reply_template_is_removed_once() -> None:
    store, results = make_store(), []
    template = ReplyTemplate(name="Late", language="en", text="Sorry.")
    save_template(template=template, company=store.company, at=NOW, actor="system")

    def remove() -> None:
        results.append(remove_template(template=template, at=NOW, actor="system"))

    assert meanwhile(remove, remove) is None
    assert results == [True, False]
    assert Event.objects.filter(kind="reply_template.removed").count() == 1
