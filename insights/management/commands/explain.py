"""``explain``: why a metric of a store is what it is, as text (IX-12)."""

import json
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from insights.explanation import Explanation, explain, explanation_data
from insights.packages import package_chunks
from metrics.catalogue import METRICS
from metrics.management.commands.nightly import day_argument
from metrics.rules.days import last_complete_day
from stores.models import Store
from stores.shards import UnknownStoreError, stores_of


class Command(BaseCommand):
    help = "Explains a metric of a store: formula, worked arithmetic, lines, orders counted and left out (DM-32)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--store", required=True, metavar="NO", help="the store's number")
        parser.add_argument("--metric", required=True, choices=sorted(METRICS), metavar="CODE", help=", ".join(METRICS))
        parser.add_argument("--day", type=day_argument, help="the day (default: the last complete one)")
        parser.add_argument("--language", default="en", choices=["en", "zh-hans"], help="language of the text")
        parser.add_argument("--package", type=Path, metavar="OUT.ZIP", help="also write the raw data package there")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            (store,) = stores_of([options["store"]])
        except UnknownStoreError as error:
            raise CommandError(f"no store has the number {error}") from error
        day = options["day"] or last_complete_day(datetime.now(UTC), METRICS[options["metric"]].calendar)
        if options["package"]:
            self._write_package(store, options["metric"], day, options["package"])
        with translation.override(options["language"]):
            explanation = explain(store=store, code=options["metric"], day=day)
            self._write(explanation, as_json=options["json"])

    def _write_package(self, store: Store, code: str, day: date, out: Path) -> None:
        """Write the package whole or not at all."""
        if not out.parent.is_dir():
            raise CommandError(f"{out.parent} is no folder: make it first")
        if out.is_dir():
            raise CommandError(f"{out} is a folder: name a file in it")
        partial = out.with_name(f".{out.name}.partial")
        try:
            with partial.open("wb") as file:
                file.writelines(package_chunks(store=store, code=code, day=day))
            partial.replace(out)
        except OSError as error:
            raise CommandError(f"{out} can't be written: {error.strerror or error}") from error
        finally:
            partial.unlink(missing_ok=True)

    def _write(self, explanation: Explanation, *, as_json: bool) -> None:
        data = explanation_data(explanation)
        self.stdout.write(json.dumps(data) if as_json else "\n".join(data["text"]))
