"""Runs connections that are due: claimed in turn, pulled feed by feed, settled (RL-01, RL-03, RL-18).

At most `CONNECTIONS_AT_ONCE` run over all workers, one of each company, and who was served longest ago comes first. A
turn ends after a while, so that one store's first pull, which may take hours, holds up nobody; the run goes on in the
next one. Waiting for a ban, or for a platform that is down, holds no worker: the row says when it may be tried again.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from core.events import SYSTEM
from core.leases import held, take_turn
from core.secrets import UnsealError
from intake.connectors import alarms
from intake.connectors.errors import (
    FeedError,
    ItemError,
    PermissionMissingError,
    PlatformError,
    RefusedArgumentsError,
    RemoteError,
    RetiredMethodError,
    SessionEndedError,
    SignatureRefusedError,
    ThrottledError,
    TransientError,
    UnfilteredError,
)
from intake.connectors.kinds import ConnectorKind, FeedKind, Session
from intake.connectors.pulling import CONNECTIONS, Pull, StoppedError, TurnOverError
from intake.connectors.registry import KINDS
from intake.models import ConnectionFeed, ConnectionRun, StoreConnection
from intake.pipeline.feeds import supply_feed
from metrics.services.runs import Clock

log = structlog.get_logger("dianwei.connections")

# A turn when others wait, and the longest of all; below the time limit of tasks.
SHARE_SECONDS = 45.0
TURN_SECONDS = 240.0
# A feed that can't go on until somebody acts is tried again so seldom; one that failed by chance after growing pauses.
LASTING_RETRY = timedelta(days=1)
FIRST_PAUSE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=2)
# Any number that nothing else locks.
CHOOSING = 0x1C025

GIVEN_UP = "its workers died"

State, FeedState, RunState = StoreConnection.State, ConnectionFeed.State, ConnectionRun.State
Problem = StoreConnection.Problem
LASTING: dict[type[FeedError], str] = {
    PermissionMissingError: FeedState.PERMISSION,
    RetiredMethodError: FeedState.RETIRED,
    RefusedArgumentsError: FeedState.ARGUMENTS,
    UnfilteredError: FeedState.UNFILTERED,
}


@dataclass(frozen=True)
class RunResult:
    """Turns by how they ended."""

    turns: Counter[str] = field(default_factory=Counter)


def run_connections(*, at: datetime, seconds: float = TURN_SECONDS) -> RunResult:
    """Give turns to connections that are due, until none is or the time is over."""
    clock = Clock(at)
    turns: Counter[str] = Counter()
    note_given_up(at=at)
    while clock.elapsed() < seconds and (connection := claim_next(at=clock.now())) is not None:
        turns[run_turn(connection, clock, seconds=seconds - clock.elapsed())] += 1
    return RunResult(turns)


def run_one(connection: StoreConnection, *, at: datetime) -> str:
    """Give turns to one connection until it is in step or has to wait; returns how the last one ended, ``busy`` where
    another worker has it or as many run as may."""
    clock = Clock(at)
    outcome = "busy"
    rows = StoreConnection.objects.filter(pk=connection.pk)
    while (claimed := claim_next(at=clock.now(), rows=rows)) is not None:
        outcome = run_turn(claimed, clock)
        if outcome != "turn over":
            break
    return outcome


# ── Choosing ───────────────────────────────────────────────────────────────────────────────────────────────────────


def due(at: datetime) -> QuerySet[StoreConnection]:
    """Connections whose time has come and that nobody holds."""
    rows = StoreConnection.objects.filter(state=State.ACTIVE, next_run_at__lte=at)
    return CONNECTIONS.ready(rows, at=at)


def claim_next(*, at: datetime, rows: QuerySet[StoreConnection] | None = None) -> StoreConnection | None:
    """The connection whose turn it is, claimed; None if none is due or as many run as may."""
    if not due(at).exists():
        return None
    with transaction.atomic():
        take_turn(CHOOSING)
        busy = list(held(StoreConnection.objects.all(), at=at).values_list("store__company", flat=True))
        if len(busy) >= int(settings.CONNECTIONS_AT_ONCE):
            return None
        chosen = due(at) if rows is None else due(at).filter(pk__in=rows.values("pk"))
        first = chosen.exclude(store__company__in=busy).order_by(
            F("turn_at").asc(nulls_first=True), "next_run_at", "pk"
        )
        key = first.values_list("pk", flat=True).first()
        claimed = CONNECTIONS.claim(StoreConnection.objects.filter(pk=key), at=at, turn_at=at) if key else []
    if not claimed:
        return None
    return StoreConnection.objects.select_related("store__company").get(pk=claimed[0].pk)


def others_wait(connection: StoreConnection, at: datetime) -> bool:
    """Whether another company's connection is due."""
    return due(at).exclude(store__company=connection.store.company_id).exists()


