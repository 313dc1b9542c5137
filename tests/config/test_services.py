"""The throw-away servers that other tests rely on."""

import os

import psycopg
import pytest
import redis

from tests.services import free_port, postgres, redis_server

pytestmark = pytest.mark.slow


def test_postgres_starts_works_and_is_gone_afterwards() -> None:
    with postgres() as url, psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting('fsync'), current_setting('data_directory')").fetchone()
    assert row is not None
    assert row[0] == "off"
    assert not os.path.exists(row[1])


def test_redis_starts_works_and_is_gone_afterwards() -> None:
    with redis_server() as url:
        client = redis.Redis.from_url(url)
        client.set("key", "value")
        assert client.get("key") == b"value"
        folder = client.config_get("dir")["dir"]
    assert not os.path.exists(folder)


def test_free_ports_are_free() -> None:
    assert 1024 < free_port() < 65536
