"""Fixtures that every test may use."""

import gc
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.conf import settings as project
from django.core.cache import cache
from django.db import connections, transaction
from django.test import TransactionTestCase
from django.utils.translation import override
from hypothesis import HealthCheck, settings
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import CHROMIUM, CHROMIUM_ARGUMENTS, PATIENCE, PageFaults
from tests.restoring import use_copy
from tests.services import postgres, redis_server

settings.register_profile("default", max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
# While thousands of tests are collected nothing is garbage, and looking for it takes a fifth of the time.
gc.disable()
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL leave out what touches neither a database nor the deployment: it ran on SQLite."""
    if project.SQLITE:
        return
    kept = [item for item in items if depends_on_deployment(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def pytest_collection_finish() -> None:
    """What is loaded by now stays: no collection needs to look through it again."""
    gc.freeze()
    gc.enable()


def depends_on_deployment(item: pytest.Item) -> bool:
    marked = any(item.get_closest_marker(name) for name in ("django_db", "deployment", "browser"))
    fixtures = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return marked or bool(fixtures) or issubclass(getattr(item, "cls", None) or object, TransactionTestCase)


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Start every test without rate-limit counts or cached values of another."""
    cache.clear()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Outside requests texts come in the language that the tests are written in, not in that of the last request of
    an earlier test."""
    with override("en"):
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any
) -> Iterator[None]:
    """The test database is a copy of a migrated one; migrating would look through all migrations again."""
    with django_db_blocker.unblock():
        use_copy()
        yield
        connections.close_all()


@pytest.fixture(scope="module")
def kept_rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What fixtures of a module put into the database stays until its last test; each test rolls back what it does
    itself. Not for modules with real transactions."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def standing_clock() -> Iterator[None]:
    """The clock stands at the time it is: two answers never fall into different seconds, nor a code out of its time."""
    with time_machine.travel(datetime.now(UTC), tick=False):
        yield


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of a PostgreSQL server: the one this run uses, else one started for the session."""
    running = os.environ.get("DATABASE_URL", "")
    if running.startswith("postgres"):
        yield running
    else:
        with postgres() as url:
            yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """URL of a Redis server: the one this run uses, else one started for the session."""
    if running := os.environ.get("REDIS_URL"):
        yield running
    else:
        with redis_server() as url:
            yield url


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Have pytest-playwright start Debian's Chromium."""
    return {"executable_path": CHROMIUM, "args": CHROMIUM_ARGUMENTS, "headless": True}


@pytest.fixture
def page_faults(live_server: Any) -> Iterator[PageFaults]:
    """Collect console errors and foreign requests of watched pages; a test that has any fails."""
    faults = PageFaults(live_server.url)
    yield faults
    assert faults.found == []


@pytest.fixture
def page(context: BrowserContext, page_faults: PageFaults) -> Iterator[Page]:
    """A browser tab in Chinese, 1440 px wide, whose console must stay silent and which may ask no other host."""
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page_faults.watch(page)
    yield page
    page.close()


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """Describe the tab that `page` opens."""
    return {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": {"width": 1440, "height": 900}}
