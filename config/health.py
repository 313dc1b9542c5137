"""Liveness and readiness (RL-17), without a login, a session or a template."""

from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu import Queue

from config.celery import app as celery_app
from core.maintenance import is_on


def check_database() -> None:
    """Raise unless the database answers a query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def check_broker() -> None:
    """Raise unless a message could be sent now (RL-01: losing the broker loses nothing, but work waits)."""
    with celery_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=3, interval_start=0)
        Queue("celery").bind(broker.default_channel).queue_declare()


def check_cache() -> None:
    """Raise unless a value put into the cache comes back."""
    cache.set("health", "ok", 10)
    if cache.get("health") != "ok":
        raise RuntimeError(f"the cache {settings.CACHES['default']['BACKEND']} does not keep values")


READY: dict[str, Callable[[], None]] = {"database": check_database, "broker": check_broker}


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Say that the process lives, whatever its neighbours do."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Say per dependency whether work can be done: 200 when all can, else 503. Reasons stay in `doctor`.

    During maintenance the status says so, but stays 200: the page that tells people comes from here.
    """
    states = {name: "ok" if _works(check) else "down" for name, check in READY.items()}
    ready = set(states.values()) == {"ok"}
    well = "maintenance" if is_on() else "ok"
    return JsonResponse({"status": well if ready else "unavailable", **states}, status=200 if ready else 503)


def _works(check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception:
        return False
    return True
