"""Structured logs: one JSON object per line with the request or job id, free of secrets and personal data (RL-17)."""

import logging.config
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
# What PostgreSQL adds to an error: the values of the row, or the line that it copied.
ROW = re.compile(r"\b(DETAIL|CONTEXT):  .*?(?=\n\n(?:The above exception|During handling)|\Z)", re.DOTALL)
# Behind the host of an address there may be keys, in front of it passwords.
ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]*://)(?:[^/\s\"'@]*@)?([^/\s\"'?#]+)([^\s\"']*)")
# Values that a client chose and that may carry a person's data or a one-time key: the path, and what follows it.
UNSAFE_KEYS = ("request", "path", "query", "headers", "cookies", "data", "args", "kwargs")


def scrub(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop what may hold secrets or personal data, and mask addresses in every remaining text."""
    for key in UNSAFE_KEYS:
        event.pop(key, None)
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _masked(value)
    return event


def _masked(text: str) -> str:
    return EMAIL.sub("<email>", ADDRESS.sub(_host_alone, ROW.sub(r"\1: …", text)))


def _host_alone(address: re.Match[str]) -> str:
    scheme, host, rest = address.groups()
    return f"{scheme}{host}/…" if rest else f"{scheme}{host}"


class RouteOnly(logging.Filter):
    """Replaces the path in Django's request log by the route it matched: paths hold password-reset keys."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record; only its arguments change."""
        request = getattr(record, "request", None)
        if request is None or not record.args or not hasattr(request, "path"):
            return True
        match = getattr(request, "resolver_match", None)
        route = match.route if match else "(no route)"
        args = record.args if isinstance(record.args, tuple) else (record.args,)
        record.args = tuple(route if value == request.path else value for value in args)
        return True


def _shared_processors() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]


def line_formatter() -> logging.Formatter:
    """Writes a record as one JSON object; granian, which has its own logging, is told of it by `granian.json`."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared_processors(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            scrub,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def logging_settings(*, level: str) -> None:
    """Send every log, ours and the libraries', to stderr as JSON lines at `level` and above."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.captureWarnings(True)
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"route_only": {"()": RouteOnly}},
            "formatters": {"json": {"()": line_formatter}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["route_only"]}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                # A 404 or 403 is no event of ours; RequestLogMiddleware records every answer once.
                "django.request": {"level": "ERROR"},
                "django.security.DisallowedHost": {"level": "CRITICAL"},
                # Its warnings name the address and account of a failed sign-in; they are rows in the admin.
                "axes": {"level": "ERROR"},
                # At DEBUG it writes tokens.
                "authlib": {"level": "WARNING"},
                # It announces itself whenever it is loaded.
                "pikepdf": {"level": "WARNING"},
                # Celery logs each task's arguments at INFO; config.celery logs what we want to know of a task.
                "celery.worker.strategy": {"level": "WARNING"},
                "celery.app.trace": {"level": "ERROR"},
            },
        }
    )
