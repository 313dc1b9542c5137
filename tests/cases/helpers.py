"""What the tests of cases share: their inputs as of the day on which they were made."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import time_machine
from django.utils import translation

from intake.models import Import
from intake.pipeline.report import Report
from tests.intake.helpers import take

NOW = datetime(2026, 11, 29, 20, 0, tzinfo=UTC)
FOLDER = Path(__file__).parent


@contextmanager
def on_the_day() -> Iterator[None]:
    """The clock of the day, and English reasons."""
    with time_machine.travel(NOW, tick=True), translation.override("en"):
        yield


def take_case(case: str, **options: Any) -> tuple[Import, Report]:
    """Import a folder of inputs, such as ``PC-02/first``."""
    options.setdefault("as_of", NOW)
    with on_the_day():
        return take(FOLDER / case, **options)
