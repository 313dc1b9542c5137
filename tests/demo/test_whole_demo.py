"""The demo as `make run` makes it: everything that may happen has happened (IX-15)."""

from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command

from appeals.models import Appeal, CorrectionReport
from appeals.rules import AppealKind, AppealState
from core.models import OutboxEntry
from disputes.models import Arbitration, DisputeAnswer, ListingImage
from evidence.models import EvidenceFile
from insights.models import WarningModel
from notifications.models import Connection, Delivery, ImprovementPlan, Notice, WebhookDelivery, WebhookEndpoint
from notifications.rules import State
from notifications.services.connections import address_of
from orders.models import LogisticsClaim, Refund, RiskCase, Shipment

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-15")]


@pytest.fixture(scope="module")
def demo(kept_rows: None) -> None:
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
