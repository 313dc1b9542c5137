"""What holds for all requests to the API: no cookies, problem documents, headers (IX-24, RL-10)."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api.problems import MEDIA_TYPE, ProblemError, problem_of_status, problem_response
from api.services.usage import count_rejection

PREFIX = "/api/v1/"
# Pages for people below the same prefix.
PAGES = frozenset({"/api/v1/docs"})
MEDIA_TYPES = ("application/json", MEDIA_TYPE)
# What stays of an answer that becomes a problem.
KEPT_HEADERS = ("Allow", "Content-Language", "Retry-After", "Vary", "WWW-Authenticate")


class ApiMiddleware:
    """Stands before sessions, languages and CSRF: for the API there are no cookies, so a session can't authenticate it,
    and the language is that of Accept-Language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_api(request):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        request.COOKIES = {}
        response = _as_problem(self.get_response(request))
        if rate := getattr(request, "rate", None):
            for name, value in rate.headers.items():
                response.headers.setdefault(name, value)
        response.headers["Cache-Control"] = "no-store"
        _count(request, response)
        return response

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """Refuse who can't read JSON; here, since the language is known by now."""
        if not is_api(request) or any(request.accepts(kind) for kind in MEDIA_TYPES):
            return None
        return problem_response(ProblemError("not-acceptable"))


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks, and gets problem documents."""
    return request.path_info.startswith(PREFIX) and request.path_info not in PAGES


def _as_problem(response: HttpResponse) -> HttpResponse:
    """An error that Django answered as for pages, as a problem document."""
    if response.status_code < HTTPStatus.BAD_REQUEST or response.headers.get("Content-Type") == MEDIA_TYPE:
        return response
    kept = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    return problem_of_status(response.status_code, kept)


def _count(request: HttpRequest, response: HttpResponse) -> None:
    """Count an answer with an error as the client's; those over the limit were counted before."""
    client = getattr(request, "client_of_day", None)
    if client is None or response.status_code < HTTPStatus.BAD_REQUEST:
        return
    if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
        count_rejection(client=client, at=timezone.now())
