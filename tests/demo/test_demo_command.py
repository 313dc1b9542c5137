"""``demo`` and its removal as their users call them (IX-15, IX-03)."""

import json
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from appeals.models import Appeal, CorrectionReport
from appeals.rules import AppealKind, AppealState
from core.models import Event, OutboxEntry
from disputes.models import Arbitration, DisputeAnswer, ListingImage
from evidence.models import EvidenceFile
from insights.models import WarningModel
from insights.services.training import train_model
from metrics.models import Published
from notifications.models import Connection, Delivery, ImprovementPlan, Notice, WebhookDelivery, WebhookEndpoint
from notifications.rules import State
from notifications.services.connections import address_of
from orders.models import LogisticsClaim, Order, Refund, RiskCase, Shipment
from stores.models import Company, Membership, Store, User
from stores.purging import demo_companies
from tests.demo.half_english import english_left, names_in_the_data
from tests.demo.others import OWN, make_others, rows_of
from tests.stores.people import client_of, enrol

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-15")]


SIGN_IN_PAGES = ("account_login", "account_reset_password", "account_reset_password_done", "account_signup")
OWN_PAGES = ("stores:profile", "mfa_index", "usersessions_list", "account_change_password", "account_logout")


@pytest.fixture(scope="module")
def others(kept_rows: None) -> tuple[Company, dict[str, Any]]:
    """A company beside the demo, and its rows before the demo was built."""
    company = make_others()
    return company, rows_of(company)


@pytest.fixture(scope="module")
def people(others: Any) -> dict[str, str]:
    """The passwords of the demo, by e-mail address: one that was killed on its first step, then built anew. It is as
    large as `make run` makes it, and made once: it costs more than all tests of it."""
    Company.objects.create(company_no="C1001", name="Killed", is_demo=True)
    out = StringIO()
    # What an import notes comes in the language of whoever imports.
    with override("zh-hans"):
        call_command("demo", "--reset", "--json", stdout=out)
    return {row["email"]: row["password"] for row in json.loads(out.getvalue())["sign_ins"]}


@pytest.mark.rule("PN-33", "AP-01")
def test_every_state_of_notices_appeals_and_plans_occurs(people: dict[str, str]) -> None:
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
    # Beside data of others the demo trains no model; its own orders are enough to learn from.
    assert not WarningModel.objects.exists()
    assert isinstance(train_model(at=Published.objects.latest("computed_at").computed_at), WarningModel)
    assert not OutboxEntry.objects.exists()
    assert_copyright_notices_have_pictures_and_states()
    assert_chats_and_webhooks_send_nothing()


def assert_copyright_notices_have_pictures_and_states() -> None:
    states = set(Notice.objects.filter(metric="copyright").values_list("state", flat=True))
    assert states >= {State.ISSUED, State.HISTORICAL}
    assert ListingImage.objects.exclude(picture="").count() > 5


def assert_chats_and_webhooks_send_nothing() -> None:
    chats = list(Connection.objects.all())
    assert {chat.channel for chat in chats} == {"dingtalk", "feishu", "wecom"}
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.state, {chat.state for chat in chats}) == ("disabled", {"stopped"})
    addresses = [endpoint.url, *(address_of(chat)[0] for chat in chats)]
    assert all(str(urlsplit(address).hostname).endswith(".example.com") for address in addresses)
    assert not Delivery.objects.exclude(connection=None).exists()
    assert not Delivery.objects.exclude(subscription=None).exists()
    assert not WebhookDelivery.objects.exists()


@pytest.mark.rule("PG-22", "DM-12")
def test_no_page_is_left_half_english(people: dict[str, str]) -> None:
    """The demo is walked through in Chinese."""
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


def test_a_demo_built_anew_changes_nothing_of_others(
    people: dict[str, str], others: tuple[Company, dict[str, Any]]
) -> None:
    company, before = others
    assert {label for label, rows in before.items() if rows} >= {
        *("orders.Order", "orders.Review", "orders.Message", "orders.RiskCase", "notifications.Notice", "metrics.Fact"),
    }
    assert rows_of(company) == before


@pytest.mark.rule("IX-03")
def test_demo_comes_whole_and_goes_whole(people: dict[str, str]) -> None:
    assert {company.company_no for company in demo_companies()} == {"C1001", "C1002", "C1003"}
    assert Store.objects.filter(company__is_demo=True).count() == 12
    assert Published.objects.exists()
    assert User.objects.get(email="owner@example.com").check_password(people["owner@example.com"])
    assert set(Membership.objects.filter(company__company_no="C1001").values_list("role", flat=True)) == {
        *("owner", "manager", "analyst"),
    }
    out = StringIO()
    call_command("demo", "--if-empty", stdout=out)
    assert User.objects.get(email="owner@example.com").check_password(people["owner@example.com"])
    call_command("remove_company", "--demo", "--yes", stdout=out)
    assert list(Company.objects.values_list("company_no", flat=True)) == [OWN]
    assert not Order.objects.exclude(store__company__company_no=OWN).exists()
    assert Event.objects.filter(kind="company.removed", actor="command:remove_company").count() == 3
