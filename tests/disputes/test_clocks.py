"""The clocks of disputes: escalation, the buyer's days, liability without evidence, withdrawal and re-opening."""

from datetime import timedelta
from decimal import Decimal

import pytest

from disputes.commands import close_dispute, reopen_dispute, withdraw_dispute
from disputes.commands.answers import InvalidAnswerError, accept_answer, submit_answer
from disputes.models import Arbitration, Dispute, DisputeAnswer
from disputes.rules.liability import gave_evidence
from disputes.services.evidence import StaleDisputeError, cite_trace
from orders.models import Refund
from stores.models import Store
from stores.principals import Person, System
from tests.disputes.build import DAY, HOUR, NOW, erp, make_dispute, said, sweep
from tests.stores.people import make_person, make_store

SECOND = timedelta(seconds=1)
OPENED = NOW - HOUR


@pytest.fixture
def store(db: None) -> Store:
    return make_store(mode="governed")


def state(dispute: Dispute) -> str:
    dispute.refresh_from_db()
    return dispute.state


@pytest.mark.rule("DP-10", "DP-19", "DM-11a", "RL-05")
def test_an_unanswered_dispute_goes_to_arbitration_after_the_last_second_of_its_last_clock(store: Store) -> None:
    dispute, end = make_dispute(store), OPENED + 5 * DAY
    for at, expected in ((OPENED + DAY, "open"), (end, "open"), (end + SECOND, "arbitration")):
        sweep(at=at)
        assert state(dispute) == expected, at
    arbitration = Arbitration.objects.get()
    # The effect carries the due instant, however late the sweep is.
    assert (arbitration.begun_at, arbitration.due_at, arbitration.ended_at) == (end, end + 48 * HOUR, None)
    sweep(at=end + DAY)
    assert Arbitration.objects.count() == 1


@pytest.mark.rule("DP-10", "RL-05")
def test_the_last_second_of_the_last_clock_is_in_time_for_an_answer(store: Store) -> None:
    in_time, late = make_dispute(store), make_dispute(store)
    end = OPENED + 5 * DAY
    assert submit_answer(dispute=in_time, said=said(), principal=erp(store), at=end).result == "done"
    assert submit_answer(dispute=late, said=said(), principal=erp(store), at=end + SECOND).result == "late"
    assert DisputeAnswer.objects.count() == 1


@pytest.mark.rule("DP-19")
def test_an_answer_that_the_buyer_leaves_lying_goes_to_arbitration(store: Store) -> None:
    dispute = make_dispute(store)
    submit_answer(dispute=dispute, said=said(), principal=erp(store), at=NOW)
    sweep(at=NOW + 5 * DAY)
    assert state(dispute) == "responded"
    sweep(at=NOW + 5 * DAY + SECOND)
    assert (state(dispute), Arbitration.objects.get().begun_at) == ("arbitration", NOW + 5 * DAY)


@pytest.mark.rule("DM-11a", "DP-10")
def test_a_mirrored_store_is_warned_and_nothing_happens(db: None) -> None:
    dispute = make_dispute(make_store(mode="mirrored"))
    sweep(at=OPENED + 6 * DAY)
    assert (state(dispute), Arbitration.objects.exists()) == ("open", False)


@pytest.mark.rule("DP-16", "RL-05")
@pytest.mark.parametrize(("given", "liability"), [(None, "seller"), (5 * DAY, "buyer"), (5 * DAY + SECOND, "seller")])
def test_without_evidence_in_time_the_seller_is_liable(store: Store, given: timedelta | None, liability: str) -> None:
    dispute = make_dispute(store)
    if given is not None:
        late = given > 5 * DAY
        if late:
            with pytest.raises(StaleDisputeError):
                cite_trace(dispute=dispute, tracking_no="LP1", principal=erp(store), at=OPENED + given)
        else:
            cite_trace(dispute=dispute, tracking_no="LP1", principal=erp(store), at=OPENED + given)
    close_dispute(dispute=dispute, liability="buyer", outcome_usd=None, principal=System(), at=NOW + 7 * DAY)
    assert (state(dispute), dispute.liability) == ("closed", liability)


@pytest.mark.rule("DP-16")
def test_a_liability_that_the_source_gives_wins(store: Store) -> None:
    dispute = make_dispute(store)
    close_dispute(dispute=dispute, liability="carrier", outcome_usd=None, principal=erp(store), at=NOW)
    assert (state(dispute), dispute.liability) == ("closed", "carrier")
    assert gave_evidence(None, NOW) is False


