"""The answer to a request that failed: a busy database and a full disk say what they are (RL-07)."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from core.outages import is_busy, is_full

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
