"""`manage.py outbox`: delivers what waits in the outbox once (RL-03)."""

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.management.commands.sweep import an_instant
from core.outbox.delivering import run_outbox


class Command(BaseCommand):
    """Exit status 1 when a subscriber failed, or rows are given up until a person looks."""

    help = "Have subscribers act on the events that wait for them, until none is due."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--at", type=an_instant, help="what is due at this instant (ISO 8601 with offset); default: now"
        )
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")

    def handle(self, *args: Any, at: datetime | None, **options: Any) -> None:
        result = run_outbox(at=at or timezone.now())
        if options["json"]:
            figures = {"delivered": dict(result.delivered), "failed": result.failed, "given_up": result.given_up}
            self.stdout.write(json.dumps(figures))
        else:
            for name, count in sorted(result.delivered.items()):
                self.stdout.write(f"{name}: {count}")
            self.stdout.write(
                f"{result.delivered.total()} delivered, {result.failed} failed attempts, {result.given_up} given up"
            )
        if result.failed or result.given_up:
            raise CommandError("the admin shows under Outbox rows what failed, and why")
