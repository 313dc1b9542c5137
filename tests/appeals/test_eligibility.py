"""What can be appealed, by whom, until when (PN-08, SR-10, DP-08, BX-05)."""

from datetime import timedelta

import pytest

from appeals.models import Appeal
from appeals.queries.eligibility import eligibility_of
from appeals.queries.kinds import find_subject
from appeals.rules import AppealState, Refusal, RefusedAppealError
from appeals.services.drafting import start_appeal
from core.models import Deadline
from core.sweeping import sweep
from disputes.models import Dispute
from notifications.models import Notice, NoticeOrder
from orders.models import Review
from stores.models import Store
from tests.appeals.build import NIGHT, SECOND, make_appeal, make_notice, make_store
from tests.appeals.drafts import seller_of, started, subject, submitted
from tests.orders.build import make_order

WEEK = timedelta(days=7)


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


def refusal(store: Store, kind: str, key: str, at: object = NIGHT) -> Refusal | None:
    return eligibility_of(subject(store, kind, key), at).refusal


@pytest.mark.rule("PN-08", "RL-05")
def test_notice_can_be_appealed_for_seven_days_to_the_second(store: Store) -> None:
    number = make_notice(store).number
    found = eligibility_of(subject(store, "notice", number), NIGHT)
    assert (found.refusal, found.until) == (None, NIGHT + WEEK)
    assert refusal(store, "notice", number, NIGHT + WEEK) is None
    assert refusal(store, "notice", number, NIGHT + WEEK + SECOND) == Refusal.TOO_LATE


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-03", "PN-08", "MX-09")
@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("waived", Refusal.WAIVED),
        ("escalated", Refusal.REPLACED),
        ("historical", Refusal.HISTORICAL),
        ("accepted", Refusal.OVER),
        ("resolved", Refusal.OVER),
        ("rectified", Refusal.OVER),
        ("cleared", Refusal.OVER),
        ("failed", Refusal.OVER),
        ("plan", Refusal.DECIDED),
        ("issued", None),
        ("opened", None),
    ],
)
def test_state_of_a_notice_decides_whether_it_can_be_appealed(store: Store, state: str, why: Refusal | None) -> None:
    number = make_notice(store, state=state).number
    assert refusal(store, "notice", number) == why


def test_notice_that_names_complaints_only_has_no_order_to_appeal_for(store: Store) -> None:
    number = make_notice(store).number
    NoticeOrder.objects.update(order_no="", complaint_no="C1")
    assert refusal(store, "notice", number) == Refusal.NOTHING_TO_NAME


@pytest.mark.rule("DM-11a")
def test_mirrored_stores_prepare_without_a_limit_of_ours(store: Store) -> None:
    number = make_notice(store, state="predicted").number
    store.mode = "mirrored"
    found = eligibility_of(subject(store, "notice", number), NIGHT + 50 * WEEK)
    assert (found.refusal, found.until) == (None, None)


@pytest.mark.rule("SR-10")
def test_only_negative_reviews_that_stand_can_be_appealed(store: Store) -> None:
    def reviewed(number: str, **review: object) -> Refusal | None:
        order = make_order(store, order_no=number)
        Review.objects.create(store=store, order=order, created_at=NIGHT, **review)
        return refusal(store, "review", number, NIGHT + 20 * WEEK)

    assert reviewed("R2", described=2) is None
    assert reviewed("R3", described=3) == Refusal.NOT_NEGATIVE
    assert reviewed("RR", described=1, revoked_at=NIGHT) == Refusal.NOT_NEGATIVE
    assert reviewed("RA", described=1, kind="auto") == Refusal.NOT_NEGATIVE
    make_order(store, order_no="R0")
    assert refusal(store, "review", "R0") == Refusal.NOT_NEGATIVE


