"""The staff's home: every queue with as many cases as its list shows; the tables behind it (PG-20)."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appeals.models import AppealReview
from appeals.services.claiming import claim_appeal
from core.models import Deadline
from dashboard.presenters.desk_tables import GROUPS
from metrics.models import RatingAnomalyCase, RatingFreeze, Run
from notifications.models import Notice
from orders.models import LogisticsClaim, RiskCase
from penalties.rules import PenaltyKind
from penalties.services.proposals import propose_penalty
from stores.models import Feed, Store
from stores.roles import POLICY_EDITOR, REVIEWER
from tests.appeals.reviews import NOW, reviewer, under_review
from tests.notifications.build import DAY, NIGHT, judged, make_store
from tests.notifications.pages import words_of
from tests.orders.build import make_order
from tests.stores.people import client_of, make_staff

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("PG-20")]
SHIPPED = (NOW - timedelta(days=6)).isoformat()
FACTS = {
    "cause": "no_pickup",
    "at": NOW.isoformat(),
    "detail": "",
    "carrier": "YANWEN",
    "tracking_no": "UB1",
    "shipped_at": SHIPPED,
    "site": "BR",
}


def shown(client: Client, name: str = "admin:index") -> str:
    client.cookies["language"] = "en"
    with time_machine.travel(NOW, tick=False):
        response = client.get(reverse(name))
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def queues(html: str) -> dict[str, tuple[str, int]]:
    """The queues of the desk by title: address and count."""
    pattern = (
        r'<a class="alone" href="([^"]+)">([^<]+)</a><span class="muted">[^<]*</span></div> '
        r'<div class="lead figure">(\d+)'
    )
    return {title: (url.replace("&amp;", "&"), int(count)) for url, title, count in re.findall(pattern, html)}


def test_every_queue_shows_as_many_cases_as_its_list() -> None:
    judged(make_store("S1"), odr="red", late_dispatch="red", dispute_rate="yellow")
    Run.objects.create(job="performance", day=DAY, stage="facts", state="failed")
    freeze = RatingFreeze.objects.create(store=Store.objects.get(), start_day=DAY, opened_at=NIGHT, policy_version=1)
    RatingAnomalyCase.objects.create(store=freeze.store, kind="rating_anomaly", freeze=freeze, opened_at=NIGHT)
    Notice.objects.filter(metric="dispute_rate").update(state="failed")
    appeal = under_review("S2")
    AppealReview.objects.create(appeal=appeal, round=1, blind=True, begun_at=NOW)
    order = make_order(freeze.store)
    for kind in ("pickup", "loss"):
        LogisticsClaim.objects.create(
            store=freeze.store, order=order, kind=kind, tracking_no="UB1", submitted_at=NOW, due_at=NOW
        )
    more = {"subject_kind": "order", "subject_key": order.order_no, "opened_at": NOW}
    RiskCase.objects.create(store=freeze.store, kind="fake_dispatch", facts=FACTS, **more)
    penalties = {"kind": PenaltyKind.STORE_CLOSED, "reason": "Fakes", "by": reviewer("proposer"), "at": NOW}
    propose_penalty(store=make_store("G1", mode=Store.Mode.GOVERNED), **penalties)
    client = client_of(reviewer())
    found = queues(shown(client))
    assert {title: count for title, (_url, count) in found.items()} == {
        "Appeals": 1,
        "Blind reviews": 1,
        "Disputes in arbitration": 0,
        "Failed improvement plans": 1,
        "Unopened red notices": 2,
        "Pickup proofs": 1,
        "Logistics claims": 1,
        "Risk cases": 1,
        "Four eyes": 1,
        "Rating anomalies": 1,
        "Rating freezes": 1,
        "Failed parts of nights": 1,
        "Events given up": 0,
    }
    for title, (url, count) in found.items():
        with time_machine.travel(NOW, tick=False):
            response = client.get(url)
        if title in ("Appeals", "Disputes in arbitration"):
            assert sum(len(group.rows) for group in response.context["groups"]) == count
        elif title in ("Blind reviews", "Pickup proofs", "Logistics claims", "Risk cases", "Four eyes"):
            assert len(response.context["rows"]) == count
        else:
            assert response.context["cl"].result_count == count, title


def test_queue_with_the_nearest_limit_comes_first_and_empty_ones_last() -> None:
    judged(make_store("S1"), odr="red")
    under_review("S2")
    titles = list(queues(shown(client_of(reviewer()))))
    # The notice can be opened until 72 hours after its night, the appeal is due 48 hours after its submission.
    assert titles[:2] == ["Appeals", "Unopened red notices"]


def test_overdue_appeals_are_counted() -> None:
    under_review(at=NOW - timedelta(hours=49))
    assert "1 overdue" in words_of(shown(client_of(reviewer())))


def test_own_claims_are_listed_with_the_way_back() -> None:
    appeal, judge = under_review(), reviewer()
    claim_appeal(appeal=appeal, reviewer=judge, at=NOW)
    html = shown(client_of(judge))
    assert html.count(reverse("admin:appeals_appeal_review", args=[appeal.pk])) == 3
    assert "You have claimed nothing." in words_of(shown(client_of(reviewer("other"))))


@pytest.mark.rule("PN-42")
def test_most_urgent_of_all_queues_is_claimed_and_given_back_from_the_desk() -> None:
    store, judge = make_store("G1", mode=Store.Mode.GOVERNED), reviewer()
    kind = PenaltyKind.STORE_CLOSED
    own = propose_penalty(store=store, kind=kind, reason="Fakes", by=judge, at=NOW - timedelta(hours=30))
    other = propose_penalty(
        store=store, kind=PenaltyKind.WARNING, reason="Fakes", by=reviewer("other"), at=NOW - timedelta(hours=20)
    )
    case = RiskCase.objects.create(store=store, kind="fake_dispatch", facts=FACTS, subject_key="A", opened_at=NOW)
    client = client_of(judge)
    with time_machine.travel(NOW, tick=False):
        claimed = [client.post(reverse("admin:desk_next")).url for _ in range(3)]
    proposal = reverse("admin:penalties_penaltyproposal_decide", args=[other.pk])
    found = reverse("admin:orders_riskcase_decide", args=[case.pk])
    assert claimed == [proposal, found, reverse("admin:index")]
    html = shown(client)
    assert [html.count(address) for address in (proposal, found)] == [3, 3]
    assert reverse("admin:penalties_penaltyproposal_decide", args=[own.pk]) not in html
    with time_machine.travel(NOW, tick=False):
        client.post(found, {"do": "release"})
    assert found not in shown(client)


def test_system_says_what_is_late() -> None:
    client = client_of(reviewer())
    assert "nothing is overdue" in words_of(shown(client))
    store = make_store("S1")
    late = {"store_id": store.pk, "kind": "x", "subject_kind": "x", "opened_at": NOW - timedelta(days=1)}
    Deadline.objects.create(subject_key="x", due_at=NOW - timedelta(hours=1), **late)
    Feed.objects.create(store=store, kind="orders", known_until=NOW - timedelta(days=2), supplied_at=NOW)
    text = words_of(shown(client))
    assert ("1 deadline late" in text, "1 store behind" in text) == (True, True)


def test_nothing_waits_in_an_empty_installation() -> None:
    Run.objects.all().delete()
    assert "Nothing waits now." in shown(client_of(reviewer()))


def test_staff_without_a_role_see_an_empty_desk() -> None:
    assert queues(shown(client_of(make_staff("temp")))) == {}


def test_desk_asks_a_fixed_number_of_queries() -> None:
    client = client_of(reviewer())
    shown(client)
    counts = []
    for number in ("S1", "S2", "S3"):
        under_review(number)
        with CaptureQueriesContext(connection) as asked:
            shown(client)
        counts.append(len(asked))
    assert counts[0] == counts[-1]
    assert counts[0] <= 60


def test_tables_are_grouped_by_what_reviewers_do() -> None:
    html = shown(client_of(make_staff("judge", REVIEWER)), "admin:tables")
    assert re.findall(r"<h2>(.*?)</h2>", html) == [
        "Decide and review", "Look into a store", "Nights and figures", "Rules", "People and access", "Everything else",
    ]  # fmt: skip
    first = html[: html.index("Look into a store")]
    assert "Rating freezes" in first
    assert "Order lines" not in first
    for model in admin.site._registry:
        name = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert html.count(f'<li><a href="{name}">') <= 1


def test_every_table_that_a_group_names_is_there() -> None:
    known = {f"{model._meta.app_label}.{model._meta.object_name}" for model in admin.site._registry}
    named = [name for group in GROUPS for name in group.models]
    assert set(named) <= known
    assert len(named) == len(set(named))


@pytest.mark.rule("DM-30")
def test_shipped_policy_version_holds_from_the_beginning() -> None:
    client = client_of(make_staff("editor", POLICY_EDITOR))
    client.cookies["language"] = "en"
    pages = [reverse("admin:rulebook_policyversion_changelist"), reverse("rulebook:versions")]
    pages.append(reverse("rulebook:version", args=[1]))
    for address in pages:
        html = client.get(address).content.decode()
        assert "from the beginning" in html
        assert "1970" not in html
