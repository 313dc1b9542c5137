"""``whatif``: each metric, score and notice of a store as it would be (BX-04)."""

import json
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import CommandError

from core.terminal import EnglishCommand
from insights.queries.whatif.pace import CODES
from insights.queries.whatif.simulation import (
    DayPair,
    MetricCourse,
    NoticeStory,
    NoUsualOrdersError,
    Supposed,
    WhatIf,
    what_if,
)
from insights.queries.whatif.ticked_orders import KINDS, MOST_ORDERS, Chosen, choose
from insights.rules.whatif import Number
from metrics.management.commands.nightly import day_argument
from metrics.scorecards.results import MetricResult
from rulebook.rules import rounded
from stores.models import Store
from stores.shards import UnknownStoreError, stores_of

PLACES = 10
SHOWN_PLACES = 6
HELP = {
    "exclude": "an order as if excluded from every metric (repeatable)",
    "exclude_review": "an order whose review is as if excluded (repeatable)",
    "exclude_dispute": "an order whose disputes are as if excluded (repeatable)",
    "prevent": "an order as if nothing had failed in it (repeatable)",
}


class Command(EnglishCommand):
    help = (
        "Shows each metric, score and notice of a store as it would be were orders excluded or prevented, or the next"
        " weeks' orders and failures others than usual, by day (BX-04)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--store", required=True, metavar="NO", help="the store's number")
        parser.add_argument("--day", type=day_argument, help="an earlier day, without days ahead (default: last known)")
        for kind in KINDS:
            option = f"--{kind.replace('_', '-')}"
            parser.add_argument(option, action="append", default=[], metavar="ORDER_NO", dest=kind, help=HELP[kind])
        parser.add_argument("--orders-per-day", type=int, metavar="N", help="new orders a day (default: as usual)")
        parser.add_argument("--failures", type=int, default=100, metavar="PERCENT", help="of the usual (default: 100)")
        parser.add_argument("--ahead", type=int, metavar="DAYS", help="days ahead (default: those of a forecast)")
        parser.add_argument("--metric", nargs="+", default=[], choices=CODES, help="also day by day", metavar="CODE")
        parser.add_argument("--json", action="store_true", help="one JSON object with every day instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            (store,) = stores_of([options["store"]])
        except UnknownStoreError as error:
            raise CommandError(f"no store has the number {error}") from error
        chosen = choose(store.id, {kind: options[kind] for kind in KINDS})
        _refuse(options, chosen)
        supposed = Supposed(chosen.ticked, options["orders_per_day"], options["failures"], options["ahead"])
        try:
            found = what_if(store=store, at=datetime.now(UTC), supposed=supposed, asked=options["day"])
        except NoUsualOrdersError as error:
            raise CommandError(
                "--orders-per-day: this store had no orders of late, so nothing can be scaled"
            ) from error
        if options["json"]:
            self.stdout.write(json.dumps(_data(store, found, chosen)))
        else:
            self.stdout.write("\n".join(_text(store, found, chosen, options["metric"])))


def _refuse(options: dict[str, Any], chosen: Chosen) -> None:
    """Name the option that makes no sense."""
    bounds = {"orders_per_day": 1_000_000, "failures": 1_000, "ahead": 90}
    for name, most in bounds.items():
        if options[name] is not None and not 0 <= options[name] <= most:
            raise CommandError(f"--{name.replace('_', '-')} must lie between 0 and {most:,}")
    if chosen.unknown:
        raise CommandError(f"the store has no order of the number {', '.join(chosen.unknown[:5])}")
    if chosen.twice:
        raise CommandError(f"both excluded and prevented: {', '.join(chosen.twice[:5])}")
    if chosen.over:
        raise CommandError(f"at most {MOST_ORDERS} orders count at once")


def _text(store: Store, found: WhatIf, chosen: Chosen, codes: list[str]) -> list[str]:
    first = found.days.performance
    lines = [f"Store {store.store_no}, {first} to {first + timedelta(days=found.ahead)}", *_supposed(found, chosen), ""]
    lines.append(f"{'metric':<20} {'day':<10}  {'as it is':>12} {'level':<8} {'as it would be':>14} level")
    for code, course in found.courses.items():
        shown = course.days if code in codes else course.ends
        lines += [_day(code, pair) for pair in shown]
    lines += ["", "Notices"]
    for code, course in found.courses.items():
        if course.story is not None:
            lines += [f"{code:<20} {side}" for side in _notices(course.story)]
    return lines


def _day(code: str, pair: DayPair) -> str:
    as_is, would = pair.as_is, pair.would
    is_now, would_be = f"{_value(as_is):>12} {as_is.level:<8}", f"{_value(would):>14} {would.level}"
    return f"{code:<20} {pair.day}  {is_now} {would_be}"


def _supposed(found: WhatIf, chosen: Chosen) -> list[str]:
    counts = {kind: len(chosen.numbers[kind]) for kind in KINDS}
    lines = [f"{kind.replace('_', ' ')}: {count}" for kind, count in counts.items() if count]
    per_day = found.supposed.orders_per_day
    usual = rounded(found.usual_orders, 1)
    lines.append(f"orders a day: {usual} as usual" if per_day is None else f"orders a day: {per_day}, usually {usual}")
    return [*lines, f"failures: {found.supposed.failures_percent} % of the usual"]


def _value(result: MetricResult) -> str:
    return "–" if result.value.value is None else format(rounded(result.value.value, SHOWN_PLACES), "f")


def _notices(story: NoticeStory) -> list[str]:
    as_is = [f"{step.day} {step.kind} {step.level}" for step in story.as_is]
    would = [f"{step.day} {step.kind} {step.level}" for step in story.would]
    if story.current is not None:
        as_is.insert(0, f"{story.current.number} {story.current.level} stands")
        kept = {None: "would not exist", story.current.level: "stands"}.get(story.kept, f"would be {story.kept}")
        would.insert(0, f"{story.current.number} {kept}")
    return [f"as it is:       {'; '.join(as_is) or 'none'}", f"as it would be: {'; '.join(would) or 'none'}"]


def _data(store: Store, found: WhatIf, chosen: Chosen) -> dict[str, Any]:
    return {
        "store_no": store.store_no,
        "day": found.days.performance.isoformat(),
        "ahead": found.ahead,
        "supposed": {
            **{kind: chosen.numbers[kind] for kind in KINDS},
            "orders_per_day": found.supposed.orders_per_day,
            "failures_percent": found.supposed.failures_percent,
        },
        "usual_orders_per_day": _exact(found.usual_orders),
        "metrics": {code: _course(course) for code, course in found.courses.items()},
    }


def _course(course: MetricCourse) -> dict[str, Any]:
    days = [
        {"day": pair.day.isoformat(), "as_is": _result(pair.as_is), "would": _result(pair.would)}
        for pair in course.days
    ]
    return {"days": days} | ({"notices": _story(course.story)} if course.story is not None else {})


def _result(result: MetricResult) -> dict[str, Any]:
    """A result as it is exported; of days ahead the expected counts are decimals too."""
    numbers = {
        "value": result.value.value,
        "numerator": result.value.numerator,
        "denominator": result.value.denominator,
        "yellow": result.yellow,
        "red": result.red,
    }
    return {"level": str(result.level)} | {name: _exact(one) for name, one in numbers.items() if one is not None}


def _exact(number: Number) -> int | str:
    """Counts as they are, fractions as exported (MX-06)."""
    return number if isinstance(number, int) else format(rounded(number, PLACES), "f")


def _story(story: NoticeStory) -> dict[str, Any]:
    def steps(side: Any) -> list[dict[str, str]]:
        return [{"day": step.day.isoformat(), "kind": step.kind, "level": step.level} for step in side]

    current = story.current
    return {
        "standing": {"number": current.number, "level": current.level, "would": story.kept} if current else None,
        "as_is": steps(story.as_is),
        "would": steps(story.would),
    }
