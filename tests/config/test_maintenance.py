"""What people, programs, monitoring and workers meet during maintenance (RL-17)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from config.celery import app
from core import maintenance
from core.deadlines import open_deadline
from core.models import Deadline, Event
from core.tasks import sweep_deadlines
from tests.dashboard.test_pages import words_of
from tests.stores.people import make_store

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("RL-17")]


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield


def client_in(language: str) -> Client:
    return Client(headers={"Accept-Language": language})


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/admin/", "/stores/S1/", "/nowhere", "/api/v1/docs"])
def test_every_page_says_until_when_without_asking_the_database(path: str) -> None:
    maintenance.turn_on(at=NOW, until=NOW + HOUR, messages={"zh-hans": "正在升级。", "en": "We are upgrading."})
    english, chinese = (client_in(language).get(path) for language in ("en", "zh-CN"))
    assert {(answer.status_code, answer["Retry-After"]) for answer in (english, chinese)} == {(503, "3600")}
    assert "We are upgrading. It should be over by 2026-05-01 21:00 (GMT+8)." in words_of(english.text)
    assert "正在升级。" in words_of(chinese.text)
    assert "2026-05-01 21:00" in words_of(chinese.text)
    maintenance.turn_off()
    assert Client().get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("until", "said"),
    [(None, "Try again in some minutes."), (NOW - HOUR, "It takes longer than planned. Try again in some minutes.")],
)
def test_a_page_promises_no_end_that_is_unknown_or_past(until: datetime | None, said: str) -> None:
    maintenance.turn_on(at=NOW, until=until)
    assert said in words_of(client_in("en").get("/").text)


def test_words_in_another_language_are_marked_as_such() -> None:
    maintenance.turn_on(at=NOW, messages={"zh-hans": "正在升级。"})
    assert '<span lang="zh-Hans">正在升级。</span>' in client_in("en").get("/").text


def test_programs_get_a_problem_document_or_an_error_of_oauth() -> None:
    maintenance.turn_on(at=NOW, until=NOW + HOUR)
    answer = client_in("en").put("/api/v1/stores/S1/orders", [], content_type="application/json")
    assert (answer.status_code, answer["Content-Type"], answer["Retry-After"]) == (
        503,
        "application/problem+json",
        "3600",
    )
    problem = answer.json()
    assert (problem["code"], problem["detail"]) == (
        "unavailable",
        "The service is being maintained. Nothing was changed. It should be over by 2026-05-01 21:00\u00a0(GMT+8).",
    )
    token = Client().post("/oauth/token", {"grant_type": "client_credentials"})
    assert (token.status_code, token.json()["error"]) == (503, "temporarily_unavailable")


@pytest.mark.django_db
def test_health_and_figures_go_on_and_say_so(settings: Any) -> None:
    settings.METRICS_TOKEN = "secret"
    maintenance.turn_on(at=NOW)
    client = Client(headers={"Authorization": "Bearer secret"})
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "maintenance")
    assert "dianwei_maintenance 1.0" in client.get("/metrics").text


@pytest.mark.rule("RL-05")
@pytest.mark.django_db
def test_what_lapsed_during_it_is_judged_afterwards_at_its_instant() -> None:
    open_deadline(
        owner_id=make_store().pk, kind="notice_view", subject_kind="notice", subject_key="1", due_at=NOW, at=NOW - HOUR
    )
    maintenance.turn_on(at=NOW)
    with time_machine.travel(NOW + HOUR, tick=False):
        assert sweep_deadlines.apply().get() is None
        assert Deadline.objects.get().state == Deadline.State.OPEN
        maintenance.turn_off()
        assert sweep_deadlines.apply().get() == 1
    assert Event.objects.filter(kind="deadline.lapsed").values_list("at", flat=True).get() == NOW


@pytest.mark.rule("RL-01")
def test_no_task_of_the_product_runs_and_none_fails() -> None:
    maintenance.turn_on(at=NOW)
    app.loader.import_default_modules()
    own = [task for name, task in app.tasks.items() if not name.startswith(("celery.", "tests."))]
    assert len(own) > 30
    assert {task.apply().state for task in own} == {"SUCCESS"}