@pytest.mark.rule("DP-08", "RL-05")
def test_verdict_can_be_appealed_for_72_hours_and_once(store: Store) -> None:
    order = make_order(store, order_no="D")
    dispute = Dispute.objects.create(
        store=store, order=order, dispute_no="X1", kind="not_received", opened_at=NIGHT, state="arbitration"
    )
    assert refusal(store, "verdict", "X1") == Refusal.NOT_CLOSED
    Dispute.objects.update(closed_at=NIGHT, state="closed", liability="carrier")
    assert refusal(store, "verdict", "X1") == Refusal.NOT_LIABLE
    Dispute.objects.update(liability="seller")
    limit = NIGHT + timedelta(hours=72)
    assert refusal(store, "verdict", "X1", limit) is None
    assert refusal(store, "verdict", "X1", limit + SECOND) == Refusal.TOO_LATE
    Appeal.objects.create(
        store=store, number="AP1", kind="verdict", subject_key="X1", dispute=dispute, state="rejected",
        created_at=NIGHT, decided_at=NIGHT,
    )  # fmt: skip
    assert refusal(store, "verdict", "X1") == Refusal.DECIDED


@pytest.mark.rule("AP-01")
def test_draft_is_found_again_and_a_submitted_appeal_stops_another(store: Store) -> None:
    number, who = make_notice(store).number, seller_of(store)
    draft = started(store, "notice", number, who)
    assert started(store, "notice", number, seller_of(store, "colleague")) == draft
    Appeal.objects.update(state="review")
    with pytest.raises(RefusedAppealError) as refused:
        start_appeal(subject=subject(store, "notice", number), at=NIGHT, principal=who)
    assert refused.value.refusal == Refusal.UNDER_REVIEW


@pytest.mark.rule("PN-03")
def test_starting_an_appeal_opens_the_notice(store: Store) -> None:
    number, who = make_notice(store, state="issued", opened_at=None).number, seller_of(store)
    started(store, "notice", number, who, NIGHT + SECOND)
    notice = Notice.objects.get()
    assert (notice.state, notice.opened_by, notice.opened_at) == ("opened", who.user, NIGHT + SECOND)


@pytest.mark.rule("BX-05")
def test_rejection_can_be_appealed_once_more_within_seven_days(store: Store) -> None:
    notice = make_notice(store, state="plan")
    first = make_appeal(notice, AppealState.REJECTED, decided_at=NIGHT)
    first.orders.update(decision="rejected")
    first.orders.filter(place=2).update(decision="accepted")
    found = eligibility_of(subject(store, "notice", notice.number), NIGHT + WEEK)
    assert (found.refusal, found.until, found.previous) == (None, NIGHT + WEEK, first)
    assert refusal(store, "notice", notice.number, NIGHT + WEEK + SECOND) == Refusal.TOO_LATE
    second = started(store, "notice", notice.number, seller_of(store), NIGHT + WEEK)
    # It begins with the orders that were rejected.
    assert second.previous == first
    assert list(second.orders.order_by("place").values_list("order__order_no", "exception", "decision")) == [
        ("L1", "carrier_fault", "pending"), ("L3", "carrier_fault", "pending"),
    ]  # fmt: skip
    Appeal.objects.filter(pk=second.pk).update(state="rejected", decided_at=NIGHT + WEEK)
    assert refusal(store, "notice", notice.number, NIGHT + WEEK) == Refusal.DECIDED


@pytest.mark.rule("DM-27", "PN-08")
def test_draft_has_a_deadline_and_is_closed_with_the_window(store: Store) -> None:

    draft = started(store, "notice", make_notice(store).number, seller_of(store))
    deadline = Deadline.objects.get(kind="appeal_draft")
    assert (deadline.state, deadline.due_at) == ("open", NIGHT + WEEK)
    sweep(at=NIGHT + WEEK + SECOND)
    draft.refresh_from_db()
    assert draft.state == "closed"


@pytest.mark.rule("RL-08")
def test_subjects_of_other_stores_are_not_there(store: Store) -> None:

    number = make_notice(make_store("S2")).number
    assert find_subject(store, "notice", number) is None
    assert find_subject(store, "review", "L1") is None
    assert find_subject(store, "verdict", "L1") is None
    assert find_subject(store, "other", number) is None
    assert find_subject(store, "review", "\x00") is None


@pytest.mark.sqlite_only
def test_submitted_appeal_of_a_sweep_that_comes_late_stays(store: Store) -> None:

    appeal = submitted(store, "notice", make_notice(store).number, seller_of(store), NIGHT + WEEK)
    sweep(at=NIGHT + WEEK + SECOND)
    appeal.refresh_from_db()
    assert appeal.state == "review"
