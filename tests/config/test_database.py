"""The database as the settings open it, and as tests leave it."""

import threading

import pytest
from django.db import connection, transaction

from rulebook.models import PolicyVersion

WRITERS, WRITES = 8, 25


@pytest.mark.sqlite_only
@pytest.mark.rule("RL-07")
@pytest.mark.django_db(transaction=True)
def test_eight_writers_meet_no_lock_error() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE counted (writer INTEGER, value INTEGER)")
    errors: list[Exception] = []

    def write(writer: int) -> None:
        try:
            for value in range(WRITES):
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("SELECT count(*) FROM counted")
                    cursor.execute("INSERT INTO counted VALUES (%s, %s)", [writer, value])
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM counted")
            assert (errors, cursor.fetchone()[0]) == ([], WRITERS * WRITES)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE counted")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_policy_and_triggers_are_there_after_every_flush(turn: int) -> None:
    assert PolicyVersion.objects.filter(number=1).exists()
    trigger_tables = {
        "sqlite": "sqlite_master WHERE type = 'trigger'",
        "postgresql": "pg_trigger WHERE NOT tgisinternal",
    }
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {trigger_tables[connection.vendor]}")
        assert cursor.fetchone()[0] >= 1
