"""The demo as `make run` makes it: everything that may happen has happened, and no page is half English (IX-15)."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from appeals.models import Appeal, CorrectionReport
from appeals.rules import AppealKind, AppealState
from core.models import OutboxEntry
from disputes.models import Arbitration, DisputeAnswer
from evidence.models import EvidenceFile
from insights.models import WarningModel
from notifications.models import ImprovementPlan, Notice
from notifications.rules import State
from orders.models import LogisticsClaim, Refund, RiskCase, Shipment
from stores.models import User
from tests.demo.half_english import english_left, names_in_the_data
from tests.stores.people import client_of, enrol

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-15")]

SIGN_IN_PAGES = ("account_login", "account_reset_password", "account_reset_password_done", "account_signup")
OWN_PAGES = ("stores:profile", "mfa_index", "usersessions_list", "account_change_password", "account_logout")


@pytest.fixture(scope="module")
def demo(kept_rows: None) -> None:
    """The demo takes a minute to make, so its tests share it."""
    call_command("demo", "--json", stdout=StringIO())


@pytest.mark.rule("PN-33", "AP-01")
def test_every_state_of_notices_appeals_and_plans_occurs(demo: None) -> None:
    assert set(Notice.objects.values_list("state", flat=True)) == set(State)
    assert set(Appeal.objects.values_list("state", flat=True)) >= set(AppealState) - {AppealState.CLOSED}
    assert set(Appeal.objects.values_list("kind", flat=True)) == set(AppealKind)
    assert set(EvidenceFile.objects.values_list("kind", flat=True)) == {"pdf", "jpeg"}
    plans = ImprovementPlan.objects.filter(notice__state=State.PLAN)
    assert plans.filter(submitted_at=None).exists()
    assert plans.exclude(submitted_at=None).exists()
    assert CorrectionReport.objects.exists()
    assert set(LogisticsClaim.objects.values_list("kind", "state")) >= {
        ("pickup", "open"),
        ("pickup", "accepted"),
        ("false_delivery", "open"),
    }
    assert set(Refund.objects.values_list("state", flat=True)) >= {"requested", "partial", "refused", "completed"}
    assert Arbitration.objects.filter(ended_at=None).exists()
    assert Arbitration.objects.exclude(ended_at=None).exists()
    assert DisputeAnswer.objects.exclude(submitted_at=None).exists()
    assert Shipment.objects.filter(parcel_no=2).exists()
    assert RiskCase.objects.filter(kind="fake_dispatch").exists()
    assert WarningModel.objects.exists()
    assert not OutboxEntry.objects.exists()


@pytest.mark.rule("PG-22", "DM-12")
def test_no_page_is_left_half_english(demo: None) -> None:
    names = names_in_the_data()
    public = english_left(Client(), [reverse(name) for name in SIGN_IN_PAGES], names)
    owner = client_of(User.objects.get(email="owner@example.com"))
    own = english_left(owner, ["/", *(reverse(name) for name in OWN_PAGES)], names, engine=True)
    staff = User.objects.get(email="staff@example.com")
    enrol(staff)
    operations = english_left(client_of(staff), [reverse("admin:index")], names)
    assert sorted(public[0] | own[0] | operations[0]) == []
    assert own[1] > 40
    assert operations[1] > 40
