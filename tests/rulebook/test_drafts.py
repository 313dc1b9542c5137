"""Drafts of policy versions: saved, submitted, confirmed by a second person (DM-30)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.models import Event
from rulebook.models import PolicyDraft, PolicyVersion
from rulebook.queries import policy_at
from rulebook.revision import changed_entry, find_problems, judged_changes, real_changes, sound_changes
from rulebook.services import (
    PolicyRefusedError,
    SamePersonError,
    confirm_draft,
    discard_draft,
    open_draft,
    publish_policy,
    rebase_draft,
    return_draft,
    save_draft,
    submit_draft,
)
from rulebook.shipped import SHIPPED

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
BEGINS = AT + timedelta(days=20)
LIN, ZHOU = "person:1", "person:2"


def changes_of(**values: Any) -> dict[str, Any]:
    """Changes of the shipped values; double underscores mean dots."""
    keys = {name.replace("__", "."): value for name, value in values.items()}
    return {key: changed_entry(SHIPPED, key, value) for key, value in keys.items()}


def save(draft: PolicyDraft, changes: Mapping[str, Any], *, version: int | None = None, actor: str = LIN) -> bool:
    return save_draft(
        draft=draft,
        version=draft.version if version is None else version,
        changes=changes,
        effective_from=BEGINS,
        note="Calmer",
        at=AT,
        actor=actor,
    )


def a_draft(**values: Any) -> PolicyDraft:
    draft = open_draft(at=AT, actor=LIN)
    assert save(draft, changes_of(**(values or {"metrics__odr__red": "0.02"})))
    return draft


@pytest.mark.rule("RL-06")
def test_second_of_two_savers_changes_nothing() -> None:
    draft, version = a_draft(), 2
    assert save(draft, changes_of(metrics__odr__red="0.03"), version=version, actor=ZHOU)
    assert not save(draft, changes_of(judging__streak_days=2), version=version)
    draft.refresh_from_db()
    assert {key: entry["value"] for key, entry in draft.changes.items()} == {"metrics.odr.red": "0.03"}
    last = draft.saves.order_by("-version")[0]
    assert (last.actor, last.version) == (ZHOU, 3)
    assert [entry["value"] for entry in last.changes["metrics.odr.red"]] == ["0.02", "0.03"]


@pytest.mark.sqlite_only
def test_change_back_to_the_same_value_is_none() -> None:
    draft = a_draft()
    assert save(draft, changes_of(metrics__odr__red="0.010", rating__weights__described="0.4"))
    assert draft.changes == {}


@pytest.mark.rule("DM-30")
def test_version_begins_only_after_another_person_confirmed_it() -> None:
    draft = a_draft()
    assert submit_draft(draft=draft, version=draft.version, at=AT, actor=LIN)
    assert not save(draft, {})
    with pytest.raises(SamePersonError):
        confirm_draft(draft=draft, version=draft.version, author="Lin", at=AT, actor=LIN)
    assert PolicyVersion.objects.count() == 1

    version = confirm_draft(draft=draft, version=draft.version, author="Lin", at=AT, actor=ZHOU)
    assert version is not None
    assert (version.number, version.effective_from, version.author, version.note) == (2, BEGINS, "Lin", "Calmer")
    assert (draft.state, draft.result, draft.decided_by) == ("confirmed", version, ZHOU)
    assert [str(policy_at(at).metrics["odr"].red) for at in (BEGINS - timedelta(seconds=1), BEGINS)] == ["0.01", "0.02"]
    kinds = Event.objects.filter(subject_kind="policy_draft").order_by("id").values_list("kind", "actor")
    assert list(kinds) == [("policy.submitted", LIN), ("policy.confirmed", ZHOU)]
    assert confirm_draft(draft=draft, version=draft.version, author="Lin", at=AT, actor=ZHOU) is None


@pytest.mark.rule("DM-30")
def test_confirmation_that_comes_after_the_day_is_refused() -> None:
    draft = a_draft()
    submit_draft(draft=draft, version=draft.version, at=AT, actor=LIN)
    with pytest.raises(PolicyRefusedError, match="must lie in the future"):
        confirm_draft(draft=draft, version=draft.version, author="Lin", at=BEGINS, actor=ZHOU)
    assert return_draft(draft=draft, version=draft.version, reason="Too late", at=BEGINS, actor=ZHOU)
    assert (draft.state, draft.reason) == ("open", "Too late")


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"metrics__odr__red": "0.001"}, "red must be above yellow"),
        ({"metrics__odr__red": "0.01"}, "nothing is changed"),
    ],
)
def test_unfit_draft_is_not_submitted(values: dict[str, Any], reason: str) -> None:
    draft = a_draft(**values)
    with pytest.raises(PolicyRefusedError, match=reason):
        submit_draft(draft=draft, version=draft.version, at=AT, actor=LIN)
    draft.refresh_from_db()
    assert draft.state == "open"


@pytest.mark.sqlite_only
def test_draft_over_an_old_base_is_laid_over_the_new_one_first() -> None:
    draft = a_draft()
    data = {**SHIPPED, **changes_of(judging__streak_days=5)}
    latest = publish_policy(data=data, effective_from=BEGINS, author="Wu", note="", at=AT)
    with pytest.raises(PolicyRefusedError, match="another version was published since"):
        submit_draft(draft=draft, version=draft.version, at=AT, actor=LIN)
    assert rebase_draft(draft=draft, version=draft.version, at=AT, actor=LIN)
    assert (draft.base, list(draft.changes)) == (latest, ["metrics.odr.red"])
    submit_draft(draft=draft, version=draft.version, at=AT, actor=LIN)
    version = confirm_draft(draft=draft, version=draft.version, author="Lin", at=AT, actor=ZHOU)
    assert version is not None
    assert version.data["judging.streak_days"]["value"] == 5


@pytest.mark.sqlite_only
def test_discarded_draft_stays_and_can_not_be_changed() -> None:
    draft = a_draft()
    assert discard_draft(draft=draft, version=draft.version, at=AT, actor=LIN)
    assert not save(draft, {})
    assert PolicyDraft.objects.get().state == "discarded"


# ── What is wrong, and what a preview takes ──


@pytest.mark.sqlite_only
def test_value_that_can_not_be_read_hides_no_contradiction() -> None:
    changes = changes_of(judging__streak_days="three", metrics__odr__red="0.001")
    assert sorted({problem.place for problem in find_problems(SHIPPED, changes)}) == [
        "judging.streak_days",
        "metrics.odr.red",
    ]


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-14")
def test_wrong_and_counting_changes_are_not_in_a_preview() -> None:
    changes = changes_of(
        metrics__odr__red="0.001",
        metrics__late_dispatch__yellow="0.03",
        counting__silence_hours=40,
        appeals__window_days=9,
    )
    assert sound_changes(SHIPPED, changes).keys() == changes.keys() - {"metrics.odr.red"}
    assert list(judged_changes(SHIPPED, changes)) == ["metrics.late_dispatch.yellow"]


@pytest.mark.sqlite_only
def test_removed_parameter_is_a_change() -> None:
    assert real_changes(SHIPPED, {"calendar.years.2028.off": None, "calendar.years.2035.off": None}) == {
        "calendar.years.2028.off": None
    }
