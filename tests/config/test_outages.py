"""A busy database and a full disk are said as what they are (RL-07)."""

import errno
import sqlite3

import psycopg
import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.urls import reverse

from config.outages import answer_fault
from core.outages import is_busy, is_full
from tests.stores.people import make_person

pytestmark = pytest.mark.rule("RL-07")


def answer(fault: Exception) -> tuple[int, str, str]:
    try:
        raise fault
    except Exception:
        response = answer_fault(RequestFactory().get("/"))
    return response.status_code, response.get("Retry-After", ""), response.content.decode()


def with_state(state: str) -> OperationalError:
    """What psycopg's errors become in Django."""
    error = OperationalError("refused")
    error.__cause__ = psycopg.errors.lookup(state)()
    return error


@pytest.mark.parametrize("fault", [OperationalError("database is locked"), with_state("53300"), with_state("40001")])
def test_a_busy_database_is_answered_with_try_again(fault: Exception) -> None:
    status, retry, page = answer(fault)
    assert (status, retry) == (503, "10")
    assert "503" in page


@pytest.mark.parametrize(
    "fault",
    [OSError(errno.ENOSPC, "No space left"), OperationalError("database or disk is full"), with_state("53100")],
)
def test_a_full_disk_is_said_in_words(fault: Exception) -> None:
    status, retry, page = answer(fault)
    assert (status, retry) == (507, "")
    assert "507" in page


def test_other_faults_stay_what_they_are() -> None:
    assert answer(ValueError("locked"))[0] == 500
    assert (is_busy(ValueError("database is locked")), is_full(OSError(errno.EACCES, "no"))) == (False, False)


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
def test_signing_in_while_another_holds_the_write_lock_is_503() -> None:
    make_person("owner")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        client = Client(raise_request_exception=False)
        response = client.post(reverse("account_login"), {"login": "a@example.com", "password": "b"})
    finally:
        other.close()
        connection.close()
        cache.clear()
    assert (response.status_code, response["Retry-After"]) == (503, "10")
