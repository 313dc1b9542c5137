"""The pages of connections: connect a store, see how it is pulled, act on it (PG-16, IX-25)."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib import messages as notes
from django.core import signing
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.pages.responses import render_page
from intake.connectors import connecting
from intake.connectors.connecting import ConnectionChangedError, NotAuthorisedError
from intake.connectors.errors import TransientError
from intake.connectors.forms import ApplicationForm, CodeForm
from intake.connectors.presenters import (
    LEVELS,
    ConnectionPage,
    ConnectionsPage,
    banner_of,
    connection_rows,
    feed_rows,
    field_rows,
    problem_advice,
    progress_words,
    run_rows,
)
from intake.connectors.queries import connected_stores, connection_state
from intake.connectors.registry import KINDS
from intake.models import StoreConnection
from stores.access import READ, WRITE, Roles, SignedInRequest, audit_inspection, get_store, signed_in
from stores.actors import names_of_actors
from stores.context_processors import nav
from stores.models import Store

KIND = KINDS["aliexpress"]
State = StoreConnection.State
# The platform's code lives as long.
STATE_SECONDS = 1800
SALT = "intake.connection"


@require_safe
@signed_in
def connections(request: SignedInRequest) -> HttpResponse:
    """The stores with the state of their connections."""
    rows = connection_rows(connected_stores(request.principal), timezone.now())
    has_any = any(row.state != _("not connected") for row in rows)
    context = ConnectionsPage(nav(request, current="data"), rows, has_any)
    return render_page(request, "intake/connections.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def connection(request: SignedInRequest, store: str) -> HttpResponseBase:
    """A store's connection; posting sets the application up. htmx polls the part that changes while a run is under
    way."""
    found = _store(request, store, WRITE if request.method == "POST" else READ)
    if request.method != "POST":
        return _shown(request, found)
    form = ApplicationForm(request.POST, kind=KIND)
    if not form.is_valid():
        return _shown(request, found, form=form, status=422)
    try:
        connecting.set_up_connection(
            store=found, kind=KIND.code, actor=request.principal.actor, at=timezone.now(), **form.cleaned_data
        )
    except ConnectionChangedError:
        notes.error(request, _("The store is connected already: disconnect it first."))
        return _shown(request, found, status=409)
    return redirect(request.path)


@require_POST
@signed_in
def connection_act(request: SignedInRequest, store: str, action: str) -> HttpResponseBase:
    """Run now, pause, go on, disconnect, enter a code."""
    found = _store(request, store, WRITE)
    row = StoreConnection.objects.filter(store=found).first()
    if row is None or action not in ACTS:
        raise Http404
    row.store = found
    try:
        ACTS[action](request, row, timezone.now())
    except ConnectionChangedError:
        notes.error(request, _("Somebody else was faster: this is how it is now."))
        return _shown(request, found, status=409)
    return redirect("intake:connection", found.store_no)


def _run_now(request: SignedInRequest, row: StoreConnection, at: datetime) -> None:
    if connecting.sync_now(connection=row, actor=request.principal.actor, at=at):
        notes.success(request, _("The store is synchronised as soon as a worker is free."))
    else:
        notes.info(request, _("A run is under way already."))


def _pause(request: SignedInRequest, row: StoreConnection, at: datetime) -> None:
    connecting.pause_connection(connection=row, actor=request.principal.actor, at=at)
    notes.success(request, _("The connection is paused. What was pulled stays."))


def _resume(request: SignedInRequest, row: StoreConnection, at: datetime) -> None:
    connecting.resume_connection(connection=row, actor=request.principal.actor, at=at)
    notes.success(request, _("The connection goes on from where it stopped."))


def _disconnect(request: SignedInRequest, row: StoreConnection, at: datetime) -> None:
    connecting.disconnect(connection=row, actor=request.principal.actor, at=at)
    notes.success(request, _("The store is disconnected and its secrets are deleted. What was pulled stays."))


def _code(request: SignedInRequest, row: StoreConnection, at: datetime) -> None:
    form = CodeForm(request.POST)
    if form.is_valid():
        _authorise(request, row, form.cleaned_data["code"].strip(), at)
    else:
        notes.error(request, _("Enter the code."))


ACTS: dict[str, Callable[[SignedInRequest, StoreConnection, datetime], None]] = {
    "sync": _run_now,
    "pause": _pause,
    "resume": _resume,
    "disconnect": _disconnect,
    "code": _code,
}


@require_safe
@signed_in
def connection_authorised(request: SignedInRequest) -> HttpResponseBase:
    """Where the platform leads back with a code. The state says for which store, whose person and which attempt: it is
    signed, and works once."""
    said = _read_state(request)
    if said is None or request.method == "HEAD":
        notes.error(request, _("This authorisation is over: begin again."))
        return redirect("intake:connections")
    store = _store(request, said["store"], WRITE)
    row = StoreConnection.objects.filter(store=store, key=said["key"], version=said["version"]).first()
    if row is None:
        notes.error(request, _("This authorisation is over: begin again."))
    else:
        row.store = store
        try:
            _authorise(request, row, request.GET.get("code", "")[:200], timezone.now())
        except ConnectionChangedError:
            notes.error(request, _("Somebody else was faster: this is how it is now."))
    return redirect("intake:connection", store.store_no)


def _authorise(request: SignedInRequest, row: StoreConnection, code: str, at: datetime) -> None:
    actor = request.principal.actor
    try:
        connecting.authorise(connection=row, code=code, actor=actor, at=at)
    except NotAuthorisedError as error:
        words = StoreConnection.Problem(error.problem).label
        notes.error(request, f"{words}. {problem_advice(error.problem)}")
    except TransientError:
        notes.error(request, _("The platform did not answer. Try again in a few minutes."))
    else:
        notes.success(request, _("The store is connected. Its data come in by themselves from now on."))


def _read_state(request: SignedInRequest) -> dict[str, str] | None:
    try:
        said = signing.loads(request.GET.get("state", ""), salt=SALT, max_age=STATE_SECONDS)
    except signing.BadSignature:
        return None
    return said if said["person"] == request.user.pk else None


def _store(request: SignedInRequest, number: str, roles: Roles) -> Store:
    """The store, if the person may do this to its connection."""
    store = get_store(request.principal, number, roles)
    if roles == READ:
        audit_inspection(request.principal, store)
    return store


def _shown(
    request: SignedInRequest, store: Store, *, form: ApplicationForm | None = None, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    state = connection_state(request.principal, store, now)
    row = state.connection
    may_authorise = row is not None and state.may_change and row.state != State.DISCONNECTED
    context = ConnectionPage(
        nav=nav(request, current="data"),
        store=store,
        connection=row,
        level=LEVELS[State(row.state)] if row else "info",
        state=row.get_state_display() if row else _("not connected"),
        banner=banner_of(row, now) if row else None,
        feeds=feed_rows(state),
        runs=run_rows(state.runs, names_of_actors([run.actor for run in state.runs])),
        fields=field_rows(state.fields),
        progress=progress_words(state),
        is_running=state.is_running,
        may_change=state.may_change,
        authorize_url=_authorize_url(request, row) if row and may_authorise else "",
        return_address=_return_address(),
        form=form or _application_form(state.may_change, row),
        code_form=CodeForm() if may_authorise else None,
        actions={name: reverse("intake:connection_act", args=[store.store_no, name]) for name in ACTS},
        list_url=reverse("intake:connections"),
        page_url=reverse("intake:connection", args=[store.store_no]),
    )
    name = "intake/connection.html#state" if request.htmx else "intake/connection.html"
    return render_page(request, name, context, status=status)


def _application_form(may_change: bool, row: StoreConnection | None) -> ApplicationForm | None:
    """The form of the application, while the store is not connected."""
    if not may_change or (row is not None and row.state in (State.ACTIVE, State.PAUSED)):
        return None
    return ApplicationForm(None, kind=KIND, app_key=row.app_key if row else "")


def _return_address() -> str:
    return f"{settings.BASE_URL}{reverse('intake:connection_authorised')}"


def _authorize_url(request: SignedInRequest, row: StoreConnection) -> str:
    said = {"store": row.store.store_no, "key": row.key, "version": row.version, "person": request.user.pk}
    return KINDS[row.kind].authorize_url(row, _return_address(), signing.dumps(said, salt=SALT))
