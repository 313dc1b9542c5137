"""Logs are structured, carry the request or job id, and hold nothing personal (RL-17)."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
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


@pytest.mark.rule("RL-17")
def test_scrub_drops_rows_of_database_errors_and_what_addresses_hold() -> None:
    error = (
        "psycopg.errors.NotNullViolation: null value in column\n"
        'DETAIL:  Failing row contains (7, "Lin Mei\n1 Main Street", 138).\nCONTEXT:  COPY orders_order, line 1\n\n'
        "During handling of the above exception, another exception occurred:\n\ndjango.db.utils.IntegrityError"
    )
    assert scrub(None, "", {"exception": error})["exception"].splitlines() == [
        "psycopg.errors.NotNullViolation: null value in column",
        "DETAIL: …",
        "",
        "During handling of the above exception, another exception occurred:",
        "",
        "django.db.utils.IntegrityError",
    ]
    event = (
        "no answer: redis://:password@cache:6379/0 'https://chat.example.com/robot?access_token=secret' http://web:80"
    )
    assert scrub(None, "", {"event": event})["event"] == (
        "no answer: redis://cache:6379/… 'https://chat.example.com/…' http://web:80"
    )


@pytest.mark.rule("RL-17")
def test_web_server_writes_its_own_lines_like_all_others() -> None:
    said = json.loads(Path("config/granian.json").read_text())
    code = (
        "import json, logging, sys; from granian.log import LogLevels, configure_logging\n"
        "configure_logging(LogLevels.warning, json.load(open('config/granian.json')))\n"
        "logging.getLogger('_granian').warning('Killing worker-1 of lin@example.com')"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    entry = json.loads(ended.stderr)
    assert (entry["event"], entry["level"]) == ("Killing worker-1 of <email>", "warning")
    assert {handler["stream"] for handler in said["handlers"].values()} == {"ext://sys.stderr"}


@pytest.mark.rule("RL-17")
@pytest.mark.django_db
def test_failed_sign_in_logs_neither_account_nor_address(lines, client: Client) -> None:
    client.post("/accounts/login/", {"login": "13800138000", "password": "wrong"}, REMOTE_ADDR="198.51.100.7")
    entries = json.dumps(lines())
    assert '"route": "accounts/login/"' in entries
    assert "13800138000" not in entries
    assert "198.51.100.7" not in entries
