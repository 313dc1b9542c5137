"""`manage.py reseal`: seals stored secrets by the first key of ENCRYPTION_KEYS (RL-13)."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.sealing import reseal_all


class Command(BaseCommand):
    """Exit status 1 when a secret can't be opened by any key."""

    help = (
        "Seal by the first key of ENCRYPTION_KEYS what the others sealed, so that those can be taken out of the"
        " settings. May be stopped and run again at any time, also while the site runs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        done = reseal_all()
        if options["json"]:
            self.stdout.write(json.dumps({name: asdict(result) for name, result in done.items()}))
        else:
            for name, result in done.items():
                self.stdout.write(f"{name}: {result.resealed} sealed anew, {result.failed} can't be opened")
        if any(result.failed for result in done.values()):
            raise CommandError("some secrets can't be opened: put the key that sealed them behind the first one")
