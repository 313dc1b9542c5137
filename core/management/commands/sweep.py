"""`manage.py sweep`: fires lapsed deadlines once (IX-14)."""

import json
from argparse import ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from core.sweeping import sweep


def an_instant(text: str) -> datetime:
    """Parse an ISO 8601 instant; one without an offset is refused, because nobody could say which zone it means."""
    try:
        instant = parse_datetime(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r}: {error}") from error
    if instant is None or instant.tzinfo is None:
        raise ArgumentTypeError(f"{text!r} is not an instant with an offset, such as 2026-05-01T10:00:00Z")
    return instant


class Command(BaseCommand):
    """Exit status 1 when a handler failed: its deadline stays open and is tried again by a later sweep."""

    help = "Fire every deadline that has lapsed, in order of its due instant, until none is left."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--at", type=an_instant, help="judge as of this instant (ISO 8601 with offset); default: now"
        )
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")

    def handle(self, *args: Any, at: datetime | None, **options: Any) -> None:
        result = sweep(at=at or timezone.now())
        if options["json"]:
            figures = {"lapsed": dict(result.lapsed), "total": result.total, "failed": result.failed}
            self.stdout.write(json.dumps({**figures, "stuck": result.stuck}))
        else:
            for kind, count in sorted(result.lapsed.items()):
                self.stdout.write(f"{kind}: {count}")
            self.stdout.write(f"{result.total} lapsed, {result.failed} failed, {result.stuck} given up")
        if result.failed or result.stuck:
            raise CommandError(f"{result.failed} deadlines failed, {result.stuck} are given up; the log says why")
