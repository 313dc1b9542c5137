"""Tokens: sealed, refreshed once though two workers want to, lifetimes as the platform says (IX-25)."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection as database

from core.models import Event
from core.sealing import reseal_all
from core.secrets import UnsealError
from intake.connectors.alarms import warn_of_ends
from intake.connectors.aliexpress import authorization
from intake.connectors.connecting import NotAuthorisedError, authorise, disconnect, set_up_connection
from intake.connectors.credentials import opened
from intake.connectors.errors import SessionEndedError
from intake.connectors.tokens import Tokens, refresh_tokens, should_refresh
from intake.models import StoreConnection
from orders.models import Order
from tests.intake.connectors.aliexpress_platform import APP_KEY, APP_SECRET
from tests.intake.connectors.shop import CODE, NOW, connect, connected_shop, run, shop
from tests.intake.killing import KilledError

pytestmark = pytest.mark.rule("IX-25")


@pytest.fixture
def connected(settings: Any) -> Any:
    with connected_shop(settings) as both:
        yield both


def refresh(connection: StoreConnection) -> StoreConnection:
    return refresh_tokens(connection, lambda token: authorization.refresh(connection, token), now=lambda: NOW)


# ── Two workers ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_that_refresh_one_asks_and_both_have_its_token(connected):
    platform, connection = connected
    platform.refreshed = 0
    found: list[str] = []
    barrier = threading.Barrier(2)

    def work() -> None:
        try:
            mine = StoreConnection.objects.get(pk=connection.pk)
            barrier.wait(10)
            found.append(opened(refresh(mine), "access_token"))
        finally:
            database.close()

    workers = [threading.Thread(target=work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert (found, platform.refreshed) == ([platform.access, platform.access], 1)
    connection.refresh_from_db()
    assert opened(connection, "refresh_token") == platform.refresh
    assert connection.refreshing_until is None


@pytest.mark.django_db
@pytest.mark.sqlite_only
def test_a_worker_with_old_tokens_takes_the_new_ones(connected):
    platform, connection = connected
    late = StoreConnection.objects.get(pk=connection.pk)
    refresh(connection)
    assert opened(refresh(late), "access_token") == platform.access
    assert platform.refreshed == 2


@pytest.mark.django_db
@pytest.mark.sqlite_only
def test_a_lease_of_a_worker_that_died_while_refreshing_ends(connected):
    platform, connection = connected
    rows = StoreConnection.objects.filter(pk=connection.pk)
    rows.update(refreshing_until=NOW - timedelta(seconds=1))
    assert opened(refresh(connection), "access_token") == platform.access


@pytest.mark.django_db
@pytest.mark.rule("RL-01")
def test_tokens_that_die_with_their_worker_need_a_person_once_and_nothing_is_missed(connected):
    """The platform voids the former refresh token when it gives a new one: nobody has any of the two then."""
    platform, connection = connected
    shop(platform)

    def die_with_the_answer(token: str) -> Tokens:
        authorization.refresh(connection, token)
        raise KilledError

    with pytest.raises(KilledError):
        refresh_tokens(connection, die_with_the_answer, now=lambda: NOW)
    later = NOW + timedelta(minutes=2)
    assert run(later).turns == {"reconnect": 1}
    assert run(later).turns == {}
    assert [event.after["problem"] for event in Event.objects.filter(kind="connector.stopped")] == ["session"]
    with time_machine.travel(later, tick=False):
        connection.refresh_from_db()
        authorise(connection=connection, code=CODE, actor="person:1", at=later)
    assert run(later).turns == {"done": 1}
    assert Order.objects.count() == 12


@pytest.mark.django_db
@pytest.mark.sqlite_only
def test_a_refresh_that_is_refused_leaves_the_row_free(connected):
    platform, connection = connected
    platform.refresh = "revoked"
    with pytest.raises(SessionEndedError):
        refresh(connection)
    connection.refresh_from_db()
    assert connection.refreshing_until is None


# ── Lifetimes ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
@pytest.mark.sqlite_only
def test_lifetimes_are_those_of_the_answer_and_an_old_refresh_token_stays_if_none_comes(connected):
    platform, connection = connected
    assert (connection.access_until, connection.refresh_until) == (NOW + timedelta(days=30), NOW + timedelta(days=60))
    assert connection.account == "2671514005"
    platform.rotates = False
    before = opened(connection, "refresh_token")
    assert opened(refresh(connection), "refresh_token") == before == platform.refresh
    assert not should_refresh(connection, NOW + timedelta(days=28))
    assert should_refresh(connection, NOW + timedelta(days=29))


@pytest.mark.django_db
@pytest.mark.sqlite_only
def test_a_token_that_ends_soon_is_refreshed_before_it_is_used(connected):
    platform, connection = connected
    platform.refreshed = 0
    assert run(NOW + timedelta(days=29, hours=1)).turns == {"done": 1}
    assert platform.refreshed == 1
    connection.refresh_from_db()
    assert connection.access_until >= NOW + timedelta(days=59, hours=1)


@pytest.mark.django_db
@pytest.mark.sqlite_only
def test_the_company_is_warned_30_and_7_days_before_the_end_once_each(connected):
    _platform, connection = connected

    def warned(days: int) -> list[int]:
        warn_of_ends(at=connection.refresh_until - timedelta(days=days))
        return [event.after["days"] for event in Event.objects.filter(kind="connector.ending").order_by("pk")]

    assert [warned(31), warned(30), warned(29), warned(7), warned(6)] == [[], [30], [30], [30, 7], [30, 7]]


# ── Secrets ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
@pytest.mark.sqlite_only
@pytest.mark.rule("RL-13")
def test_secrets_are_sealed_in_their_row(connected):
    platform, connection = connected
    stored = StoreConnection.objects.values().get()
    assert not [text for text in map(str, stored.values()) if APP_SECRET in text or platform.access in text]
    with time_machine.travel(NOW, tick=False):
        other = connect("S2")
    other.app_secret = connection.app_secret
    with pytest.raises(UnsealError):
        opened(other, "app_secret")


@pytest.mark.django_db
@pytest.mark.sqlite_only
def test_secrets_are_sealed_anew_by_a_new_key(connected, settings):
    platform, connection = connected
    settings.ENCRYPTION_KEYS = ["a new key", *settings.ENCRYPTION_KEYS]
    assert {done.resealed for name, done in reseal_all().items() if "StoreConnection" in name} == {1}
    settings.ENCRYPTION_KEYS = ["a new key"]
    connection.refresh_from_db()
    assert (opened(connection, "app_secret"), opened(connection, "access_token")) == (APP_SECRET, platform.access)
    settings.ENCRYPTION_KEYS = ["lost"]
    assert run(NOW).turns == {"reconnect": 1}
    connection.refresh_from_db()
    assert connection.problem == "sealed"


@pytest.mark.django_db
@pytest.mark.sqlite_only
def test_disconnecting_deletes_the_secrets_and_connecting_again_needs_the_same_account(connected):
    platform, connection = connected
    disconnect(connection=connection, actor="person:1", at=NOW)
    connection.refresh_from_db()
    assert (connection.app_secret, connection.access_token, connection.refresh_token) == ("", "", "")
    assert run(NOW).turns == {}
    application = {"kind": "aliexpress", "region": "sg", "app_key": APP_KEY, "app_secret": APP_SECRET}
    again = set_up_connection(store=connection.store, actor="person:1", at=NOW, **application)
    assert again.pk == connection.pk
    platform.account = "1"
    with pytest.raises(NotAuthorisedError) as caught:
        authorise(connection=again, code=CODE, actor="person:1", at=NOW)
    assert caught.value.problem == "account"
    platform.account = "2671514005"
    authorise(connection=again, code=CODE, actor="person:1", at=NOW)
    assert run(NOW).turns == {"done": 1}


@pytest.mark.django_db
@pytest.mark.sqlite_only
@pytest.mark.parametrize(("changes", "problem"), [({"code": "wrong"}, "code"), ({"app_secret": "wrong"}, "signature")])
def test_what_the_platform_refuses_is_told(settings, changes, problem):
    with connected_shop(settings) as (_platform, connection):
        disconnect(connection=connection, actor="person:1", at=NOW)
        application = {"kind": "aliexpress", "region": "sg", "app_key": APP_KEY}
        secret = changes.get("app_secret", APP_SECRET)
        again = set_up_connection(store=connection.store, actor="p", at=NOW, app_secret=secret, **application)
        with pytest.raises(NotAuthorisedError) as caught:
            authorise(connection=again, code=changes.get("code", CODE), actor="person:1", at=NOW)
    assert caught.value.problem == problem
