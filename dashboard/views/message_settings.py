"""The settings of a company's messages: routes, quiet hours, chain, tests. Owners and managers write (PG-18, BX-08)."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages as notes
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.pages.components import Banner
from dashboard.presenters.message_settings import Filled, chain_form_of, routes_form, schedule_form
from dashboard.queries.message_settings import CHAIN, ROUTES, SCHEDULE, MessageSettings, message_settings
from dashboard.services.message_settings import SettingsChangedError, change_if_unchanged
from dashboard.views.team import team_response
from notifications.channels.mail.immediate import send_test
from notifications.channels.trials import test_browser, test_phone
from notifications.rules import ChannelName
from notifications.services.routes import choose_chain, choose_routes, schedule_company
from stores.access import READ, WRITE, CompanyRequest, company_view
from stores.actors import names_of_actors


@require_POST
@company_view(write_roles=WRITE)
def message_routes(request: CompanyRequest) -> HttpResponseBase:
    """Keep what goes where."""
    found = _found(request)
    form = routes_form(found, request.POST)
    if not form.is_valid():
        return team_response(request, filled=Filled(routes=form), status=422)
    return _saved(
        request, form, ROUTES, "routes",
        lambda: choose_routes(
            company=request.company, paces=form.paces(), actor=request.principal.actor, at=timezone.now()
        ),
    )  # fmt: skip


@require_POST
@company_view(write_roles=WRITE)
def message_schedule(request: CompanyRequest) -> HttpResponseBase:
    """Keep quiet hours and digest."""
    found = _found(request)
    form = schedule_form(found, request.POST, timezone.now())
    if not form.is_valid():
        return team_response(request, filled=Filled(schedule=form), status=422)
    given = {name: form.cleaned_data[name] for name in ("quiet_from", "quiet_until", "digest_at", "time_zone")}
    return _saved(request, form, SCHEDULE, "quiet", lambda: _schedule(request, found, **given))


@require_POST
@company_view(write_roles=WRITE)
def message_chain(request: CompanyRequest) -> HttpResponseBase:
    """Keep who is told of a red notice after whom, and the hours between."""
    found = _found(request)
    form = chain_form_of(found, request.POST)
    if not form.is_valid():
        return team_response(request, filled=Filled(chain=form), status=422)

    def change() -> None:
        choose_chain(company=request.company, steps=form.steps(), actor=request.principal.actor, at=timezone.now())
        if form.cleaned_data["hours"] != found.chain_hours:
            _schedule(request, found, chain_hours=form.cleaned_data["hours"])

    return _saved(request, form, CHAIN, "chain", change)


@require_POST
@company_view(write_roles=READ)
def channel_test(request: CompanyRequest, channel: str) -> HttpResponseBase:
    """Send a test to the person's own address, phone or browsers, and say what was answered."""
    own = next((one.own for one in _found(request).personal if one.name == channel), None)
    if not own:
        raise Http404
    at = timezone.now()
    for target in own:
        if channel == ChannelName.MAIL:
            tested: Any = send_test(user=request.user, at=at)
        elif channel == ChannelName.SMS:
            tested = test_phone(phone=target, at=at)
        else:
            tested = test_browser(subscription=target, at=at)
        notes.add_message(request, notes.SUCCESS if tested.arrived else notes.ERROR, tested.text)
    return _back(request, "channels")


def _found(request: CompanyRequest) -> MessageSettings:
    return message_settings(request.principal, request.company, timezone.now())


def _schedule(request: CompanyRequest, found: MessageSettings, **changed: Any) -> None:
    names = ("quiet_from", "quiet_until", "digest_at", "time_zone", "chain_hours")
    present = {name: getattr(found.schedule, name) for name in names}
    schedule_company(
        company=request.company, **{**present, **changed}, actor=request.principal.actor, at=timezone.now()
    )


def _saved(
    request: CompanyRequest, form: Form, kinds: Sequence[str], place: str, change: Callable[[], None]
) -> HttpResponseBase:
    """Change it and say so; who was overtaken sees how it is now, and by whom (RL-06)."""
    try:
        change_if_unchanged(company=request.company, kinds=kinds, seen=form.cleaned_data["seen"], change=change)
    except SettingsChangedError as error:
        who = names_of_actors([error.actor])[error.actor]
        text = _("%(person)s has changed this meanwhile. This is how it is now; change it again if need be.")
        return team_response(request, banner=Banner("red", _("Not saved"), text % {"person": who}), status=409)
    except ValidationError as error:
        notes.error(request, " ".join(error.messages))
    else:
        notes.success(request, _("Saved."))
    return _back(request, place)


def _back(request: CompanyRequest, place: str) -> HttpResponse:
    return redirect(f"{reverse('dashboard:team', args=[request.company.company_no])}#{place}")
