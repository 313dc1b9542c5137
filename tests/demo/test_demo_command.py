"""``demo`` and its removal as their users call them (IX-15, IX-03)."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from appeals.models import Appeal, CorrectionReport
from appeals.rules import AppealKind, AppealState
from core.models import Event, OutboxEntry
from disputes.models import Arbitration, DisputeAnswer
from evidence.models import EvidenceFile
from insights.models import WarningModel
from metrics.models import Published
from notifications.models import ImprovementPlan, Notice
from notifications.rules import State
from orders.models import LogisticsClaim, Order, Refund, RiskCase, Shipment
from stores.models import Company, Membership, Store, User
from stores.purging import demo_companies

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.rule("IX-15")]


@pytest.mark.rule("IX-03")
def test_demo_comes_whole_and_goes_whole() -> None:
    out = StringIO()
    call_command("demo", "--scale", "0.03", "--nights", "3", "--json", stdout=out)
    people = {row["email"]: row["password"] for row in json.loads(out.getvalue())["sign_ins"]}
    assert {company.company_no for company in demo_companies()} == {"C1001", "C1002", "C1003"}
    assert Store.objects.count() == 12
    assert Published.objects.exists()
    assert User.objects.get(email="owner@example.com").check_password(people["owner@example.com"])
    assert set(Membership.objects.filter(company__company_no="C1001").values_list("role", flat=True)) == {
        *("owner", "manager", "analyst"),
    }
    call_command("demo", "--if-empty", stdout=out)
    assert User.objects.get(email="owner@example.com").check_password(people["owner@example.com"])
    call_command("remove_company", "--demo", "--yes", stdout=out)
    assert not Company.objects.exists()
    assert not Order.objects.exists()
    assert Event.objects.filter(kind="company.removed").count() == 3


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-33", "AP-01")
def test_every_state_of_notices_appeals_and_plans_occurs() -> None:
    call_command("demo", "--json", stdout=StringIO())
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


def test_demo_does_not_mix_with_data_of_others() -> None:
    Company.objects.create(company_no="OWN", name="Own")
    with pytest.raises(CommandError, match="data of others"):
        call_command("demo", "--scale", "0.03")
    call_command("demo", "--if-empty")
    assert list(Company.objects.values_list("company_no", flat=True)) == ["OWN"]
