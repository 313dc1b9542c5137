"""Fixtures of the tests of people, access and deadlines."""

from tests import flushing

flushing.install()
