"""Fixtures of the rulebook's tests."""

from collections.abc import Iterator

import pytest
from django.utils.translation import override


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Messages outside requests come in the language that the tests are written in."""
    with override("en"):
        yield
