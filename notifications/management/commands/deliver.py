"""`manage.py deliver`: sends the messages that are due once (RL-02)."""

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.management.commands.sweep import an_instant
from notifications.channels.delivering import deliver
from notifications.rules import ChannelName


class Command(BaseCommand):
    """Exit status 1 when the server of a channel could not be used."""

    help = "Send the messages that are due, some hundred of each channel at most."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--channel", choices=[name.value for name in ChannelName], action="append", help="default: all channels"
        )
        parser.add_argument(
            "--at", type=an_instant, help="what is due at this instant (ISO 8601 with offset); default: now"
        )
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")

    def handle(self, *args: Any, channel: list[str] | None, at: datetime | None, **options: Any) -> None:
        names = [ChannelName(name) for name in channel or ChannelName]
        results = {name: deliver(name, at=at or timezone.now()) for name in names}
        if options["json"]:
            found = {name: {"rows": dict(result.rows), "down": result.down} for name, result in results.items()}
            self.stdout.write(json.dumps(found))
        else:
            for name, result in results.items():
                for outcome, count in sorted(result.rows.items()):
                    self.stdout.write(f"{name} {outcome}: {count}")
        if down := [name.value for name, result in results.items() if result.down]:
            raise CommandError(f"not usable: {', '.join(down)}; see `manage.py doctor`")
