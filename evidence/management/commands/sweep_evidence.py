"""`manage.py sweep_evidence`: removes evidence that nothing refers to, once (RL-09)."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from core.management.commands.sweep import an_instant
from evidence.services.orphans import remove_orphans


class Command(BaseCommand):
    help = "Remove evidence files and rows that nothing has referred to for six hours, and old previews."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", type=an_instant, help="judge as of this instant (ISO 8601 with offset)")
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")

    def handle(self, *args: Any, at: datetime | None, **options: Any) -> None:
        removed = asdict(remove_orphans(at=at or timezone.now()))
        if options["json"]:
            self.stdout.write(json.dumps(removed))
        else:
            self.stdout.write(", ".join(f"{count} {name}" for name, count in removed.items()) + " removed")
