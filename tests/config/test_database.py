"""The database as the settings open it, and as tests leave it."""

import threading

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction

from rulebook.models import PolicyVersion
from stores.models import Company

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
def test_every_test_finds_the_database_as_it_was_migrated(turn: int) -> None:
    assert list(PolicyVersion.objects.values_list("number", flat=True)) == [1]
    assert Permission.objects.filter(content_type__model="policyversion").exists()
    assert not Company.objects.exists()
    Company.objects.create(company_no="C1", name="Company")
    Permission.objects.filter(content_type__model="policyversion").delete()
    trigger_tables = {
        "sqlite": "sqlite_master WHERE type = 'trigger'",
        "postgresql": "pg_trigger WHERE NOT tgisinternal",
    }
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {trigger_tables[connection.vendor]}")
        assert cursor.fetchone()[0] >= 1
