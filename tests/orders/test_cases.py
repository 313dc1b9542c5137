"""Risk cases: one for each cause, decided once (TM-07, PN-35, AF-12)."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import Q

from core.models import Event
from orders import cases
from orders.cases import CaseKind, declare_case_kinds
from orders.models import RiskCase
from orders.services.cases import decide_risk_case, open_risk_case
from stores.claims import claim
from stores.models import Membership, Store
from stores.roles import REVIEWER
from tests.orders.build import HOUR, NOW
from tests.stores.people import make_staff, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def some_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "_kinds", dict(cases._kinds))
    declare_case_kinds(
        CaseKind("some", "TM-07", "Some", "Is it?", "It is.", "It is not.", lambda case: [], lambda case: "/")
    )


@pytest.fixture
def store() -> Store:
    return make_store()


def opened(store: Store, dedupe: str = "A1", **more: object) -> RiskCase:
    given = {"kind": "some", "subject_kind": "order", "subject_key": "A1", "facts": {"days": 5}, "at": NOW}
    return open_risk_case(store=store, dedupe=dedupe, **{**given, **more})


def test_case_is_opened_once_per_cause_and_store(store: Store) -> None:
    first, again = opened(store), opened(store, at=NOW + HOUR, facts={})
    assert (again, again.opened_at, again.facts) == (first, NOW, {"days": 5})
    other = make_store("S2")
    assert len({first, opened(store, "A2"), opened(other)}) == 3
    assert list(Event.objects.values_list("kind", flat=True)) == ["risk_case.opened"] * 3


def test_unknown_kind_is_refused(store: Store) -> None:
    with pytest.raises(LookupError):
        opened(store, kind="unknown")


@pytest.mark.parametrize(("confirmed", "state"), [(True, "confirmed"), (False, "dismissed")])
def test_case_is_decided_once(store: Store, confirmed: bool, state: str) -> None:
    case, judge, other = opened(store), make_staff("judge", REVIEWER), make_staff("other", REVIEWER)
    assert decide_risk_case(case=case, confirmed=confirmed, reason=" seen ", reviewer=judge, at=NOW + HOUR)
    late = RiskCase.objects.get()
    assert not decide_risk_case(case=late, confirmed=not confirmed, reason="no", reviewer=other, at=NOW + HOUR)
    assert (late.state, late.decided_by, late.decided_at, late.reason) == (state, judge, NOW + HOUR, "seen")
    event = Event.objects.get(kind=f"risk_case.{state}")
    assert (event.store_no, event.actor, event.cause) == (store.store_no, f"person:{judge.pk}", "TM-07")
    assert event.after == {"case": "some", "subject_kind": "order", "subject": "A1", "reason": "seen"}


def test_claimed_case_is_decided_by_its_holder_only(store: Store) -> None:
    case, holder, other = opened(store), make_staff("judge", REVIEWER), make_staff("other", REVIEWER)
    waits = Q(state="open")
    assert claim(case, waits=waits, person=holder, at=NOW)
    assert not decide_risk_case(case=case, confirmed=True, reason="x", reviewer=other, at=NOW)
    assert decide_risk_case(case=case, confirmed=True, reason="x", reviewer=holder, at=NOW)
    assert not claim(case, waits=waits, person=other, at=NOW)


def test_verdict_needs_a_reason_and_a_judge_from_outside(store: Store) -> None:
    case, judge = opened(store), make_staff("judge", REVIEWER)
    with pytest.raises(ValueError, match="reason"):
        decide_risk_case(case=case, confirmed=True, reason="  ", reviewer=judge, at=NOW)
    Membership.objects.create(user=judge, company=store.company, role=Membership.Role.ANALYST)
    with pytest.raises(PermissionDenied):
        decide_risk_case(case=case, confirmed=True, reason="x", reviewer=judge, at=NOW)
    assert RiskCase.objects.get().state == "open"
