"""The pages of API clients: owners alone (PG-16)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages as notes
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from api.forms import ClientForm, GrantForm, OwnProgramForm
from api.models import ApiClient, Grant
from api.presenters.clients import client_page_of, clients_page_of
from api.queries.clients import clients_of, days_of, grants_of
from api.scopes import SCOPES
from api.services import clients as services
from api.services.granting import ClientGoneError, NotOwnerError, end_grant, grant_access
from core.pages.responses import render_page
from core.timebase import rating_day
from stores.access import OWN, CompanyRequest, company_view

Kind = ApiClient.Kind


@require_http_methods(["GET", "HEAD", "POST"])
@company_view(roles=OWN, write_roles=OWN)
def clients(request: CompanyRequest) -> HttpResponseBase:
    """A company's clients; posting registers one. The answer to that holds its secret, which is shown once."""
    kind = request.GET.get("kind", Kind.OWN)
    if kind not in Kind.values:
        raise Http404
    form = _new_form(request, kind)
    if request.method == "POST" and form.is_valid():
        try:
            client, secret = services.register_client(
                company=request.company, registration=_registration(kind, form), owner=request.user, at=timezone.now()
            )
        except services.TooManyClientsError:
            count = {"count": services.MOST_CLIENTS}
            form.add_error(None, _("A company may have %(count)s API clients. Revoke one first.") % count)
        else:
            return _shown(request, _client(request, client.client_id), secret=secret)
    found = list(clients_of(request.company))
    context = clients_page_of(request, request.company, found, kind, form, most=services.MOST_CLIENTS)
    return render_page(request, "api/clients.html", context, status=422 if form.errors else 200)


@require_safe
@company_view(roles=OWN, write_roles=OWN)
def client(request: CompanyRequest, client_id: str) -> HttpResponseBase:
    """A client with its grants and use."""
    return _shown(request, _client(request, client_id))


@require_POST
@company_view(roles=OWN, write_roles=OWN)
def client_act(request: CompanyRequest, client_id: str, action: str) -> HttpResponseBase:
    """Change, replace the secret, grant, end a grant, revoke."""
    found = _client(request, client_id)
    if action not in ACTIONS:
        raise Http404
    try:
        return ACTIONS[action](request, found, timezone.now())
    except NotOwnerError as error:
        raise Http404 from error
    except (services.ClientChangedError, ClientGoneError):
        notes.error(request, _("Somebody else was faster: this is how it is now."))
        return _shown(request, _client(request, client_id), status=409)


def _change(request: CompanyRequest, found: ApiClient, at: datetime) -> HttpResponseBase:
    form = ClientForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, form=form, status=422)
    services.change_client(client=found, actor=request.principal.actor, at=at, **form.cleaned_data)
    notes.success(request, _("Saved."))
    return _back(found)


def _grant(request: CompanyRequest, found: ApiClient, at: datetime) -> HttpResponseBase:
    form = _grant_form(request, found, request.POST)
    if found.kind != Kind.OWN or not form.is_valid():
        return _shown(request, found, form=form, status=422)
    grant_access(
        client=found, stores=form.chosen_stores(), scopes=form.cleaned_data["scopes"], owner=request.user, at=at
    )
    notes.success(request, _("Access is granted. The program needs a new access token."))
    return _back(found)


def _replace(request: CompanyRequest, found: ApiClient, at: datetime) -> HttpResponseBase:
    secret = services.replace_secret(client=found, actor=request.principal.actor, at=at)
    return _shown(request, _client(request, found.client_id), secret=secret)


def _end(request: CompanyRequest, found: ApiClient, at: datetime) -> HttpResponseBase:
    number = request.POST.get("grant", "")
    grant = get_object_or_404(Grant.objects.select_related("client__company"), client=found, pk=_number(number))
    if not end_grant(grant=grant, end=Grant.End.REVOKED, actor=request.principal.actor, at=at):
        raise services.ClientChangedError
    notes.success(request, _("Access is revoked."))
    return _back(found)


def _revoke(request: CompanyRequest, found: ApiClient, at: datetime) -> HttpResponseBase:
    services.revoke_client(client=found, actor=request.principal.actor, at=at)
    notes.success(request, _("The API client is revoked."))
    return redirect("api:clients", found.company.company_no)


ACTIONS: dict[str, Callable[[CompanyRequest, ApiClient, datetime], HttpResponseBase]] = {
    "change": _change,
    "grant": _grant,
    "secret": _replace,
    "end": _end,
    "revoke": _revoke,
}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0


def _client(request: CompanyRequest, client_id: str) -> Any:
    return get_object_or_404(clients_of(request.company), client_id=client_id)


def _back(found: ApiClient) -> HttpResponse:
    return redirect("api:client", found.company.company_no, found.client_id)


def _new_form(request: CompanyRequest, kind: str) -> Any:
    data = request.POST if request.method == "POST" else None
    if kind != Kind.OWN:
        return ClientForm(data)
    return OwnProgramForm(data, stores=_stores(request), scopes=list(SCOPES), ticked=[])


def _registration(kind: str, form: Any) -> services.Registration:
    values = form.cleaned_data
    if kind == Kind.OWN:
        return services.Registration(values["name"], kind, (), form.chosen_stores(), values["scopes"])
    return services.Registration(values["name"], kind, values["redirect_uris"])


def _grant_form(request: CompanyRequest, found: ApiClient, data: Any = None) -> GrantForm:
    """Stores and scopes of an own program, as they are granted."""
    form = GrantForm(data, stores=_stores(request), scopes=list(SCOPES), ticked=[])
    if present := found.grants.filter(ended_at=None).order_by("-granted_at").first():
        form.initial = {"stores": [store.store_no for store in present.stores.all()], "scopes": present.scopes}
    return form


def _present_form(request: CompanyRequest, found: ApiClient) -> Any:
    if found.kind == Kind.OWN:
        return _grant_form(request, found)
    return ClientForm(initial={"name": found.name, "redirect_uris": "\n".join(found.redirect_uris)})


def _stores(request: CompanyRequest) -> list[Any]:
    return list(request.company.stores.order_by("store_no"))


def _shown(
    request: CompanyRequest, found: ApiClient, *, form: Any = None, secret: str = "", status: int = 200
) -> HttpResponse:
    now = timezone.now()
    context = client_page_of(
        request,
        found,
        grants_of(found),
        days_of(found, rating_day(now)),
        form or _present_form(request, found),
        now,
        base=settings.BASE_URL,
        secret=secret,
    )
    response = render_page(request, "api/client.html", context, status=status)
    if secret:
        response["Cache-Control"] = "no-store"
    return response
