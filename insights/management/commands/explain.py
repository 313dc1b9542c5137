"""``explain``: why a metric of a store is what it is, as text (IX-12)."""

import json
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from insights.explanation import (
    Explanation,
    Listed,
    composition_data,
    explain,
    explanation_text,
    listed_data,
    listed_text,
    order_lists,
)
from insights.packages import package_chunks
from metrics.catalogue import METRICS
from metrics.management.commands.nightly import day_argument
from metrics.rules.days import last_complete_day
from metrics.scorecards.results import result_data
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
        counted = [_with_orders(one) for one in explanation.components or [explanation]]
        lines = [*explanation_text(explanation)] if explanation.components else []
        for one, lists in counted:
            lines += [*([""] if lines else []), *explanation_text(one), *listed_text(lists)]
        if not as_json:
            self.stdout.write("\n".join(lines))
            return
        data = [_data(one, lists) for one, lists in counted]
        if not explanation.components:
            self.stdout.write(json.dumps(data[0] | {"text": lines}))
            return
        made = {"composition": composition_data(explanation.composition), "parts": data}
        self.stdout.write(json.dumps(_data(explanation, []) | made | {"text": lines}))


def _with_orders(explanation: Explanation) -> tuple[Explanation, list[Listed]]:
    """An explanation with the orders that it counts and leaves out."""
    code, first, last = explanation.metric.code, explanation.first, explanation.last
    return explanation, order_lists(store_id=explanation.store.pk, code=code, first=first, last=last)


def _data(explanation: Explanation, lists: list[Listed]) -> dict[str, Any]:
    return result_data(explanation.result) | {
        "store_no": explanation.store.store_no,
        "metric": explanation.metric.code,
        "day": explanation.last.isoformat(),
        "no_value": explanation.no_value or None,
        "counters": {counter.name: counter.total for counter in explanation.counted},
        "orders": listed_data(lists),
    }