# ── A turn ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def run_turn(connection: StoreConnection, clock: Clock, *, seconds: float = TURN_SECONDS) -> str:
    """Pull for one turn; returns in a word how it ended."""
    kind = KINDS[connection.kind]
    at = clock.now()
    share = min(SHARE_SECONDS, seconds) if others_wait(connection, at) else seconds
    pull = Pull(connection, _open_run(connection, at), clock, time.monotonic() + share)
    try:
        _pull_all(kind, pull)
    except TurnOverError:
        return _go_on(pull, clock.now(), RunState.WAITING)
    except StoppedError:
        pull.save(state=RunState.STOPPED, finished_at=clock.now())
        CONNECTIONS.settle(connection, attempts=0, retry_at=None)
        return "stopped"
    except ThrottledError as error:
        wait = timedelta(seconds=error.seconds + 1)
        return _go_on(pull, clock.now() + wait, RunState.WAITING, reason=str(error))
    except (SessionEndedError, SignatureRefusedError, UnsealError) as error:
        return _disable(pull, _problem(error, connection, clock.now()), str(error), clock.now())
    except PlatformError as error:
        return _fail(pull, str(error), clock.now(), "unreachable")
    except Exception as error:
        # Of ours: the others' turns come all the same, and this one is tried again later.
        log.exception("connection failed", connection=connection.pk)
        return _fail(pull, type(error).__name__, clock.now(), "internal")
    return _finish(kind, pull, clock.now())


def _open_run(connection: StoreConnection, at: datetime) -> ConnectionRun:
    """The run that goes on, or a new one."""
    run = connection.runs.filter(state__in=[RunState.RUNNING, RunState.WAITING]).first()
    if run is None:
        return ConnectionRun.objects.create(connection=connection, actor=SYSTEM, started_at=at)
    ConnectionRun.objects.filter(pk=run.pk).update(state=RunState.RUNNING, reason="")
    run.state, run.reason = RunState.RUNNING, ""
    return run


def _pull_all(kind: ConnectorKind, pull: Pull) -> None:
    """Round after round over the feeds, a part of each, until none has more."""
    session = kind.open(pull)
    feeds = {feed.name: feed for feed in pull.connection.feeds.all()}
    for name in (one.name for one in kind.feeds if one.name not in feeds):
        feeds[name], _made = ConnectionFeed.objects.get_or_create(connection=pull.connection, name=name)
    able = [one for one in kind.feeds if _may_pull(feeds[one.name], pull.now)]
    left = able
    while left:
        more: set[str] = set()
        for one in left:
            if _pull_feed(one, feeds[one.name], session, pull):
                more.add(one.name)
        able = [one for one in able if _may_pull(feeds[one.name], pull.now)]
        left = _further(able, more)


def _further(feeds: Sequence[FeedKind], more: set[str]) -> list[FeedKind]:
    """Those that have more, and those that they give work."""
    further: list[FeedKind] = []
    for one in feeds:
        if one.name in more or any(giver.name in one.after for giver in further):
            further.append(one)
    return further


def _may_pull(feed: ConnectionFeed, at: datetime) -> bool:
    return feed.retry_at is None or feed.retry_at <= at


def _pull_feed(kind: FeedKind, feed: ConnectionFeed, session: Session, pull: Pull) -> bool:
    """A part of a feed; whether it has more. One that can't go on leaves the others alone."""
    pull.save(feed=kind.name)
    try:
        more = kind.pull(session, feed)
    except FeedError as error:
        _note_feed(feed, pull.now, state=LASTING[type(error)], reason=str(error), retry_at=pull.now + LASTING_RETRY)
        return False
    except (ItemError, RemoteError) as error:
        # What ails one feed's answers need not ail the others'.
        pause = min(FIRST_PAUSE * (1 << min(feed.failures, 10)), LONGEST_PAUSE)
        _note_feed(feed, pull.now, state=FeedState.FAILING, reason=str(error), retry_at=pull.now + pause)
        return False
    except PlatformError as error:
        if isinstance(error, TransientError):
            _note_feed(feed, pull.now, state=FeedState.FAILING, reason=str(error))
        raise
    if not more:
        _note_success(feed, pull.now)
    return more


def _note_feed(feed: ConnectionFeed, at: datetime, **changes: object) -> None:
    feed.failures += 1
    feed.failed_at = at
    for name, value in changes.items():
        setattr(feed, name, str(value)[:300] if name == "reason" else value)
    feed.save(update_fields=["failures", "failed_at", *changes])