@pytest.mark.rule("DP-16", "TM-12")
@pytest.mark.parametrize(("cites", "liability"), [(False, "seller"), (True, "none")])
def test_a_full_refund_settles_at_once_and_saves_nobody_without_evidence(
    store: Store, cites: bool, liability: str
) -> None:
    dispute, seller = make_dispute(store), Person(make_person("seller", store.company))
    if cites:
        cite_trace(dispute=dispute, tracking_no="LP1", principal=seller, at=NOW)
    submit_answer(dispute=dispute, said=said("full_refund", "20"), principal=seller, at=NOW)
    assert (state(dispute), dispute.liability, dispute.outcome_usd) == ("closed", liability, Decimal(20))
    dispute.order.refresh_from_db()
    assert dispute.order.state == "refunded"


@pytest.mark.rule("DP-10", "TM-12")
def test_a_part_is_paid_once_the_buyer_accepts(store: Store) -> None:
    dispute = make_dispute(store)
    submit_answer(dispute=dispute, said=said("partial_refund", "5.5"), principal=erp(store), at=NOW)
    assert not Refund.objects.exists()
    for _time in range(2):
        accept_answer(dispute=dispute, principal=erp(store), at=NOW + HOUR)
    assert list(Refund.objects.values_list("state", "amount_usd", "completed_at")) == [
        ("completed", Decimal("5.5"), NOW + HOUR)
    ]
    assert state(dispute) == "closed"


@pytest.mark.rule("TM-13")
def test_a_refund_after_return_waits_for_the_parcel(store: Store) -> None:
    dispute = make_dispute(store)
    submit_answer(dispute=dispute, said=said("return_refund", "20"), principal=erp(store), at=NOW)
    accept_answer(dispute=dispute, principal=erp(store), at=NOW)
    assert list(Refund.objects.values_list("state", "completed_at")) == [("agreed", None)]


@pytest.mark.rule("DP-10")
@pytest.mark.parametrize(
    ("plan", "amount", "text", "code"),
    [
        ("explain", None, " ", "text"),
        ("partial_refund", None, "Sorry.", "amount"),
        ("partial_refund", "0", "Sorry.", "amount"),
        ("full_refund", "20.01", "Sorry.", "amount"),
        ("full_refund", "0.01", "Sorry.", "full"),
    ],
)
def test_an_answer_says_something_and_offers_what_its_plan_means(
    store: Store, plan: str, amount: str | None, text: str, code: str
) -> None:
    dispute = make_dispute(store)
    with pytest.raises(InvalidAnswerError) as error:
        submit_answer(dispute=dispute, said=said(plan, amount, text), principal=erp(store), at=NOW)
    assert (error.value.code, state(dispute)) == (code, "open")


@pytest.mark.rule("DP-01", "DP-10", "RL-05")
def test_a_withdrawn_dispute_can_be_reopened_for_some_days_and_stays_one(store: Store) -> None:
    dispute, late = make_dispute(store), make_dispute(store)
    for one in (dispute, late):
        withdraw_dispute(dispute=one, principal=erp(store), at=NOW)
        assert (state(one), one.liability) == ("withdrawn", "")
    end = NOW + 15 * DAY
    assert reopen_dispute(dispute=dispute, principal=erp(store), at=end).result == "done"
    assert reopen_dispute(dispute=late, principal=erp(store), at=end + SECOND).result == "late"
    assert (state(dispute), dispute.closed_at, dispute.reopenings) == ("open", None, 1)
    assert Dispute.objects.count() == 2
    # The clocks begin anew.
    sweep(at=end + 5 * DAY)
    assert state(dispute) == "open"
    sweep(at=end + 5 * DAY + SECOND)
    assert (state(dispute), Arbitration.objects.get().round) == ("arbitration", 1)


@pytest.mark.rule("DP-01", "DP-19")
def test_a_withdrawal_ends_the_arbitration_without_a_verdict(store: Store) -> None:
    dispute = make_dispute(store)
    sweep(at=OPENED + 5 * DAY + SECOND)
    withdraw_dispute(dispute=dispute, principal=erp(store), at=OPENED + 6 * DAY)
    found = Arbitration.objects.get()
    assert (found.ended_at, found.liability, found.decided_by) == (OPENED + 6 * DAY, "", None)
