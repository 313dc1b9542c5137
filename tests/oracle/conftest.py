"""The oracle runs without Django: fixtures that would touch it do nothing here."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def compiled_messages() -> None:
    """No page is rendered here."""


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Nothing is cached here."""
