"""A company's team chats: connecting, changing, testing, removing. Owners and managers alone (PG-18)."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages as notes
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.pages.responses import render_page
from notifications.channels.forms import ConnectionForm
from notifications.channels.trials import Tested, test_connection
from notifications.models import CHANNELS, Connection
from notifications.rules import TEAM_CHANNELS, ChannelName
from notifications.services.connections import add_connection, change_connection, remove_connection
from stores.access import WRITE, CompanyRequest, company_view
from stores.context_processors import nav
from stores.models import Company


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    """What templates/notifications/connection.html reads; ``connection`` is None before it is connected."""

    nav: dict[str, Any]
    company: Company
    channel: str
    code: str
    connection: Connection | None
    form: Form
    team_url: str


@require_http_methods(["GET", "HEAD", "POST"])
@company_view(roles=WRITE, write_roles=WRITE)
def connection_add(request: CompanyRequest, channel: str) -> HttpResponseBase:
    """Connect a chat, and send it a test at once."""
    if channel not in TEAM_CHANNELS:
        raise Http404
    name = ChannelName(channel)
    form = ConnectionForm(request.POST or None, channel=name)
    if request.method == "POST" and form.is_valid():
        try:
            connection = add_connection(
                company=request.company,
                channel=name,
                at=timezone.now(),
                user=request.user,
                **{"secret": "", **form.cleaned_data},
            )
        except ValidationError as error:
            form.add_error("address", error)
        else:
            return _tested(request, connection)
    return _shown(request, name, form)


@require_http_methods(["GET", "HEAD", "POST"])
@company_view(roles=WRITE, write_roles=WRITE)
def connection(request: CompanyRequest, connection_id: int) -> HttpResponseBase:
    """Rename a chat, or connect it anew by another address."""
    found = _connection(request, connection_id)
    form = ConnectionForm(request.POST or None, channel=ChannelName(found.channel), connection=found)
    if request.method == "POST" and form.is_valid():
        try:
            change_connection(connection=found, actor=request.principal.actor, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error("address", error)
        else:
            notes.success(request, _("Saved."))
            return _back(request)
    return _shown(request, ChannelName(found.channel), form, found)


@require_POST
@company_view(write_roles=WRITE)
def connection_test(request: CompanyRequest, connection_id: int) -> HttpResponseBase:
    """Send a test to a chat and say what its server answered."""
    return _tested(request, _connection(request, connection_id))


@require_POST
@company_view(write_roles=WRITE)
def connection_remove(request: CompanyRequest, connection_id: int) -> HttpResponseBase:
    """Send nothing more to a chat."""
    found = get_object_or_404(Connection.objects.select_related("company"), company=request.company, pk=connection_id)
    if remove_connection(connection=found, actor=request.principal.actor, at=timezone.now()):
        notes.success(request, _("%(chat)s gets no messages any more.") % {"chat": found})
    else:
        notes.info(request, _("%(chat)s was removed before.") % {"chat": found})
    return _back(request)


def _connection(request: CompanyRequest, connection_id: int) -> Connection:
    rows = Connection.objects.filter(company=request.company, removed_at=None).select_related("company")
    return get_object_or_404(rows, pk=connection_id)


def _tested(request: CompanyRequest, connection: Connection) -> HttpResponse:
    tested: Tested = test_connection(connection=connection, user=request.user, at=timezone.now())
    notes.add_message(request, notes.SUCCESS if tested.arrived else notes.ERROR, tested.text)
    return _back(request)


def _back(request: CompanyRequest) -> HttpResponse:
    return redirect(f"{reverse('dashboard:team', args=[request.company.company_no])}#channels")


def _shown(
    request: CompanyRequest, name: ChannelName, form: ConnectionForm, connection: Connection | None = None
) -> HttpResponse:
    context = ConnectionPage(
        nav=nav(request, current="team"),
        company=request.company,
        channel=str(dict(CHANNELS)[name.value]),
        code=name.value,
        connection=connection,
        form=form,
        team_url=reverse("dashboard:team", args=[request.company.company_no]),
    )
    return render_page(request, "notifications/connection.html", context, status=422 if form.errors else 200)
