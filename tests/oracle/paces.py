"""Random facts over many days, for judging: rates that wander about their lines, stores of every age.

Random bundles are too small to be sufficient (MX-05); here the counters themselves are drawn. A property test writes
them as facts of the product and gives the same to `World(bundle, facts=…)`.
"""

from __future__ import annotations

from datetime import date, timedelta

from .bundle import Bundle
from .facts import Facts
from .generator import Chooser, RandomChooser, iso
from .instants import performance_day_end
from .policy import DAY, HOUR

LAST = date(2024, 7, 15)

# Denominator → (counters that are parts of it, with what percentage of it they lie about).
SHARES: dict[str, tuple[tuple[str, tuple[int, ...]], ...]] = {
    "orders_paid": (("defect_orders", (0, 1, 2)), ("cancelled_by_seller", (1, 2, 3)), ("refunded_orders", (3, 8, 15))),
    "dispatch_due": (("dispatch_late", (2, 4, 5, 6)),),
    "shipped": (("shipped_over_72h", (5, 12, 16)), ("logistics_abnormal", (4, 8, 11))),
    "delivery_due": (("delivery_late", (5, 10, 13)),),
    "outcomes": (("undelivered", (1, 3, 5)), ("trace_incomplete", (5, 6))),
    "settled": (("disputes_opened_orders", (1, 2, 3, 4)),),
    "disputes_closed": (("disputes_seller_liable", (2, 4, 6, 9)),),
    "messages_due": (("messages_missed", (6, 9, 11)),),
    "r_dispatch_n": (("r_dispatch_ontime", (90, 95, 100)),),
    "r_delivery_n": (("r_delivery_ontime", (88, 94, 99)),),
    "u_reviews": (("u_negative", (0, 1, 3)),),
    "u_delivery_due": (("u_delivery_late", (5, 13)),),
    "successes": (("reviews_auto", (10, 40)),),
}
PLAIN = ("reviews_positive", "reviews_neutral", "reviews_text", "reviews_photo", "unconfirmed")
# Stars of a good, a middling and a bad stretch: means of 4.875, 4.75 and 4.5.
STARS = ((5, 5, 5, 5, 5, 5, 5, 4), (5, 5, 5, 5, 5, 5, 4, 4), (5, 5, 5, 5, 5, 5, 4, 2))


def random_world(seed: int, *, stores: int = 3, days: int = 100, last: date = LAST) -> tuple[Bundle, Facts]:
    """Stores and facts of a seed."""
    return make_world(RandomChooser(seed), stores=stores, days=days, last=last)


def make_world(chooser: Chooser, *, stores: int, days: int, last: date = LAST) -> tuple[Bundle, Facts]:
    """A bundle of stores, categories and benchmarks with all feeds, and facts of the `days` days up to `last`."""
    end = performance_day_end(last)
    categories = [
        {"code": "zr-plain", "name": "p", "parent_code": "", "flags": ""},
        {"code": "zl-fast", "name": "f", "parent_code": "zr-plain", "flags": "fast_moving"},
        {"code": "zl-custom", "name": "c", "parent_code": "zr-plain", "flags": "custom_made"},
        {"code": "zr-dear", "name": "d", "parent_code": "", "flags": "high_value"},
    ]
    rows, facts = [], {}
    for number in range(1, stores + 1):
        store_no = f"S{number}"
        age = chooser.pick((400, 400, 400, 91, 90, 89, 88, 31, 30, 29, 28))
        opened = end - (age + 1) * DAY + chooser.pick((0, 0, -1, 1, 8 * HOUR))
        rows.append(
            {
                "store_no": store_no,
                "name": store_no,
                "level": chooser.pick(("", "basic", "gold", "platinum")),
                "opened_at": "" if chooser.chance(10) else iso(opened),
                "primary_category": chooser.pick(("", "zr-plain", "zl-fast", "zl-custom", "zr-dear")),
            }
        )
        facts.update(make_pace(chooser, store_no, days, last))
    benchmarks = [
        {
            "category": "zr-plain",
            "day": str(last - timedelta(days=chooser.whole(-1, 5))),
            "metric": code,
            "value": value,
        }
        for code, value in (("late_dispatch", "0.031"), ("dsr", "4.71"), ("delivered", "0.965"))
        if chooser.chance(40)
    ]
    feeds = ("orders", "tracking_events", "reviews", "disputes", "refunds", "messages", "copyright_complaints")
    files = {"stores": rows, "categories": categories, "benchmarks": benchmarks, **{stem: [] for stem in feeds}}
    return Bundle(files, {"known_until": known_until(chooser, end)}), facts


def known_until(chooser: Chooser, end: int) -> dict[str, str]:
    """Feeds known until long after the last day, sometimes exactly to its end, sometimes a second less."""
    feeds = ("orders", "tracking", "reviews", "disputes", "refunds", "messages", "copyright")
    return {
        feed: iso(end + (chooser.pick((-1, 0, 8 * HOUR, 8 * HOUR - 1)) if chooser.chance(5) else 9 * DAY))
        for feed in feeds
    }


def make_pace(chooser: Chooser, store_no: str, days: int, last: date) -> Facts:
    """Facts of one store: volumes and rates hold for stretches of days and then change."""
    result: Facts = {}
    left = 0
    volume, rates = 0, {}
    for back in range(days - 1, -1, -1):
        if left == 0:
            left = chooser.pick((1, 2, 3, 5, 20, 40))
            volume = chooser.pick((0, 1, 3, 40))
            rates = {name: chooser.pick(options) for parts in SHARES.values() for name, options in parts}
        left -= 1
        counters = one_day(chooser, volume, rates)
        if counters:
            result[store_no, last - timedelta(days=back)] = counters
    return result


def one_day(chooser: Chooser, volume: int, rates: dict[str, int]) -> dict[str, int]:
    """Counters of a day that keep what always holds: parts are no larger than their whole."""
    if volume == 0:
        return {}
    counters: dict[str, int] = {}
    for whole, parts in SHARES.items():
        counters[whole] = volume + chooser.whole(0, 2)
        for name, _ in parts:
            # Whole failures whose share comes to the rate over days: the rest is decided by chance.
            exact = counters[whole] * rates[name]
            counters[name] = min(counters[whole], exact // 100 + chooser.chance(exact % 100))
    for name in PLAIN:
        counters[name] = chooser.whole(0, 2)
    counters["reviews_positive"] += 20 if volume > 3 else 1
    counters["reviews_negative"] = int(chooser.chance(rates["undelivered"] * (20 if volume > 3 else 2)))
    stars = STARS[rates["undelivered"] // 2]
    for star in ("described", "communication"):
        number = chooser.whole(0, 3)
        counters[f"{star}_n"] = number
        counters[f"{star}_sum"] = sum(chooser.pick(stars) for _ in range(number))
    counters["gmv_cents_usd"] = counters["orders_paid"] * chooser.pick((999, 20000))
    counters["r_value_n"] = counters["r_dispatch_n"]
    counters["r_value_cents_usd"] = counters["r_value_n"] * chooser.pick((999, 20000, 30000))
    counters["handling_seconds"] = counters["shipped"] * chooser.pick((36000, 86401))
    counters["transit_seconds"] = (counters["outcomes"] - counters["undelivered"]) * chooser.pick((700001, 800000))
    return {name: number for name, number in counters.items() if number}
