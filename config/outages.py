"""The answer to a request that failed or comes during maintenance: a busy database and a full disk say what they are
(RL-07)."""

import sys
from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.defaults import server_error

from api.middleware import is_api
from api.problems import ProblemError, problem_response
from core.maintenance import Maintenance
from core.outages import is_busy, is_full
from core.pages import formats
from core.templatetags.ui import sentences
from core.timebase import SHANGHAI

RETRY_SECONDS = 10


def answer_fault(request: HttpRequest) -> HttpResponse:
    """503 with "try again" while others hold the database, 507 in words when no room is left, else the page for 500.

    Django calls it while it handles the exception.
    """
    fault = sys.exc_info()[1]
    if is_busy(fault):
        page = HttpResponse(render_to_string("503.html"), status=HTTPStatus.SERVICE_UNAVAILABLE)
        page["Retry-After"] = str(RETRY_SECONDS)
        return page
    if is_full(fault):
        return HttpResponse(render_to_string("507.html"), status=HTTPStatus.INSUFFICIENT_STORAGE)
    return server_error(request)


def answer_maintenance(request: HttpRequest, maintenance: Maintenance, *, at: datetime) -> HttpResponse:
    """503 in the words and format that the client understands, with when to ask again."""
    expected = _expected_end(maintenance, at)
    if is_api(request):
        detail = sentences([_("The service is being maintained. Nothing was changed."), expected])
        response = problem_response(ProblemError("unavailable", detail))
    elif request.path_info in (reverse("api:token"), reverse("api:revoke")):
        body = {"error": "temporarily_unavailable", "error_description": "The service is being maintained."}
        response = JsonResponse(body, status=HTTPStatus.SERVICE_UNAVAILABLE)
    else:
        meanwhile = _("Nothing is lost, and nothing can be changed meanwhile. Deadlines go on running.")
        context = {"text": sentences([expected, meanwhile]), **_operators_words(maintenance)}
        page = render_to_string("maintenance.html", context)
        response = HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = str(maintenance.retry_after(at))
    response["Cache-Control"] = "no-store"
    return response


def _expected_end(maintenance: Maintenance, at: datetime) -> str:
    if maintenance.until is None:
        return _("Try again in some minutes.")
    if maintenance.is_overdue(at):
        return _("It takes longer than planned. Try again in some minutes.")
    return _("It should be over by %(time)s.") % {"time": formats.instant(maintenance.until, SHANGHAI)}


def _operators_words(maintenance: Maintenance) -> dict[str, str]:
    """What the operator says, in the reader's language or else the other one."""
    said = maintenance.messages
    language = get_language() or ""
    if language not in said:
        language = next(iter(said), "")
    return {"message": said.get(language, ""), "message_language": language.replace("hans", "Hans")}