def _note_success(feed: ConnectionFeed, at: datetime) -> None:
    feed.state, feed.reason, feed.failures, feed.retry_at, feed.succeeded_at = FeedState.OK, "", 0, None, at
    feed.save(update_fields=["state", "reason", "failures", "retry_at", "succeeded_at"])


# ── How turns end ──────────────────────────────────────────────────────────────────────────────────────────────────


def _go_on(pull: Pull, at: datetime, state: str, *, reason: str = "") -> str:
    """The run goes on at ``at``; the attempt doesn't count as one that may have killed its worker."""
    pull.save(state=state, reason=reason[:300])
    CONNECTIONS.give_back(pull.connection, next_run_at=at)
    return "throttled" if reason else "turn over"


def _fail(pull: Pull, reason: str, at: datetime, error: str) -> str:
    """The platform is down, or answers nonsense: all feeds wait, longer each time. ``error``: for sync health."""
    connection = pull.connection
    pause = min(FIRST_PAUSE * (1 << min(connection.failures, 10)), LONGEST_PAUSE)
    pull.save(state=RunState.FAILED, finished_at=at, reason=reason[:300])
    connection.failures += 1
    CONNECTIONS.settle(
        connection,
        attempts=0,
        retry_at=None,
        next_run_at=at + pause,
        failed_at=at,
        failures=connection.failures,
        reason=reason[:300],
    )
    alarms.note_run(connection, at, error=error)
    return "failed"


def note_given_up(*, at: datetime) -> int:
    """Connections that killed their workers again and again wait for a person, who synchronises them; returns how many
    there are anew."""
    stuck = CONNECTIONS.given_up(StoreConnection.objects.filter(state=State.ACTIVE), at=at)
    rows = list(stuck.exclude(reason=GIVEN_UP).select_related("store"))
    for connection in rows:
        StoreConnection.objects.filter(pk=connection.pk).update(
            reason=GIVEN_UP, failed_at=at, failures=F("failures") + 1
        )
        connection.runs.filter(state=RunState.RUNNING).update(state=RunState.FAILED, finished_at=at, reason=GIVEN_UP)
        alarms.note_run(connection, at, error="internal")
    return len(rows)


def _problem(error: Exception, connection: StoreConnection, at: datetime) -> str:
    if isinstance(error, UnsealError):
        return Problem.SEALED
    if isinstance(error, SignatureRefusedError):
        return Problem.SIGNATURE
    is_over = connection.refresh_until is not None and connection.refresh_until <= at
    return Problem.ENDED if is_over else Problem.SESSION


def _disable(pull: Pull, problem: str, reason: str, at: datetime) -> str:
    """Nothing more can be asked until a person connects again; the company is told once."""
    connection = pull.connection
    pull.save(state=RunState.FAILED, finished_at=at, reason=reason[:300])
    with transaction.atomic():
        stopped = CONNECTIONS.settle(
            connection,
            state=State.RECONNECT,
            problem=problem,
            attempts=0,
            retry_at=None,
            next_run_at=None,
            failed_at=at,
            reason=reason[:300],
        )
        if stopped:
            alarms.tell_stopped(connection, problem, at)
    alarms.note_run(connection, at, error="internal" if problem == Problem.SEALED else "refused")
    log.warning("connection needs a person", connection=connection.pk, problem=problem)
    return "reconnect"


def _finish(kind: ConnectorKind, pull: Pull, at: datetime) -> str:
    """All feeds that can are in step."""
    connection, started = pull.connection, pull.run.started_at
    _supply(kind, connection, at)
    pull.save(state=RunState.DONE, finished_at=at, feed="")
    every = timedelta(minutes=int(settings.CONNECTIONS_EVERY))
    CONNECTIONS.settle(
        connection,
        attempts=0,
        retry_at=None,
        next_run_at=max(started + every, at),
        requested_at=None,
        succeeded_at=at,
        failures=0,
        reason="",
    )
    alarms.note_run(connection, at, counts=pull.run.counts)
    return "done"


def _supply(kind: ConnectorKind, connection: StoreConnection, at: datetime) -> None:
    """Data streams are known as far as their feeds are complete, even if nothing happened (MX-07)."""
    for feed in connection.feeds.filter(state=FeedState.OK):
        declared = kind.feed(feed.name)
        if declared is None or feed.complete_until is None:
            continue
        for stream in declared.supplies:
            supply_feed([connection.store_id], stream, feed.complete_until, at)
