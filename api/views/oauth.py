"""OAuth 2.0: the consent page, tokens, revocation, metadata (IX-20)."""

from http import HTTPStatus
from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from api.auth import is_over_limit_of_address
from api.forms import GrantForm
from api.oauth.server import AUTH_METHODS, server
from api.presenters.consent import ConsentPage, form_target, target_of
from api.scopes import SCOPES, known_scopes
from api.services.granting import ClientGoneError, NotOwnerError, grant_access
from core.pages.responses import render_page
from stores.access import OWN, SignedInRequest, joined_companies, signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def authorize(request: SignedInRequest) -> HttpResponseBase:
    """The consent page of a program that asks for access; posting grants or denies. Only an owner of the company that
    registered the program sees it: to others the program doesn't exist."""
    asked = server.create_oauth2_request(request)
    try:
        consent = server.get_consent_grant(asked, end_user=request.user)
    except OAuth2Error as error:
        return _failed(request, error)
    client = asked.client.row
    if not joined_companies(request.principal, OWN).filter(pk=client.company_id).exists():
        return _unknown(request)
    if request.method == "POST" and "deny" in request.POST:
        return _leave(server.create_authorization_response(asked, grant_user=None, grant=consent))
    stores = list(client.company.stores.order_by("store_no"))
    scopes = known_scopes(asked.scope)
    form = GrantForm(request.POST if request.method == "POST" else None, stores=stores, scopes=scopes)
    if form.is_valid():
        try:
            asked.grant = grant_access(
                client=client,
                stores=form.chosen_stores(),
                scopes=form.cleaned_data["scopes"],
                owner=request.user,
                at=asked.at,
            )
        except (NotOwnerError, ClientGoneError):
            return _unknown(request)
        return _leave(server.create_authorization_response(asked, grant_user=request.user, grant=consent))
    return _consent_page(request, client, form, asked.payload.redirect_uri)


def _consent_page(request: HttpRequest, client: Any, form: GrantForm, redirect_uri: str) -> HttpResponseBase:
    context = ConsentPage(client, form, target_of(redirect_uri))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK

    # Browsers hold redirects after a form to its policy too.
    @csp_update({"form-action": [SELF, form_target(redirect_uri)]})
    def shown(request: HttpRequest) -> HttpResponseBase:
        return render_page(request, "api/consent.html", context, status=status)

    return shown(request)


def _failed(request: HttpRequest, error: OAuth2Error) -> HttpResponse:
    """Back to the program with the error, or a page where it is not certain whose address that is."""
    if error.redirect_uri:
        return _leave(server.handle_error_response(request, error))
    return _unknown(request)


def _unknown(request: HttpRequest) -> HttpResponse:
    return render(request, "api/unknown_client.html", status=HTTPStatus.BAD_REQUEST)


def _leave(response: HttpResponse) -> HttpResponse:
    """To the program, naming who answers (RFC 9207)."""
    response["Location"] = add_params_to_uri(response["Location"], [("iss", settings.BASE_URL)])
    response["Cache-Control"] = "no-store"
    return response


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """The token endpoint: codes, refresh tokens and client credentials become access tokens."""
    response: HttpResponse = server.create_token_response(request)
    return _answer(request, response)


@csrf_exempt
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """A program gives a token back (RFC 7009)."""
    response: HttpResponse = server.create_endpoint_response("revocation", request)
    return _answer(request, response)


def _answer(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer, or 429 for an address that fails too often."""
    failed = response.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}
    now = timezone.now()
    if failed and is_over_limit_of_address(request, "oauth", now):
        body = {"error": "temporarily_unavailable", "error_description": "Too many failed requests."}
        response = JsonResponse(
            body, status=HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": str(60 - now.second)}
        )
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def metadata(_request: HttpRequest) -> HttpResponse:
    """What programs have to know of this server (RFC 8414)."""
    base = settings.BASE_URL
    return JsonResponse(
        {
            "issuer": base,
            "authorization_endpoint": base + reverse("api:authorize"),
            "token_endpoint": base + reverse("api:token"),
            "revocation_endpoint": base + reverse("api:revoke"),
            "scopes_supported": list(SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "token_endpoint_auth_methods_supported": AUTH_METHODS,
            "revocation_endpoint_auth_methods_supported": AUTH_METHODS,
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "ui_locales_supported": ["zh-Hans", "en"],
        }
    )
