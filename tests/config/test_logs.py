"""Logs are structured, carry the request or job id, and hold nothing personal (RL-17)."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from django.test import Client, RequestFactory

from config.celery import app
from config.logs import RouteOnly, scrub

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Return a function that gives the log lines written so far, parsed."""
    stream, ours = io.StringIO(), structlog.stdlib.ProcessorFormatter
    handler = next(each for each in logging.getLogger().handlers if isinstance(each.formatter, ours))
    monkeypatch.setattr(handler, "stream", stream)
    logger = logging.getLogger("dianwei")
    logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.setLevel(logging.NOTSET)


@pytest.mark.rule("RL-17")
def test_request_line_has_id_and_route_but_neither_path_nor_query(lines, client: Client) -> None:
    response = client.get("/healthz?email=lin@example.com")
    entry = next(line for line in lines() if line["event"] == "request")
    assert entry["request_id"] == response["X-Request-ID"]
    assert (entry["route"], entry["method"], entry["status"]) == ("healthz", "GET", 200)
    assert "example.com" not in json.dumps(entry)


@pytest.mark.rule("RL-17")
def test_task_line_has_job_id_and_no_arguments(lines) -> None:
    @app.task(name="tests.greet")
    def greet(name: str) -> None:
        logging.getLogger("dianwei.anything").info("greeting")

    job = greet.apply(args=["Lin Mei"])
    entries = lines()
    assert {line["event"] for line in entries} == {"greeting", "task"}
    assert {line["job_id"] for line in entries} == {job.id}
    assert "Lin Mei" not in json.dumps(entries, ensure_ascii=False)


def test_scrub_masks_addresses_and_drops_what_clients_sent() -> None:
    event: dict[str, Any] = {
        "event": "no mail for lin.mei+x@example.co.uk",
        "path": "/a",
        "kwargs": {"a": 1},
        "status": 200,
    }
    assert scrub(None, "", event) == {"event": "no mail for <email>", "status": 200}


def test_django_request_log_names_the_route_instead_of_the_path() -> None:
    request = RequestFactory().get("/accounts/password/reset/key/1-secret/")
    record = logging.makeLogRecord(
        {"msg": "%s: %s", "args": ("Internal Server Error", request.path), "request": request}
    )
    RouteOnly().filter(record)
    assert record.getMessage() == "Internal Server Error: (no route)"
