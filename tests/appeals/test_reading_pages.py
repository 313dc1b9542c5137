"""The pages of appeals that only show: the list, the status page, the printed case (AP-01, PG-11)."""

import re

import pytest
from django.test import Client

from appeals.services.settling import settle_appeal
from notifications.models import Notice
from stores.principals import Person
from tests.appeals.drafts import filled, submitted
from tests.appeals.test_pages import AT, get, notice, seller, store, url, who
from tests.notifications.pages import words_of
from tests.outbox import deliver
from tests.stores.people import make_person

__all__ = ["notice", "seller", "store", "who"]

pytestmark = pytest.mark.sqlite_only


@pytest.mark.rule("PG-11")
def test_list_opens_on_what_waits_and_counts_what_it_shows(seller: Client, who: Person, notice: Notice) -> None:
    assert "No appeals here" in words_of(get(seller, url("list")))
    appeal = filled(notice.store, "notice", notice.number, who)
    for part, count in (("waiting", 1), ("review", 0), ("decided", 0), ("all", 1)):
        html = get(seller, url("list"), part=part)
        assert len(re.findall(r">(AP\d{8}-\d{6})<", html)) == count
    html = get(seller, url("list"))
    assert re.search(r'aria-current="page">Appeals <span class="count">1</span>', html)
    assert "Continue" in words_of(html)
    assert appeal.number in html


@pytest.mark.rule("RL-08")
def test_reviewers_are_not_named_to_sellers(seller: Client, who: Person, notice: Notice) -> None:
    appeal = submitted(notice.store, "notice", notice.number, who)
    appeal.orders.update(decision="rejected")
    reviewer = make_person("secret-reviewer", is_staff=True)
    settle_appeal(appeal=appeal, at=AT, actor=f"person:{reviewer.pk}", decided_by=reviewer)
    page = get(seller, url("appeal", appeal.number))
    assert "secret-reviewer" not in page
    assert "a reviewer" in page


@pytest.mark.rule("AP-05", "BX-03", "BX-12")
def test_accepted_appeal_shows_what_it_corrected(seller: Client, who: Person, notice: Notice) -> None:
    appeal = submitted(notice.store, "notice", notice.number, who, orders=("L1", "L2"))
    appeal.orders.filter(place=1).update(decision="accepted")
    appeal.orders.filter(place=2).update(decision="rejected", reason_code="wrong_order", remedy="Its own trace")
    settle_appeal(appeal=appeal, at=AT, actor="person:0", reason="One of two is shown")
    deliver()
    page = words_of(get(seller, url("appeal", appeal.number)))
    for part in ("accepted", "What the decision corrected", "One of two is shown", "Its own trace"):
        assert part in page
    # Without figures that cross its threshold the notice doesn't stand.
    assert Notice.objects.get().state in ("accepted", "plan")


@pytest.mark.rule("PG-21")
def test_print_version_is_the_whole_document(seller: Client, who: Person, notice: Notice) -> None:
    appeal = submitted(notice.store, "notice", notice.number, who)
    page = words_of(get(seller, url("appeal", appeal.number), print="1"))
    for part in ("No scan for three days", "The carrier had order L1 in time", "Appeal submitted"):
        assert part in page
