"""``demo``: a believable year of twelve stores in three companies, and the people who sign in (IX-15)."""

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demo.resetting import BusyError
from demo.seeding import NIGHTS, SEED, seed_demo
from stores.models import Company
from stores.purging import demo_companies


class Command(BaseCommand):
    help = "Fills the database with a believable year of 12 stores, up to now, and prints how to sign in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=SEED, help="same seed and instant, same data")
        parser.add_argument("--scale", type=float, default=1.0, help="multiplies the number of orders")
        parser.add_argument("--nights", type=int, default=NIGHTS, help="how many past nights are run")
        when = parser.add_mutually_exclusive_group()
        when.add_argument("--if-empty", action="store_true", help="do nothing where there is data already")
        when.add_argument(
            "--reset", action="store_true", help="build the demo anew; other companies beside it stay as they are"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        others = Company.objects.exclude(is_demo=True).exists()
        # A demo that was killed has companies, but its people come last: it is finished by running it again.
        finished = Company.objects.filter(memberships__isnull=False).exists()
        if options["if_empty"] and (others or finished):
            return
        if others and not (options["reset"] and demo_companies()):
            raise CommandError("there is data of others here: the demo goes into an empty installation only")
        say = (lambda text: None) if options["json"] else self.stdout.write
        size = {name: options[name] for name in ("seed", "scale", "nights")}
        try:
            sign_ins = seed_demo(**size, at=datetime.now(UTC), say=say)
        except BusyError as error:
            raise CommandError("another process is building the demo") from error
        if options["json"]:
            people = [{"email": row.email, "password": row.password, "what": row.what} for row in sign_ins]
            self.stdout.write(json.dumps({"sign_ins": people}))
            return
        for row in sign_ins:
            self.stdout.write(f"  {row.email:<24} {row.password:<16} {row.what}")
