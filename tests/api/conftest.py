"""What tests of the API share."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client

from stores.models import Store
from tests.api.oauth import NOW
from tests.api.pushing import NOW as DAY_OF_PUSHES
from tests.api.pushing import make_store, writer


@pytest.fixture
def open_connection() -> Iterator[None]:
    """Requests leave the test's connection open, as those of Django's test client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def standing_still() -> Iterator[Any]:
    """The clock stands at NOW until the test shifts it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def day_of_pushes() -> Iterator[None]:
    """The clock stands at the day of the rows that `tests.api.pushing` makes."""
    with time_machine.travel(DAY_OF_PUSHES, tick=False):
        yield


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def client(store: Store) -> Client:
    """A program that may write the store's data."""
    return writer(store)
