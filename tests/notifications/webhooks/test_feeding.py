"""Events become deliveries to the endpoints that want them, once each (IX-23, RL-02)."""

import json
from datetime import date, datetime, timedelta

import pytest

from core.models import Event
from core.sweeping import sweep
from metrics.catalogue import Calendar
from metrics.models import Published
from notifications.models import InboxMessage, WebhookDelivery, WebhookEndpoint
from notifications.services.reminding import REMINDER
from notifications.webhooks.feeding import feed_webhooks
from notifications.webhooks.kinds import declared_webhooks
from notifications.webhooks.ratings import queue_rating_changes
from stores.models import Store
from tests.notifications.build import DAY, judged, make_store, night_of, publish
from tests.notifications.webhooks.build import NOON, flag_orders, make_endpoint
from tests.outbox import deliver

pytestmark = [pytest.mark.rule("IX-23"), pytest.mark.django_db]
URL = "https://erp.example/hook"


def told(endpoint: WebhookEndpoint) -> list[str]:
    return list(endpoint.deliveries.order_by("id").values_list("kind", flat=True))


@pytest.mark.sqlite_only
def test_the_events_of_the_specification_are_offered():
    assert {kind.name for kind in declared_webhooks()} == {
        "notice.issued",
        "notice.escalated",
        "deadline.soon",
        "appeal.decided",
        "rating.changed",
        "import.finished",
        "risk.flagged",
        "penalty.applied",
        "penalty.ended",
    }


def test_a_body_says_what_happened_and_where_to_look(settings):
    settings.BASE_URL = "https://dianwei.example"
    store = make_store()
    endpoint, _secret = make_endpoint(store, URL)
    flag_orders(store)
    deliver()
    delivery = WebhookDelivery.objects.get()
    event = Event.objects.get(kind="risk.flagged")
    assert json.loads(delivery.body) == {
        "id": f"evt-{event.pk}",
        "type": "risk.flagged",
        "version": 1,
        "created_at": "2026-05-01T12:00:00+00:00",
        "company": "C-S1",
        "store": "S1",
        "url": "https://dianwei.example/stores/S1/risk/",
        "data": {"counts": {"late": 1}, "orders": {"late": ["O1"]}},
    }
    assert (delivery.endpoint, delivery.event_id, delivery.expires_at) == (
        endpoint,
        f"evt-{event.pk}",
        NOON + timedelta(hours=24),
    )


@pytest.mark.rule("RL-02")
def test_an_event_that_is_fed_twice_is_one_delivery():
    store = make_store()
    make_endpoint(store, URL)
    flag_orders(store)
    deliver()
    feed_webhooks(list(Event.objects.filter(kind="risk.flagged")))
    assert WebhookDelivery.objects.count() == 1


@pytest.mark.rule("RL-08")
def test_only_events_of_the_companys_chosen_stores_and_kinds_are_told():
    first, other = make_store("S1"), make_store("S9")
    second = make_store("S2", company=first.company)
    every, _secret = make_endpoint(first, URL)
    chosen, _secret = make_endpoint(first, URL, stores=(second,))
    without, _secret = make_endpoint(first, URL, kinds=("notice.issued",))
    for store in (first, second, other):
        flag_orders(store)
    deliver()
    assert [len(told(endpoint)) for endpoint in (every, chosen, without)] == [2, 1, 0]
    assert chosen.deliveries.get().store == second


@pytest.mark.rule("RL-19")
def test_events_of_before_a_store_was_moved_go_to_neither_company():
    store, other = make_store("S1"), make_store("S9")
    make_endpoint(store, URL)
    make_endpoint(other, URL)
    flag_orders(store)
    store.company = other.company
    store.save()
    deliver()
    assert WebhookDelivery.objects.count() == 0


@pytest.mark.sqlite_only
def test_a_red_notice_that_replaces_a_yellow_one_is_an_escalation():
    store = make_store()
    endpoint, _secret = make_endpoint(store, URL, kinds=("notice.issued", "notice.escalated"))
    judged(store, late_dispatch="yellow")
    judged(store, DAY + timedelta(days=1), late_dispatch="red")
    assert told(endpoint) == ["notice.issued", "notice.escalated"]
    issued, escalated = (json.loads(row.body)["data"] for row in endpoint.deliveries.order_by("id"))
    assert (issued["level"], escalated["level"], escalated["replaces"]) == ("yellow", "red", issued["number"])


def test_reminders_of_deadlines_are_told():
    store = make_store()
    endpoint, _secret = make_endpoint(store, URL, kinds=("deadline.soon",))
    judged(store, late_dispatch="red")
    sweep_until(night_of(DAY) + timedelta(hours=25))
    deliver()
    reminded = InboxMessage.objects.filter(kind__startswith=REMINDER)
    assert told(endpoint) == ["deadline.soon"] * reminded.count() != []
    data = json.loads(endpoint.deliveries.order_by("id")[0].body)["data"]
    assert (data["deadline"], data["due_at"]) == ("notice_view", (night_of(DAY) + timedelta(hours=72)).isoformat())


def sweep_until(at: datetime) -> None:

    sweep(at=at)


def rate(store: Store, day: date, rating: str) -> Published:
    row = publish(store, day, dsr="ok")
    Published.objects.filter(pk=row.pk).update(scorecard={"dsr": {"value": rating}})
    return row


def test_a_rating_that_was_published_with_another_value_is_told_once():
    store, steady = make_store("S1"), make_store("S2")
    endpoint, _secret = make_endpoint(store, URL, kinds=("rating.changed",))
    make_endpoint(steady, URL, kinds=("rating.changed",))
    for rated, before, after in ((store, "4.71", "4.69"), (steady, "4.80", "4.80")):
        rate(rated, DAY - timedelta(days=1), before)
        rate(rated, DAY, after)
    for _ in range(2):
        queue_rating_changes(day=DAY, at=NOON, calendar=Calendar.RATING)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.endpoint, delivery.event_id) == (endpoint, f"rating-{store.pk}-20260310")
    assert json.loads(delivery.body)["data"] == {"day": "2026-03-10", "rating": "4.69", "previous": "4.71"}


def test_what_an_endpoint_misses_while_switched_off_is_kept_as_failed():
    store = make_store()
    endpoint, _secret = make_endpoint(store, URL)
    WebhookEndpoint.objects.update(state="disabled")
    flag_orders(store)
    deliver()
    delivery = endpoint.deliveries.get()
    assert (delivery.state, delivery.reason) == ("failed", "disabled")


@pytest.mark.sqlite_only
def test_companies_without_webhooks_cost_one_query(django_assert_num_queries):
    store = make_store()
    flag_orders(store)
    events = list(Event.objects.all())
    with django_assert_num_queries(1):
        feed_webhooks(events)
