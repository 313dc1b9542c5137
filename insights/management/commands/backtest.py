"""``backtest``: how good forecasts of past days would have been (MX-14)."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from core.terminal import EnglishCommand
from insights.queries.backtest import PLACES, Score, backtest
from insights.rules.forecast import can_forecast
from metrics.catalogue import METRICS
from metrics.management.commands.nightly import day_argument
from rulebook.rules import rounded
from stores.shards import UnknownStoreError, stores_of

CODES = sorted(code for code in METRICS if can_forecast(code))
APPROXIMATED = (
    "Facts of past days are today's, late data and corrections included.",
    "What waited for dispatch then is told from the orders, with today's deadlines and without orders cancelled since.",
    "Messages and confirmations that waited then are not told: they go at the usual pace in every course.",
    "Zones are those of the lines alone: no streaks, no usual swings, no benchmarks of new stores.",
)


class Command(EnglishCommand):
    help = (
        "Makes the forecast of each past day from facts as of that day, as far as today's tell them, and holds it"
        " against what came: the share of days on which the predicted zone held and the mean absolute error, for the"
        " three courses and for 'stays as it is' (MX-14). " + " ".join(APPROXIMATED)
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--store", action="extend", nargs="+", metavar="NO", help="the stores' numbers")
        which.add_argument("--all", action="store_true", help="all stores together")
        parser.add_argument("--metric", nargs="+", required=True, choices=CODES, metavar="CODE", help=", ".join(CODES))
        parser.add_argument("--from", dest="first", type=day_argument, required=True, help="first day of a forecast")
        parser.add_argument("--to", dest="last", type=day_argument, required=True, help="last day of a forecast")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["first"] > options["last"]:
            raise CommandError("--from is after --to")
        try:
            stores = stores_of(options["store"])
        except UnknownStoreError as error:
            raise CommandError(f"no store has the number {error}") from error
        scores = backtest(stores, options["metric"], options["first"], options["last"])
        if options["json"]:
            rows = [_data(score) for score in scores]
            self.stdout.write(json.dumps({"scores": rows, "approximated": APPROXIMATED}))
            return
        self.stdout.write(f"{'metric':<18} {'course':<9} {'days':>6} {'zone held':>10} {'mean error':>13}")
        for score in scores:
            self.stdout.write(_line(score))
        self.stdout.write("\n".join(APPROXIMATED))


def _data(score: Score) -> dict[str, Any]:
    def exact(value: Any) -> str | None:
        return None if value is None else format(rounded(value, PLACES), "f")

    return {
        "metric": score.metric,
        "course": score.rival,
        "days": score.days,
        "held": score.held,
        "held_share": exact(score.held_share),
        "mean_absolute_error": exact(score.mean_error),
    }


def _line(score: Score) -> str:
    start = f"{score.metric:<18} {score.rival:<9} {score.days:>6}"
    if score.held_share is None or score.mean_error is None:
        return f"{start} {'–':>10} {'–':>13}"
    return f"{start} {rounded(score.held_share * 100, 2):>8} % {rounded(score.mean_error, 6):>13}"
