"""`manage.py check_risks`: brings the flags and scores of all stores in line once (TM-06, TM-14)."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from core.management.commands.sweep import an_instant
from core.terminal import EnglishCommand
from insights.services.checks import work_checks

ENOUGH = timedelta(days=1)


class Command(EnglishCommand):
    help = "Check the stores whose check is due, or all of them, for risk flags and early-warning scores."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at", type=an_instant, help="as of this instant (ISO 8601 with offset); default: now")

    def handle(self, *args: Any, at: datetime | None, **options: Any) -> None:
        now = at or timezone.now()
        checked = work_checks(clock=lambda: now, until=now + ENOUGH)
        self.stdout.write(f"{checked} stores checked")
