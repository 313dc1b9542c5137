"""Companies are told of their appeals: what was decided, why, what would pass, until when (PG-19, BX-08, BX-12)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from appeals.models import Appeal, AppealOrder
from appeals.queries.deadlines import DRAFT, SUBJECT, SUPPLEMENT
from appeals.rules import AppealState
from appeals.services.lifecycle import move_appeal
from core.deadlines import meet_deadline, open_deadline
from core.sweeping import sweep
from core.timebase import SHANGHAI
from notifications.kinds import message_kind
from notifications.models import Delivery, InboxMessage
from rulebook.queries import policies
from tests.appeals.build import NIGHT, SECOND, make_appeal, make_notice, make_store
from tests.outbox import deliver
from tests.stores.people import make_person

HOUR = timedelta(hours=1)

pytestmark = [pytest.mark.django_db, pytest.mark.rule("PG-19")]


@pytest.fixture
def appeal(db: None) -> Appeal:
    store = make_store()
    make_person("owner", store.company)
    make_person("reader", store.company, "analyst")
    return make_appeal(make_notice(store, orders=4), AppealState.REVIEW)


def told(kind: str) -> tuple[str, str, str]:
    """Level, title and text of the message of a kind."""
    deliver()
    message = InboxMessage.objects.select_related("store", "notice").get(kind=kind)
    assert message_kind(kind).url(message) == f"/stores/S1/appeals/{message.parameters['number']}/"
    with translation.override("en"), timezone.override(SHANGHAI):
        title, text = message_kind(kind).words(message, policies())
    return message_kind(kind).level(message), title, text.replace("\u00a0", " ")


def move(appeal: Appeal, to: AppealState, **columns: Any) -> None:
    assert move_appeal(appeal=appeal, to=to, at=NIGHT, actor="system", cause="AP-04", **columns)


@pytest.mark.rule("BX-12")
def test_rejection_says_why_and_what_would_pass(appeal: Appeal) -> None:
    AppealOrder.objects.filter(appeal=appeal).update(decision="rejected", remedy="a carrier letter with a stamp")
    move(appeal, AppealState.REJECTED, reason="The letter names another parcel.")
    level, title, text = told("appeal.rejected")
    assert (level, title) == ("red", f"Appeal {appeal.number} rejected")
    assert text == (
        "None of its orders was accepted. The reviewer writes: The letter names another parcel. "
        "What would pass: L1 – a carrier letter with a stamp; L2 – a carrier letter with a stamp; "
        "L3 – a carrier letter with a stamp. 1 more order: see its page."
    )


@pytest.mark.sqlite_only
def test_acceptance_counts_its_orders(appeal: Appeal) -> None:
    first = AppealOrder.objects.filter(appeal=appeal).order_by("place")[0]
    AppealOrder.objects.filter(appeal=appeal).update(decision="accepted")
    AppealOrder.objects.filter(pk=first.pk).update(decision="rejected", remedy="the trace")
    move(appeal, AppealState.ACCEPTED, decided_at=NIGHT)
    level, _title, text = told("appeal.accepted")
    assert level == "ok"
    assert text.startswith("3 of 4 orders accepted.")
    assert text.endswith("What would pass: L1 – the trace.")


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-08", "PN-09")
def test_supplement_is_urgent_and_reminded_of_until_it_is_handed_in(appeal: Appeal) -> None:
    due_at = NIGHT + 7 * 24 * HOUR
    subject = {"owner_id": appeal.store_id, "subject_kind": SUBJECT, "subject_key": appeal.number}
    open_deadline(kind=SUPPLEMENT, due_at=due_at, at=NIGHT, **subject)
    move(appeal, AppealState.SUPPLEMENT, reason="Which parcel is it?")
    level, title, text = told("appeal.supplement")
    assert (level, title) == ("yellow", f"Supplement needed: appeal {appeal.number}")
    assert text == (
        "The reviewer writes: Which parcel is it? Hand it in by 2026-03-18 02:00 (GMT+8), or these orders are rejected."
    )
    message = InboxMessage.objects.get(kind="appeal.supplement")
    assert message.group == "deadline"
    assert [row.recipient.email for row in Delivery.objects.filter(message=message)] == ["owner@example.com"]
    sweep(at=due_at - 24 * HOUR + SECOND)
    sweep(at=due_at - 12 * HOUR + SECOND)
    meet_deadline(kind=SUPPLEMENT, at=due_at - 11 * HOUR, **subject)
    sweep(at=due_at + HOUR)
    sent = InboxMessage.objects.filter(kind="reminder.appeal_supplement").order_by("at")
    assert [(due_at - one.at) / HOUR for one in sent] == [24, 12]


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-08")
def test_draft_against_a_notice_is_left_to_the_window_of_the_notice(appeal: Appeal) -> None:
    Appeal.objects.update(state="draft")
    for kind in ("notice", "review"):
        Appeal.objects.update(kind=kind)
        open_deadline(
            owner_id=appeal.store_id, kind=DRAFT, subject_kind=SUBJECT, subject_key=appeal.number,
            due_at=NIGHT + 30 * HOUR, at=NIGHT,
        )  # fmt: skip
        sweep(at=NIGHT + 6 * HOUR + SECOND)
        assert InboxMessage.objects.filter(kind="reminder.appeal_draft").exists() == (kind == "review")
        open_deadline(
            owner_id=appeal.store_id, kind=DRAFT, subject_kind=SUBJECT, subject_key=appeal.number,
            due_at=NIGHT + 31 * HOUR, at=NIGHT,
        )  # fmt: skip
