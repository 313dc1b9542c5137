"""The pages of webhooks: endpoints, their log, tests and replays. Owners and managers alone (IX-23)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages as notes
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from core.pages.responses import render_page
from core.ratelimits import is_within_limit
from core.secrets import UnsealError
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.webhooks import endpoints
from notifications.webhooks.addresses import host_of
from notifications.webhooks.forms import WebhookForm
from notifications.webhooks.presenters import answer_words, webhook_page_of, webhooks_page_of
from notifications.webhooks.queries import delivery_log, stores_to_choose, webhooks_of
from notifications.webhooks.rules import TESTS_AN_HOUR
from stores.access import WRITE, CompanyRequest, company_view


@require_http_methods(["GET", "HEAD", "POST"])
@company_view(roles=WRITE, write_roles=WRITE)
def webhooks(request: CompanyRequest) -> HttpResponseBase:
    """A company's endpoints; posting adds one. The answer to that holds its secret, which is shown once."""
    form = WebhookForm(request.POST or None, stores=stores_to_choose(request.company))
    if request.method == "POST" and form.is_valid():
        try:
            endpoint, secret = endpoints.add_endpoint(
                company=request.company, wishes=form.wishes(), actor=request.principal.actor, at=timezone.now()
            )
        except endpoints.TooManyEndpointsError:
            count = {"count": endpoints.MOST_ENDPOINTS}
            form.add_error(None, _("A company may have %(count)s webhooks. Remove one first.") % count)
        else:
            return _shown(request, _endpoint(request, endpoint.pk), secret=secret)
    context = webhooks_page_of(
        request, request.company, webhooks_of(request.company), form, most=endpoints.MOST_ENDPOINTS
    )
    return render_page(request, "notifications/webhooks.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@company_view(roles=WRITE, write_roles=WRITE)
def webhook(request: CompanyRequest, webhook_id: int) -> HttpResponseBase:
    """An endpoint with its log; posting changes it."""
    endpoint = _endpoint(request, webhook_id)
    if request.method != "POST":
        return _shown(request, endpoint)
    form = WebhookForm(request.POST, stores=stores_to_choose(request.company), endpoint=endpoint)
    if not form.is_valid():
        return _shown(request, endpoint, form=form, status=422)
    endpoints.change_endpoint(endpoint=endpoint, wishes=form.wishes(), actor=request.principal.actor, at=timezone.now())
    notes.success(request, _("Saved."))
    return redirect(request.path)


@require_POST
@company_view(roles=WRITE, write_roles=WRITE)
def webhook_act(request: CompanyRequest, webhook_id: int, action: str) -> HttpResponseBase:
    """Test, rotate, switch off or on, remove, replay."""
    endpoint = _endpoint(request, webhook_id)
    if action not in ACTIONS:
        raise Http404
    try:
        return ACTIONS[action](request, endpoint, timezone.now())
    except endpoints.EndpointChangedError:
        notes.error(request, _("Somebody else was faster: this is how it is now."))
        endpoint.refresh_from_db()
        return _shown(request, endpoint, status=409)


def _test(request: CompanyRequest, endpoint: WebhookEndpoint, at: datetime) -> HttpResponseBase:
    name = f"webhook-test:{endpoint.pk}"
    if not is_within_limit(name, limit=TESTS_AN_HOUR, period=timedelta(hours=1), at=at):
        text = _("You have sent %(count)s tests within an hour. Wait a little.")
        notes.error(request, text % {"count": TESTS_AN_HOUR})
        return _back(request, endpoint)
    try:
        delivery, sent = endpoints.send_test(endpoint=endpoint, actor=request.principal.actor, at=at)
    except UnsealError:
        notes.error(request, _("The secret can't be opened any more. Replace it."))
        return _back(request, endpoint)
    said = {"host": host_of(endpoint.url), "answer": answer_words(delivery.requests.get())}
    if sent.is_accepted:
        notes.success(request, _("%(host)s accepted the test: %(answer)s") % said)
    else:
        notes.error(request, _("%(host)s did not accept the test: %(answer)s") % said)
    return _back(request, endpoint)


def _rotate(request: CompanyRequest, endpoint: WebhookEndpoint, at: datetime) -> HttpResponseBase:
    secret = endpoints.rotate_secret(endpoint=endpoint, actor=request.principal.actor, at=at)
    return _shown(request, endpoint, secret=secret)


def _off(request: CompanyRequest, endpoint: WebhookEndpoint, at: datetime) -> HttpResponseBase:
    endpoints.switch_off(endpoint=endpoint, actor=request.principal.actor, at=at)
    notes.success(request, _("The webhook is switched off."))
    return _back(request, endpoint)


def _on(request: CompanyRequest, endpoint: WebhookEndpoint, at: datetime) -> HttpResponseBase:
    endpoints.switch_on(endpoint=endpoint, actor=request.principal.actor, at=at)
    notes.success(request, _("The webhook is switched on. What it missed can be sent again."))
    return _back(request, endpoint)


def _remove(request: CompanyRequest, endpoint: WebhookEndpoint, at: datetime) -> HttpResponseBase:
    endpoints.remove_endpoint(endpoint=endpoint, actor=request.principal.actor, at=at)
    notes.success(request, _("The webhook is removed."))
    return redirect("notifications:webhooks", request.company.company_no)


def _replay(request: CompanyRequest, endpoint: WebhookEndpoint, at: datetime) -> HttpResponseBase:
    """One delivery, or all that failed."""
    number = request.POST.get("delivery", "")
    if number.isdecimal():
        rows = [get_object_or_404(WebhookDelivery, endpoint=endpoint, pk=number)]
    else:
        rows = endpoints.failed_deliveries(endpoint)
    count = endpoints.replay(endpoint=endpoint, deliveries=rows, actor=request.principal.actor, at=at)
    text = ngettext("%(count)s delivery is sent again.", "%(count)s deliveries are sent again.", count)
    notes.success(request, text % {"count": count})
    return _back(request, endpoint)


ACTIONS: dict[str, Callable[[CompanyRequest, WebhookEndpoint, datetime], HttpResponseBase]] = {
    "test": _test,
    "rotate": _rotate,
    "off": _off,
    "on": _on,
    "remove": _remove,
    "replay": _replay,
}


def _endpoint(request: CompanyRequest, webhook_id: int) -> Any:
    return get_object_or_404(webhooks_of(request.company), pk=webhook_id)


def _back(request: CompanyRequest, endpoint: WebhookEndpoint) -> HttpResponse:
    if request.POST.get("back") == "team":
        return redirect(f"{reverse('dashboard:team', args=[request.company.company_no])}#channels")
    return redirect("notifications:webhook", request.company.company_no, endpoint.pk)


def _shown(
    request: CompanyRequest, endpoint: Any, *, form: WebhookForm | None = None, secret: str = "", status: int = 200
) -> HttpResponse:
    form = form or WebhookForm(None, stores=stores_to_choose(request.company), endpoint=endpoint)
    state = request.GET.get("state", "")
    page = delivery_log(endpoint, state, request.GET.get("page"))
    context = webhook_page_of(request, endpoint, form, page, state, timezone.now(), secret=secret)
    response = render_page(request, "notifications/webhook.html", context, status=status)
    if secret:
        response["Cache-Control"] = "no-store"
    return response
