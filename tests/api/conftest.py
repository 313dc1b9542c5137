"""What tests of the API share."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from tests.api.oauth import NOW


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
