"""Protected events and corrections in the admin: drafted, previewed, applied, withdrawn (BX-01, BX-03, PG-20)."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from appeals.models import CorrectionReport, ProtectedEvent
from appeals.services.protecting import work_events
from core.models import Event
from orders.models import Exclusion, Order
from stores.models import Carrier
from tests.appeals.corrected import DECIDED, accept, judged, late_orders, make_store
from tests.appeals.test_protecting import applied, draft
from tests.dashboard.test_pages import words_of
from tests.outbox import deliver
from tests.stores.people import client_of, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]
ADD = "admin:appeals_protectedevent_add"
GIVEN = {
    "kind": "carrier", "title": "Strike", "reason": "The carrier collected nothing.",
    "starts_at_0": "2026-03-08", "starts_at_1": "00:00:00", "ends_at_0": "2026-03-09", "ends_at_1": "00:00:00",
    "extend_hours": "0", "metrics": ["late_dispatch"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with time_machine.travel(DECIDED, tick=False):
        yield


def staff(role: str) -> Client:
    client = client_of(make_staff(role.replace(" ", ""), role))
    client.cookies["language"] = "en"
    return client


def page(client: Client, event: ProtectedEvent, query: str = "") -> str:
    response = client.get(reverse("admin:appeals_protectedevent_change", args=[event.pk]) + query)
    assert response.status_code == 200
    return words_of(response.content.decode().replace("\u00a0", " "))


def post(client: Client, name: str, pk: int, **given: Any) -> str:
    response = client.post(reverse(f"admin:appeals_{name}", args=[pk]), given, follow=True)
    assert response.status_code == 200
    return words_of(response.content.decode())


@pytest.mark.rule("BX-01", "PG-20")
def test_event_is_drafted_previewed_applied_and_withdrawn_by_a_senior_reviewer():
    store = make_store()
    judged(store)
    client = staff("senior reviewer")
    assert client.post(reverse(ADD), GIVEN).status_code == 302
    event = ProtectedEvent.objects.get()
    assert (event.number, event.state, event.metrics) == ("EV20260312-0001", "draft", ["late_dispatch"])
    changed = {**GIVEN, "title": "Strike of March"}
    assert client.post(reverse("admin:appeals_protectedevent_change", args=[event.pk]), changed).status_code == 302
    assert "Apply the event" not in page(client, event)
    Carrier.objects.create(code="OWN", name="Own Courier")
    Order.objects.filter(store=store).update(carrier="OWN", site="ES")
    preview = page(client, event, "?preview=1")
    assert preview.count("Own Courier Spain") == 4
    assert "4 orders of 1 store." in preview
    assert "Late dispatch: 4 of them are failures at present." in preview
    assert "in force" in post(client, "protectedevent_apply", event.pk)
    assert "It is no draft any more." in post(client, "protectedevent_apply", event.pk)
    assert "0 of 1 parts done" in page(client, event)
    work_events(at=DECIDED)
    assert "1 of 1 parts done; stores corrected: 1, orders: 4." in page(client, event)
    assert Exclusion.objects.count() == 4
    assert "Give a reason" in post(client, "protectedevent_withdraw", event.pk, reason=" ")
    post(client, "protectedevent_withdraw", event.pk, reason="It was no strike.")
    work_events(at=DECIDED)
    assert not Exclusion.objects.exists()
    kinds = Event.objects.filter(subject_kind="protected_event").order_by("id").values_list("kind", flat=True)
    assert [kind.partition(".")[2] for kind in kinds] == ["added", "changed", "applied", "withdrawn"]


@pytest.mark.rule("BX-01")
@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"metrics": []}, "Extend deadlines, or choose metrics of which the orders are no failure."),
        ({"ends_at_0": "2026-03-07"}, "It ends before it begins."),
        ({"extend_hours": "1441"}, "less than or equal to 1440"),
    ],
)
def test_event_that_does_nothing_or_makes_no_sense_is_refused(given, text):
    response = staff("senior reviewer").post(reverse(ADD), {**GIVEN, **given})
    assert text in words_of(response.content.decode())
    assert not ProtectedEvent.objects.exists()


@pytest.mark.rule("BX-01", "DM-02")
def test_reviewers_read_events_and_apply_none():
    event = draft(metrics=["late_dispatch"])
    client = staff("reviewer")
    assert "Apply the event" not in page(client, event, "?preview=1")
    for action in ("apply", "withdraw", "restart"):
        address = reverse(f"admin:appeals_protectedevent_{action}", args=[event.pk])
        assert client.post(address, {"reason": "x"}).status_code == 403
    assert client.post(reverse(ADD), GIVEN).status_code == 403


@pytest.mark.rule("BX-01")
def test_event_in_force_is_not_changed():
    make_store()
    event = draft(metrics=["late_dispatch"])
    applied(event)
    address = reverse("admin:appeals_protectedevent_change", args=[event.pk])
    assert staff("senior reviewer").post(address, GIVEN).status_code == 403


@pytest.mark.rule("BX-03", "DM-34")
def test_correction_of_an_appeal_is_taken_back_once():
    store = make_store()
    accept(store, late_orders(store)[:3], notice=judged(store))
    deliver()
    report, client = CorrectionReport.objects.get(), staff("senior reviewer")
    assert "is taken back" in post(client, "correctionreport_withdraw", report.pk)
    assert "It was taken back already." in post(client, "correctionreport_withdraw", report.pk)
    assert not Exclusion.objects.exists()
    address = reverse("admin:appeals_correctionreport_withdraw", args=[report.pk])
    assert staff("reviewer").post(address).status_code == 403


@pytest.mark.rule("PG-20")
def test_event_in_force_names_its_carriers_and_sites():
    Carrier.objects.create(code="OWN", name="Own Courier")
    event = draft(carriers=["OWN", "unknown"], sites=["ES"])
    applied(event)
    shown = page(staff("senior reviewer"), event)
    assert "Own Courier, unknown" in shown
    assert "Spain" in shown
