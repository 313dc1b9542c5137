"""The page of an improvement plan: three questions, drafts, handing in (PN-10, BX-06)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dashboard.queries.plan import plan_page
from metrics.services.night import run_night
from notifications.models import ImprovementPlan, Notice
from notifications.queries.plans import content_of
from notifications.rules import State
from notifications.services.plans import open_plan
from stores.models import Company, Store, User
from stores.roles import REVIEWER
from tests.metrics.pages import NOW, TODAY, make_store_with_facts
from tests.notifications.build import judged, make_store
from tests.notifications.pages import english, words_of
from tests.notifications.plans import write_answers
from tests.stores.people import client_of, make_person, make_staff

DAY = timedelta(days=1)


@pytest.fixture
def owner(db: None) -> User:
    return make_person("owner", Company.objects.create(company_no="C", name="Company"))


@pytest.fixture
def notice(owner: User) -> Notice:
    """A red notice whose appeal was rejected at `NOW`."""
    judged(make_store("S1", company=owner.memberships.get().company), TODAY, at=NOW, late_dispatch="red")
    return rejected()


@pytest.fixture
def late_notice(owner: User) -> Notice:
    """The same on 14 of 226 orders that are there."""
    make_store_with_facts(owner.memberships.get().company, "S1")
    Store.objects.update(mode="governed")
    run_night(day=TODAY, at=NOW)
    return rejected()


def rejected() -> Notice:
    Notice.objects.update(state=State.APPEALING)
    notice = Notice.objects.select_related("store__company").get()
    assert open_plan(notice=notice, at=NOW, actor="person:1", cause="A1")
    return notice


@pytest.fixture
def browser(owner: User) -> Client:
    return english(client_of(owner))


def ask(client: Client, notice: Notice, data: dict[str, Any] | None = None, at: Any = NOW) -> Any:
    url = reverse("dashboard:plan", args=[notice.store.store_no, notice.number])
    with time_machine.travel(at, tick=False):
        return client.get(url) if data is None else client.post(url, data)


def answers(owner: User, do: str = "save", version: int = 0, **change: Any) -> dict[str, Any]:
    """A form in which all three questions are answered by one cause that is explained."""
    return {
        "do": do, "version": version, "causes": ["other:"], "explanation": "The night shift was short of people.",
        "done-TOTAL_FORMS": 1, "done-INITIAL_FORMS": 0, "done-0-text": "Two people hired", "done-0-cause": "other:",
        "done-0-owner_id": owner.pk, "done-0-day": "2026-06-19", "prevention-TOTAL_FORMS": 2,
        "prevention-INITIAL_FORMS": 0, "prevention-0-text": "A third shift", "prevention-0-cause": "other:",
        "prevention-0-owner_id": owner.pk, "prevention-0-day": "2026-07-01",
        "prevention-0-proof": "98 % packed in 24 h", "prevention-1-text": "", **change,
    }  # fmt: skip


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-10", "MX-15")
def test_page_asks_three_questions_and_offers_the_causes_found(browser: Client, late_notice: Notice) -> None:
    response = ask(browser, late_notice)
    assert response.status_code == 200
    text = words_of(response.content.decode())
    assert "Improvement plan: Late dispatch to be handed in" in text
    assert "Hand in within" in text
    assert "another cause, explained below" in text
    assert "shipped late" in text
    assert all(word in text for word in ("Cause", "Measures taken", "Prevention", "What reviewers look for"))
    assert text.count("(missing)") == 4


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-10")
def test_draft_is_saved_row_by_row_and_handed_in(browser: Client, notice: Notice, owner: User) -> None:
    response = ask(browser, notice, answers(owner, "add-prevention"))
    assert (response.status_code, response.url.rpartition("/")[2]) == (302, "#prevention")
    plan = ImprovementPlan.objects.get()
    content = content_of(plan)
    assert [(one.kind, one.text, one.proof) for one in content.measures] == [
        ("done", "Two people hired", ""),
        ("prevention", "A third shift", "98 % packed in 24 h"),
    ]
    assert (plan.explanation, plan.saved_by) == ("The night shift was short of people.", owner)
    assert ask(browser, notice).content.decode().count('class="measure"') == 4
    assert ask(browser, notice, answers(owner, "submit", version=1)).status_code == 302
    plan.refresh_from_db()
    assert plan.submitted_at == NOW
    text = words_of(ask(browser, notice).content.decode())
    assert "being verified" in text
    assert "handed in by owner" in text
    assert "Add another" not in text
    assert "98 % packed in 24 h" in text


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-10")
def test_incomplete_plan_is_kept_and_says_what_is_missing(browser: Client, notice: Notice, owner: User) -> None:
    data = answers(owner, "submit", **{"done-0-text": "", "done-0-cause": "", "done-0-owner_id": "", "done-0-day": ""})
    response = ask(browser, notice, data)
    assert response.status_code == 422
    text = words_of(response.content.decode())
    assert "To hand it in, see to it that something was done already, by whom and when." in text
    assert ImprovementPlan.objects.get().explanation == "The night shift was short of people."
    assert ImprovementPlan.objects.get().submitted_at is None


@pytest.mark.rule("PN-10", "RL-06")
def test_slower_of_two_keeps_what_they_wrote_and_is_told_who_saved(
    browser: Client, notice: Notice, owner: User
) -> None:
    mei = make_person("mei", notice.store.company, "manager")
    ask(client_of(mei), notice, answers(owner))
    response = ask(browser, notice, answers(owner, explanation="My own words."))
    assert response.status_code == 409
    html = response.content.decode()
    assert "mei@example.com saved this plan meanwhile" in words_of(html)
    assert "My own words." in html
    assert ImprovementPlan.objects.get().explanation == "The night shift was short of people."
    assert ask(browser, notice, answers(owner, version=1, explanation="My own words.")).status_code == 302


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-10", "RL-05")
def test_late_plan_has_failed(browser: Client, notice: Notice, owner: User) -> None:
    late = NOW + 7 * DAY + timedelta(seconds=1)
    assert ask(browser, notice, answers(owner, "submit"), at=late).status_code == 302
    text = words_of(ask(browser, notice, at=late).content.decode())
    assert "failed, manual review" in text
    assert ask(browser, notice, answers(owner, version=1), at=late).status_code == 409


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-10", "RL-08")
def test_analysts_and_reviewers_read_the_plan(browser: Client, notice: Notice, owner: User) -> None:
    write_answers(ImprovementPlan.objects.get(), owner)
    for client in (
        client_of(make_person("lin", notice.store.company, "analyst")),
        client_of(make_staff("reviewer", REVIEWER)),
    ):
        text = words_of(ask(english(client), notice).content.decode())
        assert "carrier Cainiao 19 of 24 failures" in text
        assert "No carrier above 60 %" in text
        assert "Save draft" not in text
        assert ask(client, notice, answers(owner)).status_code == 403


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-10")
def test_what_cannot_be_read_is_marked(browser: Client, notice: Notice, owner: User) -> None:
    response = ask(browser, notice, answers(owner, **{"done-0-day": "tomorrow", "causes": ["carrier:NOBODY"]}))
    assert response.status_code == 422
    assert "Correct what is marked below." in words_of(response.content.decode())
    assert ImprovementPlan.objects.get().version == 0


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-10")
def test_notice_without_a_plan_has_no_page_of_it(browser: Client, notice: Notice) -> None:
    ImprovementPlan.objects.all().delete()
    assert ask(browser, notice).status_code == 404


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-10", "MX-14")
def test_target_is_what_remains_when_nothing_new_fails(late_notice: Notice) -> None:
    page = plan_page(late_notice.store, late_notice, NOW)
    course = page.course
    assert course is not None
    assert course.days[0] == TODAY + DAY
    assert page.verified_on == (NOW + 21 * DAY + timedelta(hours=8)).date()
    assert course.days[-1] == page.verified_on
    targets = [point.value for point in course.target if point.value is not None]
    assert targets == sorted(targets, reverse=True)
    assert all(target <= pace.value for target, pace in zip(targets, course.pace, strict=False) if pace.value)


@pytest.mark.sqlite_only
def test_queries_of_a_plan_do_not_grow_with_its_measures(browser: Client, notice: Notice, owner: User) -> None:
    ask(browser, notice)
    with CaptureQueriesContext(connection) as few:
        ask(browser, notice)
    write_answers(ImprovementPlan.objects.get(), owner)
    with CaptureQueriesContext(connection) as more:
        ask(browser, notice)
    # The people whom measures name are one query.
    assert len(more) == len(few) + 1
