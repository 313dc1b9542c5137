"""Connections as pages show them: states, problems and what to do about them, in words. No database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.forms import Form
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.components import Banner
from intake.connectors.pulling import CONNECTIONS
from intake.connectors.queries import ConnectionState
from intake.connectors.registry import KINDS
from intake.models import ConnectionFeed, ConnectionField, ConnectionRun, StoreConnection
from intake.presenters import COUNT_LABELS, FILE_TITLES
from stores.models import Store

State, Problem = StoreConnection.State, StoreConnection.Problem
FeedState, RunState = ConnectionFeed.State, ConnectionRun.State
LEVELS = {
    State.NEW: "info",
    State.ACTIVE: "ok",
    State.PAUSED: "stale",
    State.RECONNECT: "red",
    State.DISCONNECTED: "stale",
}
RUN_LEVELS = {
    RunState.RUNNING: "info",
    RunState.WAITING: "info",
    RunState.DONE: "ok",
    RunState.FAILED: "red",
    RunState.STOPPED: "stale",
}
WARNED_BEFORE = timedelta(days=30)


@dataclass(frozen=True)
class ConnectionRow:
    """A store in the list."""

    store: Store
    url: str
    level: str
    state: str
    succeeded_at: datetime | None
    next_run_at: datetime | None
    note: str


@dataclass(frozen=True)
class ConnectionsPage:
    nav: Mapping[str, Any]
    rows: Sequence[ConnectionRow]
    has_any: bool


@dataclass(frozen=True)
class FeedRow:
    label: str
    level: str
    state: str
    succeeded_at: datetime | None
    complete_until: datetime | None
    advice: str
    reason: str


@dataclass(frozen=True)
class RunRow:
    run: ConnectionRun
    level: str
    state: str
    asked_by: str
    brought: str
    doubts: Sequence[str]
    reason: str


@dataclass(frozen=True)
class FieldRow:
    """A field that is not read; ``kind``: what stands there, in words."""

    path: str
    call: str
    kind: str
    example: str
    seen_at: datetime
    added: bool


@dataclass(frozen=True)
class ConnectionPage:
    """``authorize_url``: where the person agrees at the platform; empty where there is nothing to agree to."""

    nav: Mapping[str, Any]
    store: Store
    connection: StoreConnection | None
    level: str
    state: str
    banner: Banner | None
    feeds: Sequence[FeedRow]
    runs: Sequence[RunRow]
    fields: Sequence[FieldRow]
    progress: str
    is_running: bool
    may_change: bool
    authorize_url: str
    return_address: str
    form: Form | None
    code_form: Form | None
    actions: Mapping[str, str]
    list_url: str
    page_url: str


def connection_rows(found: Iterable[tuple[Store, StoreConnection | None]], now: datetime) -> list[ConnectionRow]:
    """The stores with the state of their connections."""
    return [_row(store, connection, now) for store, connection in found]


def _row(store: Store, connection: StoreConnection | None, now: datetime) -> ConnectionRow:
    url = reverse("intake:connection", args=[store.store_no])
    if connection is None:
        return ConnectionRow(store, url, "info", _("not connected"), None, None, "")
    state = State(connection.state)
    broken = [feed for feed in connection.feeds.all() if feed.state != FeedState.OK]
    banner = banner_of(connection, now)
    note = (
        banner.title
        if banner
        else _("; ").join(_pair(feed_label(connection, feed), feed.get_state_display()) for feed in broken)
    )
    level = "yellow" if state is State.ACTIVE and (broken or banner) else LEVELS[state]
    next_run = connection.next_run_at if state is State.ACTIVE else None
    return ConnectionRow(store, url, level, str(state.label), connection.succeeded_at, next_run, note)


def feed_label(connection: StoreConnection, feed: ConnectionFeed) -> str:
    declared = KINDS[connection.kind].feed(feed.name)
    return str(declared.label) if declared else feed.name


# ── Problems, and what to do ───────────────────────────────────────────────────────────────────────────────────────


def banner_of(connection: StoreConnection, now: datetime) -> Banner | None:
    """What a person should do about the connection, None if nothing."""
    if connection.state == State.RECONNECT:
        return Banner(
            "red",
            capfirst(connection.get_problem_display() or _("The connection has ended")),
            problem_advice(connection.problem),
        )
    if connection.state != State.ACTIVE:
        return None
    until = connection.refresh_until
    if until is not None and until - now <= WARNED_BEFORE:
        days = {"days": formats.number(max((until - now).days, 0))}
        return Banner(
            "yellow",
            _("The authorisation ends in %(days)s days") % days,
            _("Authorise again before that, and nothing is interrupted."),
        )
    if connection.attempts >= CONNECTIONS.max_attempts:
        return Banner(
            "red",
            _("Pulling this store failed several times"),
            _("Synchronise it now. If it fails again, tell whoever runs this installation."),
        )
    if connection.failures:
        return Banner(
            "yellow",
            _("The platform does not answer"),
            _("It is tried again by itself, and what was missed comes in then. Import files if you need the data now."),
        )
    return None


def problem_advice(problem: str) -> str:
    """What to do about the problem of a connection."""
    again = _(
        "Authorise again with the store's seller account. What was pulled stays, and pulling goes on where it stopped."
    )
    advice = {
        Problem.SIGNATURE: _("Enter App Key and App Secret anew, as the platform's console shows them."),
        Problem.SEALED: _(
            "Whoever runs this installation adds the former key to ENCRYPTION_KEYS again; else enter the secret anew."
        ),
        Problem.ACCOUNT: _(
            "Data of two shops must not mix. Authorise with the account that was connected before, or another store."
        ),
    }
    return advice.get(Problem(problem), again) if problem else again


def feed_advice(state: str) -> str:
    """What to do about the state of a feed."""
    advice = {
        FeedState.FAILING: _("Nothing: it is tried again by itself."),
        FeedState.RETIRED: _(
            "The platform switched this interface off. Import files instead, and look for a newer version of Dianwei."
        ),
        FeedState.PERMISSION: _(
            "Apply for the permission group in the platform's console, then synchronise. Files work meanwhile."
        ),
        FeedState.ARGUMENTS: _(
            "The platform changed this interface. Import files instead, and look for a newer version of Dianwei."
        ),
        FeedState.UNFILTERED: _(
            "Nothing was taken in, since rows outside of the range came. Look for a newer version of Dianwei."
        ),
    }
    return advice.get(FeedState(state), "")


def feed_rows(state: ConnectionState) -> list[FeedRow]:
    """The feeds with what to do about them."""
    connection = state.connection
    if connection is None:
        return []
    return [
        FeedRow(
            feed_label(connection, feed),
            _feed_level(feed),
            feed.get_state_display() if feed.succeeded_at or feed.state != FeedState.OK else _("not pulled yet"),
            feed.succeeded_at,
            feed.complete_until,
            feed_advice(feed.state),
            feed.reason,
        )
        for feed in state.feeds
    ]


def _feed_level(feed: ConnectionFeed) -> str:
    if feed.state == FeedState.OK:
        return "ok" if feed.succeeded_at else "info"
    return "yellow" if feed.state == FeedState.FAILING else "red"


def field_rows(fields: Iterable[ConnectionField]) -> list[FieldRow]:
    """Fields that are not read."""
    return [
        FieldRow(one.path, one.call, one.get_shape_display(), one.example, one.seen_at, one.added) for one in fields
    ]


# ── Runs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def run_rows(runs: Iterable[ConnectionRun], names: Mapping[str, str]) -> list[RunRow]:
    """The history, with who asked for each run."""
    return [
        RunRow(
            run,
            RUN_LEVELS[RunState(run.state)],
            run.get_state_display(),
            names.get(run.actor, run.actor),
            brought(run.counts),
            [_doubt(doubt) for doubt in run.doubts],
            run.reason,
        )
        for run in runs
    ]


def brought(counts: Mapping[str, Mapping[str, int]]) -> str:
    """What a run brought in: ``orders: 12 new, 3 changed``."""
    parts = []
    for name, found in counts.items():
        told = [
            _("%(count)s %(verdict)s") % {"count": formats.number(found[key]), "verdict": COUNT_LABELS[key]}
            for key in ("new", "changed", "waiting", "refused")
            if found.get(key)
        ]
        if told:
            parts.append(_pair(FILE_TITLES.get(name, name), _(", ").join(told)))
    return _("; ").join(parts)


def _pair(what: object, said: object) -> str:
    return _("%(kind)s: %(name)s") % {"kind": what, "name": said}


def _doubt(doubt: Mapping[str, str]) -> str:
    if "further" in doubt:
        return _("and %(count)s more") % {"count": formats.number(int(doubt["further"]))}
    if doubt["what"] == "field_added":
        return _("new field: %(field)s") % {"field": doubt["value"]}
    return f"{doubt['where']}: {doubt['what']} {doubt['value']}"


def progress_words(state: ConnectionState) -> str:
    """How far the run at hand is; empty if none is."""
    run = next((run for run in state.runs if run.is_open), None)
    if run is None or state.connection is None:
        return ""
    declared = KINDS[state.connection.kind].feed(run.feed)
    said = {
        "feed": declared.label if declared else _("starting"),
        "requests": formats.number(run.requests),
        "waiting": formats.number(state.waiting),
    }
    if run.state == RunState.WAITING and run.reason:
        return _("The platform asked to wait; the run goes on by itself. Requests so far: %(requests)s.") % said
    return _("Now: %(feed)s. Requests so far: %(requests)s, still to ask for: %(waiting)s.") % said
