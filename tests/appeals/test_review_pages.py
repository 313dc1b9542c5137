"""The staff pages on which appeals are reviewed (AP-04, AP-06, BX-05, BX-07, BX-18, RL-06)."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appeals.models import Appeal, AppealOrder, AppealReview, ReviewDraft
from appeals.services.claiming import claim_appeal
from appeals.services.deciding import decide_appeal
from core.models import Event
from stores.models import Membership
from stores.roles import POLICY_EDITOR, SENIOR_REVIEWER
from tests.appeals.build import SECOND, make_appeal
from tests.appeals.reviews import ACCEPT, NOW, REJECT, fresh, reviewer, under_review, verdicts
from tests.notifications.pages import words_of
from tests.stores.people import client_of, make_person, make_staff

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("AP-04")]
HALF_HOUR = timedelta(minutes=30)


def ask(client: Client, url: str, data: Any = None, at: datetime = NOW) -> Any:
    client.cookies["language"] = "en"
    with time_machine.travel(at, tick=False):
        return client.get(url) if data is None else client.post(url, data)


def page_of(appeal: Appeal) -> str:
    return reverse("admin:appeals_appeal_review", args=[appeal.pk])


def text_of(response: Any) -> str:
    return words_of(response.content.decode())


def filled(appeal: Appeal, *decisions: str, **more: str) -> dict[str, Any]:
    """The form with a decision for each order; what is not accepted names a field."""
    data: dict[str, Any] = {"version": appeal.version, "do": "decide", **more}
    for order, decision in zip(AppealOrder.objects.filter(appeal=appeal).order_by("place"), decisions, strict=True):
        data[f"decision-{order.pk}"] = decision
        if decision != "accepted":
            data |= {
                f"why-{order.pk}": "wrong_order",
                f"failing-{order.pk}": ["tracking_no"],
                f"says-{order.pk}-tracking_no": "SZ9",
                f"remedy-{order.pk}": "A letter that lists this number",
            }
    return data


def claimed(name: str = "judge", role: str = "reviewer") -> tuple[Appeal, Client]:
    appeal, judge = under_review(), reviewer(name, role)
    claim_appeal(appeal=appeal, reviewer=judge, at=NOW)
    return appeal, client_of(judge)


# ── The queue ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_queue_is_in_groups_by_what_is_due() -> None:
    for number, hours in (("S1", 60), ("S2", 46), ("S3", 40), ("S4", 1)):
        under_review(number, at=NOW - timedelta(hours=hours))
    response = ask(client_of(reviewer()), reverse("admin:appeals_appeal_queue"))
    groups = [(group.title, [row.store for row in group.rows]) for group in response.context["groups"]]
    # It is 08:00 in Shanghai.
    assert groups == [
        ("Overdue", ["Store S1"]),
        ("Due within 4 hours", ["Store S2"]),
        ("Due today", ["Store S3"]),
        ("Due later", ["Store S4"]),
    ]
    first = response.context["groups"][1].rows[0]
    assert (first.used, first.orders, first.act) == ("95.83", "3 of 3 orders", "claim")


@pytest.mark.rule("PN-09", "RL-05")
def test_queue_counts_and_lists_overdue_reviews_from_the_second_after_the_last() -> None:
    under_review("S1", at=NOW - timedelta(hours=48))
    under_review("S2")
    client, url = client_of(reviewer()), f"{reverse('admin:appeals_appeal_queue')}?part=overdue"
    found = []
    for at in (NOW, NOW + SECOND):
        response = ask(client, url, at=at)
        tab = next(tab for tab in response.context["tabs"] if tab.label == "Overdue")
        found.append((tab.count, [row.store for group in response.context["groups"] for row in group.rows]))
    assert found == [(0, []), (1, ["Store S1"])]


def test_parts_and_filters_narrow_the_queue() -> None:
    mine, judge = under_review("S1"), reviewer()
    claim_appeal(appeal=mine, reviewer=judge, at=NOW)
    other = under_review("S2")
    Appeal.objects.filter(pk=other.pk).update(is_complex=True)
    client, url = client_of(judge), reverse("admin:appeals_appeal_queue")
    found = {}
    for query in (
        "", "part=unclaimed", "part=mine", "part=complex", "part=supplement", "part=nonsense", "q=S1",
        f"q={other.number}", "q=L2", "q=%00", "metric=odr", "metric=late_dispatch", "kind=review", "level=basic",
    ):  # fmt: skip
        response = ask(client, f"{url}?{query}")
        found[query] = [row.store for group in response.context["groups"] for row in group.rows]
        assert response.context["tabs"][0].count == 2
    both = ["Store S1", "Store S2"]
    assert found == {
        "": both, "part=unclaimed": ["Store S2"], "part=mine": ["Store S1"], "part=complex": ["Store S2"],
        "part=supplement": [], "part=nonsense": both, "q=S1": ["Store S1"], f"q={other.number}": ["Store S2"],
        "q=L2": both, "q=%00": both, "metric=odr": [], "metric=late_dispatch": both, "kind=review": [],
        "level=basic": both,
    }  # fmt: skip


def test_most_urgent_unclaimed_appeal_is_claimed() -> None:
    urgent, judge = under_review("S1", at=NOW - timedelta(hours=47)), reviewer()
    under_review("S2")
    taken = under_review("S3", at=NOW - timedelta(hours=48))
    claim_appeal(appeal=taken, reviewer=reviewer("other"), at=NOW)
    response = ask(client_of(judge), reverse("admin:appeals_appeal_next"), {})
    assert response.headers["Location"] == page_of(urgent)
    assert fresh(urgent).claimed_by == judge


def test_whoever_only_reads_is_offered_nothing_and_refused() -> None:
    appeal, client = under_review(), client_of(make_staff("editor", POLICY_EDITOR))
    for url in (reverse("admin:appeals_appeal_queue"), page_of(appeal)):
        response = ask(client, url)
        assert response.status_code == 200
        assert 'name="do"' not in response.content.decode()
    for url, data in ((page_of(appeal), {"do": "claim"}), (reverse("admin:appeals_appeal_next"), {})):
        assert ask(client, url, data).status_code == 403
    assert ask(client_of(make_staff("temp")), page_of(appeal)).status_code == 403


def test_pages_ask_a_fixed_number_of_queries() -> None:
    judge = reviewer()
    client, counts = client_of(judge), []
    for number, orders in (("S1", 1), ("S2", 4)):
        appeal = under_review(number, orders=orders)
        claim_appeal(appeal=appeal, reviewer=judge, at=NOW)
        ask(client, page_of(appeal))
        with CaptureQueriesContext(connection) as queue:
            ask(client, reverse("admin:appeals_appeal_queue"))
        with CaptureQueriesContext(connection) as page:
            ask(client, page_of(appeal))
        counts.append((len(queue), len(page)))
    assert counts[0] == counts[1]
    assert counts[0][1] < 70


# ── Reading and deciding ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("DM-33")
def test_reading_is_kept_in_the_audit_trail() -> None:
    appeal, judge = under_review(), reviewer()
    ask(client_of(judge), page_of(appeal))
    event = Event.objects.get(kind="store.inspected")
    assert (event.actor, event.store_no) == (f"person:{judge.pk}", "S1")


def test_unclaimed_appeal_is_read_only_until_it_is_claimed() -> None:
    appeal, client = under_review(), client_of(reviewer())
    html = ask(client, page_of(appeal)).content.decode()
    assert "<fieldset disabled>" in html
    assert "Send the decision" not in html
    assert ask(client, page_of(appeal), {"do": "claim"}).status_code == 302
    html = ask(client, page_of(appeal)).content.decode()
    assert "<fieldset disabled>" not in html
    assert "Send the decision" in html


def test_decision_is_sent_order_by_order() -> None:
    appeal, client = claimed()
    response = ask(client, page_of(appeal), filled(appeal, "accepted", "rejected", "accepted", reason="Thank you"))
    assert response.headers["Location"] == reverse("admin:appeals_appeal_queue")
    appeal = fresh(appeal)
    assert (appeal.state, appeal.reason) == ("accepted", "Thank you")
    rejected = AppealOrder.objects.get(appeal=appeal, decision="rejected")
    assert rejected.fields == [{"field": "tracking_no", "evidence": "SZ9", "system": rejected.order.tracking_no}]
    page = text_of(ask(client, page_of(appeal)))
    assert "Decided by judge@example.com at 2026-03-12 08:00 (GMT+8): accepted." in page
    assert "the evidence says “SZ9”" in page


@pytest.mark.rule("BX-18")
def test_refusal_that_names_nothing_comes_back_with_what_it_lacks() -> None:
    appeal, client = claimed()
    data = filled(appeal, "accepted", "accepted", "accepted")
    last = AppealOrder.objects.filter(appeal=appeal).latest("place")
    data |= {f"decision-{last.pk}": "rejected", f"remedy-{last.pk}": "A letter"}
    response = ask(client, page_of(appeal), data)
    assert response.status_code == 422
    page = text_of(response)
    assert "Choose a reason. Tick at least one field that fails." in page
    assert "Write what would pass." not in page
    assert "A letter" in page
    assert fresh(appeal).state == "review"


@pytest.mark.rule("RL-06")
def test_second_reviewer_is_told_who_decided_and_keeps_the_draft() -> None:
    appeal, client = claimed("first")
    second = reviewer("second")
    data = filled(appeal, "rejected", "rejected", "rejected")
    ask(client, page_of(appeal), filled(appeal, "accepted", "accepted", "accepted"))
    response = ask(client_of(second), page_of(appeal), data)
    assert response.status_code == 409
    assert "Decided by first@example.com at 2026-03-12 08:00 (GMT+8): accepted." in text_of(response)
    assert ReviewDraft.objects.get(reviewer=second).fields[f"decision-{appeal.orders.latest('place').pk}"] == [
        "rejected"
    ]


@pytest.mark.rule("RL-06")
def test_lost_claim_is_told_and_what_was_filled_in_stays() -> None:
    appeal, client = claimed("first")
    later = NOW + HALF_HOUR + SECOND
    claim_appeal(appeal=fresh(appeal), reviewer=reviewer("second"), at=later)
    response = ask(client, page_of(appeal), filled(appeal, "rejected", "accepted", "accepted"), later)
    assert response.status_code == 409
    assert "second@example.com is reviewing it until 2026-03-12 09:00 (GMT+8)" in text_of(response)
    assert "A letter that lists this number" in text_of(ask(client, page_of(appeal), at=later))


def test_claim_that_ran_out_unnoticed_loses_nothing() -> None:
    appeal, client = claimed()
    later = NOW + HALF_HOUR + SECOND
    assert ask(client, page_of(appeal), filled(appeal, *["accepted"] * 3), later).status_code == 302
    assert fresh(appeal).state == "accepted"


def test_every_button_keeps_what_was_filled_in() -> None:
    appeal, client = claimed()
    for do in ("preview", "claim", "complex", "release"):
        ReviewDraft.objects.all().delete()
        ask(client, page_of(appeal), filled(appeal, "rejected", "accepted", "accepted") | {"do": do})
        assert ReviewDraft.objects.count() == 1, do
    assert fresh(appeal).is_complex
    assert fresh(appeal).claimed_by is None


@pytest.mark.rule("BX-12")
def test_preview_shows_the_sentence_that_the_seller_reads() -> None:
    appeal, client = claimed()
    response = ask(client, page_of(appeal), filled(appeal, "rejected", "accepted", "accepted") | {"do": "preview"})
    row = next(row for group in response.context["groups"] for row in group.rows if row.place == 1)
    assert row.sentence == (
        "Order 1 is not accepted: wrong order. Tracking number: the evidence says “SZ9”. "
        "This would pass: A letter that lists this number"
    )
    assert [tally.word for tally in response.context["tallies"]] == ["accepted 2", "rejected 1"]
    ask(client, page_of(appeal), filled(appeal, "rejected", "accepted", "accepted"))
    seller = client_of(make_person("seller", appeal.store.company))
    assert row.sentence in text_of(ask(seller, reverse("appeals:appeal", args=["S1", appeal.number])))


def test_form_of_the_largest_appeal_is_taken_whole() -> None:
    appeal, client = claimed()
    empty = {f"says-{order}-{field}": "" for order in range(500) for field in range(12)}
    data = filled(appeal, "accepted", "accepted", "accepted") | empty | {"do": "preview"}
    assert ask(client, page_of(appeal), data).status_code == 200
    assert len(ReviewDraft.objects.get().fields) == 3


def test_hand_over_needs_a_colleague_who_may_review_it() -> None:
    appeal, client = claimed("first")
    second, editor = reviewer("second"), make_staff("editor", POLICY_EDITOR)
    for chosen, status in (("", 422), (str(editor.pk), 422), (str(second.pk), 302)):
        assert ask(client, page_of(appeal), {"do": "hand_over", "to": chosen}).status_code == status
    assert fresh(appeal).claimed_by == second
    first = client_of(reviewer("third"))
    assert ask(first, page_of(appeal), {"do": "hand_over", "to": str(second.pk)}).status_code == 409
    senior = reviewer("senior", SENIOR_REVIEWER)
    assert ask(client_of(senior), page_of(appeal), {"do": "hand_over", "to": str(senior.pk)}).status_code == 302
    assert fresh(appeal).claimed_by == senior


def test_unclaimed_appeal_is_given_to_a_colleague_by_seniors_only() -> None:
    appeal, second = under_review(), reviewer("second")
    third = client_of(reviewer("third"))
    assert ask(third, page_of(appeal), {"do": "hand_over", "to": str(second.pk)}).status_code == 409
    assert fresh(appeal).claimed_by is None
    senior = client_of(reviewer("senior", SENIOR_REVIEWER))
    assert ask(senior, page_of(appeal), {"do": "hand_over", "to": str(second.pk)}).status_code == 302
    assert fresh(appeal).claimed_by == second


def test_member_of_the_company_gives_its_appeal_no_more_time() -> None:
    appeal, judge = under_review(), reviewer()
    Membership.objects.create(company=appeal.store.company, user=judge, role="analyst")
    assert ask(client_of(judge), page_of(appeal), {"do": "complex"}).status_code == 409
    assert not fresh(appeal).is_complex


@pytest.mark.rule("BX-05")
def test_second_appeal_folds_the_first_decision_and_bars_who_made_it() -> None:
    first, second = reviewer("first"), reviewer("second")
    appeal = under_review(orders=1)
    decide_appeal(appeal=appeal, decisions=verdicts(appeal, REJECT), reviewer=first, at=NOW, version=0)
    again = make_appeal(fresh(appeal).notice, "review", NOW, submitted_at=NOW, previous=fresh(appeal))
    page = text_of(ask(client_of(second), page_of(again)))
    assert f"First appeal {appeal.number} rejected" in page
    assert "the evidence says “SZ1”" in page
    barred = ask(client_of(first), page_of(again))
    assert "You have decided on it before; somebody else reviews it." in text_of(barred)
    assert ask(client_of(first), page_of(again), {"do": "claim"}).status_code == 409


def test_drafts_of_sellers_are_not_shown() -> None:
    appeal = under_review()
    Appeal.objects.update(state="draft")
    assert ask(client_of(reviewer()), page_of(appeal)).status_code == 404


# ── Blind reviews, figures ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("BX-07")
def test_blind_page_shows_nothing_of_the_first_decision() -> None:
    first, second = reviewer("first"), reviewer("second")
    appeal = under_review()
    decide_appeal(appeal=appeal, decisions=verdicts(appeal, ACCEPT, REJECT), reviewer=first, at=NOW, version=0)
    review, _made = AppealReview.objects.get_or_create(appeal=appeal, blind=True, round=0, defaults={"begun_at": NOW})
    client = client_of(second)
    response = ask(client, reverse("admin:appeals_appealreview_next"), {})
    url = reverse("admin:appeals_appealreview_decide", args=[review.pk])
    assert response.headers["Location"] == url
    html = ask(client, url).content.decode().partition("<main")[2]
    for told in ("first@example.com", "SZ1", "Decided", "checked", "This store", "Review due", "notices/", "orders/"):
        assert told not in html, told
    data = filled(appeal, "accepted", "accepted", "accepted")
    assert ask(client, url, data).status_code == 302
    review.refresh_from_db()
    assert (review.reviewer, review.accepted, review.agreed) == (second, 3, 1)
    assert ask(client, url).status_code == 302


@pytest.mark.rule("BX-07")
def test_first_reviewer_can_not_make_the_blind_review() -> None:
    first = reviewer("first")
    appeal = under_review()
    decide_appeal(appeal=appeal, decisions=verdicts(appeal, ACCEPT), reviewer=first, at=NOW, version=0)
    review, _made = AppealReview.objects.get_or_create(appeal=appeal, blind=True, round=0, defaults={"begun_at": NOW})
    client = client_of(first)
    assert ask(client, reverse("admin:appeals_appealreview_next"), {}).headers["Location"].endswith("/blind/")
    url = reverse("admin:appeals_appealreview_decide", args=[review.pk])
    assert ask(client, url, {"do": "claim"}).status_code == 409


def cells(table: Any) -> list[list[str]]:
    return [[re.sub("\u00a0", " ", cell) for cell in row] for row in table.rows]


@pytest.mark.rule("AP-06", "BX-07")
def test_figures_count_decisions_in_time_overturned_and_agreed_on() -> None:
    first, second = reviewer("first"), reviewer("second")
    in_time, late, won = under_review("S1"), under_review("S2", at=NOW - timedelta(hours=49)), under_review("S3")
    for appeal, judge, verdict in ((in_time, first, ACCEPT), (late, first, REJECT), (won, second, REJECT)):
        decisions = verdicts(appeal, verdict)
        decide_appeal(appeal=appeal, decisions=decisions, reviewer=judge, at=NOW, version=0)
    AppealReview.objects.filter(blind=True).delete()
    AppealReview.objects.create(
        appeal=in_time, blind=True, begun_at=NOW, decided_at=NOW, outcome="accepted", accepted=3, agreed=3
    )
    make_appeal(fresh(won).notice, "accepted", NOW, submitted_at=NOW, previous=fresh(won), decided_at=NOW)
    under_review("S4", at=NOW - timedelta(hours=50))
    response = ask(client_of(first), reverse("admin:appeals_appeal_figures"))
    decided = {fact.name: (fact.value, fact.note) for fact in response.context["decided"]}
    assert [fact.value for fact in response.context["queue"][:3]] == ["1", "1", "1"]
    assert decided["Decided in time"] == ("66.7\u00a0%", "2 / 3")
    assert decided["Overturned"] == ("33.3\u00a0%", "1 / 3")
    assert decided["Blind reviews agree"] == ("100.0\u00a0%", "3 / 3")
    assert cells(response.context["reviewers"]) == [
        ["first@example.com", "2", "50.0 %", "0.0 % (0 / 2)", "100.0 %"],
        ["second@example.com", "1", "100.0 %", "100.0 % (1 / 1)", "–"],
    ]
    assert cells(response.context["metrics"]) == [["Late dispatch", "3", "66.7 %", "33.3 % (1 / 3)", "100.0 %"]]
    assert cells(response.context["reasons"]) == [["wrong order", "6"]]
    assert cells(response.context["chart"].table)[0][1:] == ["66.7 % (2 / 3)", "100.0 % (3 / 3)", "33.3 % (1 / 3)"]


def test_figures_of_an_empty_installation_say_so() -> None:
    assert "No decisions yet." in text_of(ask(client_of(reviewer()), reverse("admin:appeals_appeal_figures")))
