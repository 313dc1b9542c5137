"""`manage.py mail`: sends the e-mails that are due once (RL-02)."""

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.management.commands.sweep import an_instant
from notifications.channels.delivering import deliver_mail


class Command(BaseCommand):
    """Exit status 1 when the mail server could not be used."""

    help = "Send the e-mails that are due, some hundred at most."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--at", type=an_instant, help="what is due at this instant (ISO 8601 with offset); default: now"
        )
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")

    def handle(self, *args: Any, at: datetime | None, **options: Any) -> None:
        result = deliver_mail(at=at or timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps({"rows": dict(result.rows), "down": result.down}))
        else:
            for outcome, count in sorted(result.rows.items()):
                self.stdout.write(f"{outcome}: {count}")
        if result.down:
            raise CommandError("the mail server could not be used: see `manage.py doctor`")
