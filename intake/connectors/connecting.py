"""What people do with a connection: connect, pause, go on, run now, disconnect; all compare and swap (IX-25, RL-06)."""

import secrets as tokens_of
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from core.secrets import UnsealError
from intake.connectors.alarms import record
from intake.connectors.credentials import SECRETS, sealed
from intake.connectors.errors import PlatformError, SignatureRefusedError, TransientError
from intake.connectors.registry import KINDS
from intake.connectors.tokens import Tokens, token_columns
from intake.connectors.waking import wake_worker
from intake.models import ConnectionFeed, ConnectionRun, StoreConnection
from stores.models import Store

State, Problem = StoreConnection.State, StoreConnection.Problem


class ConnectionChangedError(RuntimeError):
    """Somebody else was first."""


class NotAuthorisedError(RuntimeError):
    """The platform gave no tokens; ``problem`` says why."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


@transaction.atomic
def set_up_connection(
    *, store: Store, kind: str, region: str, app_key: str, app_secret: str, actor: str, at: datetime
) -> StoreConnection:
    """Keep the application of a store; a person then authorises it. A connection that is there keeps its data and
    history and is authorised anew. Raises ConnectionChangedError while it is connected."""
    existing = StoreConnection.objects.select_for_update().filter(store=store).first()
    if existing is not None and existing.state in (State.ACTIVE, State.PAUSED):
        raise ConnectionChangedError
    key = existing.key if existing else tokens_of.token_hex(16)
    columns = {
        "kind": kind,
        "region": region,
        "app_key": app_key,
        "app_secret": sealed(key, "app_secret", app_secret),
        "state": State.NEW,
        "problem": "",
    }
    connection, made = StoreConnection.objects.update_or_create(
        store=store, defaults=columns, create_defaults={**columns, "key": key, "created_at": at}
    )
    names = [feed.name for feed in KINDS[kind].feeds] if made else []
    ConnectionFeed.objects.bulk_create([ConnectionFeed(connection=connection, name=name) for name in names])
    record(connection, "connector.set_up", at, actor=actor, after={"kind": kind, "region": region, "app_key": app_key})
    return connection


def authorise(*, connection: StoreConnection, code: str, actor: str, at: datetime) -> None:
    """Exchange the code for tokens and start pulling. Raises NotAuthorisedError, ConnectionChangedError,
    TransientError."""
    try:
        tokens = KINDS[connection.kind].exchange(connection, code)
    except TransientError:
        raise
    except SignatureRefusedError:
        raise NotAuthorisedError(Problem.SIGNATURE) from None
    except UnsealError:
        raise NotAuthorisedError(Problem.SEALED) from None
    except PlatformError:
        raise NotAuthorisedError(Problem.CODE) from None
    _keep(connection, tokens, actor, at)


@transaction.atomic
def _keep(connection: StoreConnection, tokens: Tokens, actor: str, at: datetime) -> None:
    if connection.account and tokens.account and tokens.account != connection.account:
        # Two shops' data must not mix in one store.
        raise NotAuthorisedError(Problem.ACCOUNT)
    rows = StoreConnection.objects.filter(pk=connection.pk, version=connection.version)
    changed = rows.exclude(state=State.DISCONNECTED).update(
        **token_columns(connection, tokens, at),
        account=tokens.account or connection.account,
        state=State.ACTIVE,
        problem="",
        reason="",
        failures=0,
        attempts=0,
        retry_at=None,
        next_run_at=at,
    )
    if not changed:
        raise ConnectionChangedError
    _forget_failures(connection)
    record(connection, "connector.connected", at, actor=actor, after={"kind": connection.kind})
    transaction.on_commit(wake_worker)


def _forget_failures(connection: StoreConnection) -> None:
    """What a person has mended is tried at once."""
    connection.feeds.exclude(retry_at=None).update(retry_at=None)


@transaction.atomic
def pause_connection(*, connection: StoreConnection, actor: str, at: datetime) -> None:
    """Pull nothing until it goes on; a run under way stops within seconds. Raises ConnectionChangedError."""
    rows = StoreConnection.objects.filter(pk=connection.pk, state=State.ACTIVE)
    if not rows.update(state=State.PAUSED, next_run_at=None):
        raise ConnectionChangedError
    _end_waiting_run(connection, at)
    record(connection, "connector.paused", at, actor=actor)


@transaction.atomic
def resume_connection(*, connection: StoreConnection, actor: str, at: datetime) -> None:
    """Pull again, from where it stopped. Raises ConnectionChangedError."""
    rows = StoreConnection.objects.filter(pk=connection.pk, state=State.PAUSED)
    if not rows.update(state=State.ACTIVE, next_run_at=at, attempts=0, retry_at=None):
        raise ConnectionChangedError
    record(connection, "connector.resumed", at, actor=actor)
    transaction.on_commit(wake_worker)


@transaction.atomic
def sync_now(*, connection: StoreConnection, actor: str, at: datetime) -> bool:
    """Have a connection run at once, feeds that could not go on as well. False: a run is under way or asked for
    already. Raises ConnectionChangedError if it is not connected."""
    connection = StoreConnection.objects.select_for_update().get(pk=connection.pk)
    if connection.state != State.ACTIVE:
        raise ConnectionChangedError
    run = connection.runs.filter(state__in=[ConnectionRun.State.RUNNING, ConnectionRun.State.WAITING]).first()
    if run is not None:
        return False
    ConnectionRun.objects.create(connection=connection, actor=actor, started_at=at, state=ConnectionRun.State.WAITING)
    rows = StoreConnection.objects.filter(pk=connection.pk)
    rows.update(next_run_at=at, requested_at=at, attempts=0, retry_at=None)
    _forget_failures(connection)
    record(connection, "connector.asked", at, actor=actor)
    transaction.on_commit(wake_worker)
    return True


@transaction.atomic
def disconnect(*, connection: StoreConnection, actor: str, at: datetime) -> None:
    """Delete the secrets and stop; what was pulled stays. Raises ConnectionChangedError if it is disconnected."""
    rows = StoreConnection.objects.filter(pk=connection.pk).exclude(state=State.DISCONNECTED)
    nothing = dict.fromkeys(SECRETS, "")
    ended: dict[str, Any] = {"access_until": None, "refresh_until": None, "token_at": None, "warned_days": None}
    # The version rises, so that a refresh under way brings no token back.
    ended |= {
        "version": F("version") + 1,
        "state": State.DISCONNECTED,
        "problem": "",
        "reason": "",
        "next_run_at": None,
    }
    if not rows.update(**nothing, **ended):
        raise ConnectionChangedError
    _end_waiting_run(connection, at)
    record(connection, "connector.disconnected", at, actor=actor)


def _end_waiting_run(connection: StoreConnection, at: datetime) -> None:
    """A run that nobody is at has ended; one that a worker holds ends by itself."""
    waiting = connection.runs.filter(state=ConnectionRun.State.WAITING)
    waiting.update(state=ConnectionRun.State.STOPPED, finished_at=at)
