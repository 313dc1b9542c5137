"""What stands before every request: its id and log line, and the answer during maintenance (RL-17)."""

import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from config.outages import answer_maintenance
from core import maintenance

log = structlog.get_logger("dianwei.request")
HEADER = "X-Request-ID"
# What monitoring asks for during maintenance too.
ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz", "/metrics"})


class RequestLogMiddleware:
    """Binds `request_id` for all logs of a request and logs route, status and milliseconds; never path or query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            match = request.resolver_match
            log.info(
                "request",
                method=request.method,
                route=match.route if match else None,
                status=response.status_code,
                milliseconds=round((time.perf_counter() - started) * 1000),
            )
        response.headers[HEADER] = request_id
        return response


class MaintenanceMiddleware:
    """Answers everything but health and figures with 503 during maintenance, without the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        present = None if request.path_info in ALWAYS_ANSWERED else maintenance.present()
        if present is None:
            return self.get_response(request)
        return answer_maintenance(request, present, at=timezone.now())
