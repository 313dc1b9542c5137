"""Claims: several people reach for the same row, one gets it (RL-06)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.db.models import Q

from orders.models import RiskCase
from stores.claims import claim, hand_over, holder_of, people_who_may, release
from stores.models import Membership, User
from stores.roles import REVIEWER, SENIOR_REVIEWER
from tests.orders.build import NOW
from tests.stores.people import make_staff, make_store

OPEN = Q(state="open")
MINUTES, SECOND = timedelta(minutes=30), timedelta(seconds=1)


def row() -> RiskCase:
    return RiskCase.objects.create(store=make_store(), kind="k", subject_kind="order", subject_key="A", opened_at=NOW)


@pytest.mark.django_db
def test_claim_lasts_through_its_last_second() -> None:
    case, first, second = row(), make_staff("first", REVIEWER), make_staff("second", REVIEWER)
    assert claim(case, waits=OPEN, person=first, at=NOW)
    assert not claim(case, waits=OPEN, person=second, at=NOW + MINUTES)
    assert (case.claimed_by, case.claimed_until) == (first, NOW + MINUTES)
    seen = [holder_of(case, user=user, at=NOW + MINUTES) for user in (first, second)]
    assert [(one.name, one.mine) for one in seen if one] == [("first@example.com", True), ("first@example.com", False)]
    assert holder_of(case, user=first, at=NOW + MINUTES + SECOND) is None
    assert claim(case, waits=OPEN, person=second, at=NOW + MINUTES + SECOND)


@pytest.mark.django_db
def test_only_the_holder_releases_and_only_the_named_holder_is_relieved() -> None:
    case, first, second = row(), make_staff("first", REVIEWER), make_staff("second", REVIEWER)
    claim(case, waits=OPEN, person=first, at=NOW)
    assert not release(case, waits=OPEN, person=second)
    assert not hand_over(case, waits=OPEN, holder=second, to=second, at=NOW)
    assert hand_over(case, waits=OPEN, holder=first, to=second, at=NOW + SECOND)
    assert release(case, waits=OPEN, person=second)
    assert not hand_over(case, waits=Q(state="confirmed"), holder=None, to=first, at=NOW)


@pytest.mark.django_db
def test_members_of_the_company_are_no_judges_of_its_matters() -> None:
    store, member = make_store(), make_staff("member", REVIEWER)
    free, senior = make_staff("free", REVIEWER), make_staff("senior", SENIOR_REVIEWER)
    Membership.objects.create(user=member, company=store.company, role="owner")
    make_staff("outsider")
    assert list(people_who_may("orders.decide_riskcase", company_id=store.company_id)) == [free, senior]
    assert list(people_who_may("orders.reassign_riskcase", company_id=store.company_id)) == [senior]


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_claims() -> None:
    case = row()
    people = [make_staff(f"judge{place}", REVIEWER, factor=False) for place in range(4)]

    def reach(person: User) -> bool:
        try:
            return claim(RiskCase.objects.get(pk=case.pk), waits=OPEN, person=person, at=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(reach, people)) == [False, False, False, True]
