"""Large synthetic bundles for benchmarks: many orders, in constant memory, the same bytes for the same arguments.

    python benchmarks/generate.py --orders 1000000 --stores 1000 --seed 1 --out /tmp/large
    python benchmarks/generate.py --orders 1000000 --stores 1000 --seed 1 --out /tmp/later --changes 30000

The first writes a year (365 days up to ``--today`` 09:00 Asia/Shanghai) as one canonical bundle: orders, tracking
events, reviews, disputes, refunds, messages, stores and carriers. The second, with the same arguments, writes a later
bundle in which so many random open orders went on within the next day (left, arrived, were received, got a review).
"""

import argparse
import json
import sys
import time
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import happenings
from benchmarks.happenings import FIRST_ORDER_NO, FIRST_PARCEL, PLACES, SCANS
from benchmarks.lives import (
    CARRIERS,
    CATEGORIES,
    DAY,
    DISPUTE_KINDS,
    HOUR,
    LANGUAGES,
    LIABILITIES,
    NEVER,
    OFFICIAL_CARRIERS,
    SITES,
    SKUS_PER_STORE,
    YEAR_DAYS,
    Numbers,
    Plan,
    TooFewOpenError,
    World,
    choose_open,
    go_on,
    make_plan,
    make_world,
)

LARGEST_SHARE = 0.1
TOO_FEW_OPEN = 3

LEVELS = ["basic", "gold", "platinum"]
REVIEW_TEXTS = [
    "",
    "",
    "Good quality and fast delivery.",
    "Muy buen producto.",
    "Всё отлично.",
    "Très bien.",
    "Chegou bem.",
]
QUESTIONS = ["Where is my parcel?", "When will you ship?", "Can I change the colour?"]
ANSWERS = ["It is on its way.", "We ship today.", "Of course."]
PAYMENTS = ["card", "paypal", "alipay"]
CONFIRMERS = ["buyer", "system"]
CANCELLERS = ["buyer", "seller", "platform"]
REVIEWERS = ["buyer", "auto"]
SENDERS = ["buyer", "seller"]
DISPUTE_STATES = ["closed", "open"]
MESSAGE_LANGUAGES = [*LANGUAGES, "en"]


class Texts:
    """Columns of text from numbers, by look-up instead of formatting."""

    def __init__(self, world: World) -> None:
        first = world.start // DAY - 20
        days = [(date(1970, 1, 1) + timedelta(days=first + n)).isoformat() for n in range(YEAR_DAYS + 120)]
        self.first_day = first
        self.days = pa.array(days)
        self.times = pa.array([f"T{s // HOUR:02d}:{s // 60 % 60:02d}:{s % 60:02d}Z" for s in range(DAY)])
        self.hundredths = pa.array([f".{n:02d}" for n in range(100)])
        self.stores = pa.array([store_no(n) for n in range(world.stores)])
        self.skus = pa.array([f"-{n + 1:02d}" for n in range(SKUS_PER_STORE)])
        self.categories = pa.array([CATEGORIES[n] for n in world.category])

    def instant(self, seconds: Numbers, until: int = NEVER - 1) -> pa.Array:
        """ISO 8601; null for what is never or lies after ``until``."""
        missing = seconds > until
        known = np.where(missing, self.first_day * DAY, seconds)
        day = pa.array(known // DAY - self.first_day, mask=missing)
        return join(self.days.take(day), self.times.take(pa.array(known % DAY)))

    def money(self, cents: Numbers) -> pa.Array:
        return join(numbers(cents // 100), self.hundredths.take(pa.array(cents % 100)))


def join(*parts: Any) -> pa.Array:
    """Texts set together, element by element; null where any part is."""
    return pc.binary_join_element_wise(*parts, "")


def numbers(values: Numbers) -> pa.Array:
    return pc.cast(pa.array(values), pa.string())


def choose(words: list[str], which: Numbers, missing: Numbers | None = None) -> pa.Array:
    """One of some words per element."""
    return pa.array(words).take(pa.array(which, mask=missing))


def constant(word: str, count: int) -> pa.Array:
    return pa.array([word]).take(pa.array(np.zeros(count, dtype=np.int64)))


def store_no(number: int) -> str:
    return f"S{number + 1:06d}"


def cancelling_party(plan: Plan) -> Numbers:
    """Places in CANCELLERS."""
    return np.where(plan.by_seller, 1, np.where(plan.paid == NEVER, 2, 0))


def order_columns(plan: Plan, texts: Texts, now: int) -> dict[str, pa.Array]:
    """orders.csv as of ``now``."""
    count = len(plan.index)
    unpaid, unsent = plan.paid > now, plan.shipped > now
    number = numbers(plan.index)
    store = texts.stores.take(pa.array(plan.store))
    party = cancelling_party(plan)
    sent_number = pc.if_else(pa.array(unsent), None, join("LP", numbers(plan.index + FIRST_PARCEL)))
    return {
        "store_no": store,
        "order_no": numbers(plan.index + FIRST_ORDER_NO),
        "sku": join(store, texts.skus.take(pa.array(plan.sku))),
        "category": texts.categories.take(pa.array(plan.store)),
        "buyer_ref": join("b", numbers(plan.buyer)),
        "site": choose(SITES, plan.site),
        "source": constant("platform", count),
        "payment_method": choose(PAYMENTS, plan.index % len(PAYMENTS)),
        "is_presale": constant("false", count),
        "created_at": texts.instant(plan.created),
        "paid_at": texts.instant(plan.paid, now),
        "dispatch_confirmed_at": texts.instant(plan.dispatch_confirmed, now),
        "ship_by": texts.instant(np.where(unpaid, NEVER, plan.ship_by)),
        "shipped_at": texts.instant(plan.shipped, now),
        "carrier": choose(CARRIERS, plan.carrier, unsent),
        "tracking_no": sent_number,
        "estimated_delivery_at": texts.instant(np.where(unpaid, NEVER, plan.estimated)),
        "delivered_at": texts.instant(plan.delivered, now),
        "confirmed_at": texts.instant(plan.confirmed, now),
        "confirmed_by": choose(CONFIRMERS, plan.by_system.astype(np.int64), plan.confirmed > now),
        "cancelled_at": texts.instant(plan.cancelled, now),
        "cancelled_by": choose(CANCELLERS, party, plan.cancelled > now),
        "refunded_at": texts.instant(plan.refunded, now),
        "total_amount": texts.money(plan.cents),
        "currency": constant("USD", count),
        "buyer_ip_hash": join("ip", number),
    }


def trace_columns(plan: Plan, texts: Texts, since: int, now: int) -> dict[str, pa.Array]:
    """tracking_events.csv of the instants in (since, now]."""
    found = happenings.scans(plan, since, now)
    index = plan.index[found.order]
    return {
        "store_no": texts.stores.take(pa.array(plan.store[found.order])),
        "order_no": numbers(index + FIRST_ORDER_NO),
        "tracking_no": join("LP", numbers(index + FIRST_PARCEL)),
        "at": texts.instant(found.at),
        "kind": choose(SCANS, found.kind),
        "place": choose(PLACES, found.place),
    }


def review_columns(plan: Plan, texts: Texts, since: int, now: int) -> dict[str, pa.Array]:
    """reviews.csv of the instants in (since, now]."""
    found = happenings.reviews(plan, since, now)
    index, is_auto = plan.index[found.order], found.second
    stars = choose(list("012345"), plan.stars[found.order], is_auto)
    return {
        "store_no": texts.stores.take(pa.array(plan.store[found.order])),
        "order_no": numbers(index + FIRST_ORDER_NO),
        "kind": choose(REVIEWERS, is_auto.astype(np.int64)),
        "created_at": texts.instant(found.at),
        "described": stars,
        "communication": stars,
        "shipping": stars,
        "text": choose(REVIEW_TEXTS, index % len(REVIEW_TEXTS), is_auto),
        "has_photo": choose(["false", "true"], (index % 7 == 0).astype(np.int64)),
    }


def dispute_columns(plan: Plan, texts: Texts, since: int, now: int) -> dict[str, pa.Array]:
    """disputes.csv: opened in (since, now]."""
    orders = happenings.disputed(plan, since, now)
    still_open = plan.dispute_closed[orders] > now
    claimed = plan.cents[orders]
    return {
        "store_no": texts.stores.take(pa.array(plan.store[orders])),
        "dispute_no": join("D", numbers(plan.index[orders])),
        "order_no": numbers(plan.index[orders] + FIRST_ORDER_NO),
        "kind": choose(DISPUTE_KINDS, plan.dispute_kind[orders]),
        "opened_at": texts.instant(plan.disputed[orders]),
        "state": choose(DISPUTE_STATES, still_open.astype(np.int64)),
        "closed_at": texts.instant(plan.dispute_closed[orders], now),
        "liability": choose(LIABILITIES, plan.liability[orders], still_open),
        "claimed_usd": texts.money(claimed),
    }


def refund_columns(plan: Plan, texts: Texts, since: int, now: int) -> dict[str, pa.Array]:
    """refunds.csv: full refunds completed in (since, now]."""
    orders = happenings.refunded(plan, since, now)
    return {
        "store_no": texts.stores.take(pa.array(plan.store[orders])),
        "refund_no": join("R", numbers(plan.index[orders])),
        "order_no": numbers(plan.index[orders] + FIRST_ORDER_NO),
        "requested_at": texts.instant(plan.disputed[orders]),
        "state": constant("completed", len(orders)),
        "completed_at": texts.instant(plan.refunded[orders]),
        "amount_usd": texts.money(plan.cents[orders]),
        "full": constant("true", len(orders)),
    }


def message_columns(plan: Plan, texts: Texts, since: int, now: int) -> dict[str, pa.Array]:
    """messages.csv: questions and answers in (since, now]."""
    found = happenings.messages(plan, since, now)
    index, reply = plan.index[found.order], found.second.astype(np.int64)
    which = index % len(QUESTIONS)
    return {
        "store_no": texts.stores.take(pa.array(plan.store[found.order])),
        "message_no": join(choose(["Q", "A"], reply), numbers(index)),
        "order_no": numbers(index + FIRST_ORDER_NO),
        "sent_at": texts.instant(found.at),
        "sender": choose(SENDERS, reply),
        "text": choose(QUESTIONS + ANSWERS, which + reply * len(QUESTIONS)),
        "language": choose(MESSAGE_LANGUAGES, np.where(reply == 1, len(LANGUAGES), plan.site[found.order])),
        "automatic": constant("false", len(index)),
    }


class BundleWriter:
    """Appends tables to the CSV files of a folder; each file's header is written with its first table."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.writers: dict[str, csv.CSVWriter] = {}
        self.rows: dict[str, int] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, file: str, columns: dict[str, pa.Array]) -> None:
        """Write rows, streaming; no cell holds a comma, quote or line break."""
        table = pa.table(columns)
        if file not in self.writers:
            options = csv.WriteOptions(quoting_style="none", quoting_header="none")
            writer = csv.CSVWriter(self.folder / f"{file}.csv", table.schema, write_options=options)
            self.writers[file] = self.stack.enter_context(writer)
        self.writers[file].write_table(table)
        self.rows[file] = self.rows.get(file, 0) + table.num_rows

    def add_plan(self, plan: Plan, texts: Texts, since: int, now: int) -> None:
        """Orders as of ``now``, and what belongs to them of the instants in (since, now]."""
        self.add("orders", order_columns(plan, texts, now))
        self.add("tracking_events", trace_columns(plan, texts, since, now))
        self.add("reviews", review_columns(plan, texts, since, now))
        self.add("disputes", dispute_columns(plan, texts, since, now))
        self.add("refunds", refund_columns(plan, texts, since, now))
        self.add("messages", message_columns(plan, texts, since, now))

    def write_manifest(self, exported_at: int) -> None:
        text = datetime.fromtimestamp(exported_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        feeds = ("orders", "tracking", "reviews", "disputes", "refunds", "messages", "confirmations")
        manifest = {"exported_at": text, "mode": "mirrored", "known_until": dict.fromkeys(feeds, text)}
        (self.folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def add_surroundings(writer: BundleWriter, world: World, texts: Texts) -> None:
    """Companies of five stores each, stores, carriers."""
    numbers_of_stores = np.arange(world.stores)
    company = [f"K{n // 5 + 1:06d}" for n in range(world.stores)]
    companies = sorted(set(company))
    writer.add("companies", {"company_no": pa.array(companies), "name": pa.array([f"Company {n}" for n in companies])})
    opened = world.start - (200 + numbers_of_stores * 37 % 1500) * DAY
    opened_at = [datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for at in opened]
    stores = {
        "store_no": texts.stores,
        "name": join("Store ", texts.stores),
        "company_no": pa.array(company),
        "level": choose(LEVELS, (numbers_of_stores % 5) // 2),
        "store_type": constant("standard", world.stores),
        "opened_at": pa.array(opened_at),
        "primary_category": texts.categories,
        "kyc_verified": constant("true", world.stores),
        "payout_account_bound": constant("true", world.stores),
    }
    writer.add("stores", stores)
    official = (np.arange(len(CARRIERS)) < OFFICIAL_CARRIERS).astype(np.int64)
    names = pa.array(CARRIERS)
    approved = constant("true", len(CARRIERS))
    carriers = {"code": names, "name": names, "approved": approved, "official": choose(["false", "true"], official)}
    writer.add("carriers", carriers)


def write_year(world: World, folder: Path) -> dict[str, int]:
    """The whole year; returns rows by file."""
    texts = Texts(world)
    with ExitStack() as stack:
        writer = BundleWriter(folder, stack)
        add_surroundings(writer, world, texts)
        for chunk in range(world.chunks):
            writer.add_plan(make_plan(world, chunk), texts, -1, world.now)
        writer.write_manifest(world.now)
        return writer.rows


def write_changes(world: World, folder: Path, changes: int, draw: int = 0) -> dict[str, int]:
    """So many random open orders, as they stand a day later; returns rows by file. May raise TooFewOpenError."""
    chosen = choose_open(world, changes, draw)
    texts, later = Texts(world), world.now + DAY
    with ExitStack() as stack:
        writer = BundleWriter(folder, stack)
        for chunk, positions in chosen:
            rng = np.random.default_rng([world.seed, 2, chunk, draw])
            plan = make_plan(world, chunk).take(positions)
            go_on(plan, world.now, rng)
            writer.add_plan(plan, texts, world.now, later)
        writer.write_manifest(later)
        return writer.rows


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--stores", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="folder of the bundle")
    parser.add_argument("--largest-share", type=float, default=LARGEST_SHARE, help="share of all orders in one store")
    parser.add_argument("--today", type=date.fromisoformat, default=None, help="last day (default: today, UTC)")
    parser.add_argument("--changes", type=int, default=0, help="write a later bundle with so many changed open orders")
    parser.add_argument("--draw", type=int, default=0, help="which changes: each number draws other orders")
    options = parser.parse_args(arguments)
    if options.orders < 1 or options.stores < 1 or not 0 < options.largest_share < 1:
        parser.error("orders and stores must be at least 1, the largest share between 0 and 1")
    return options


def main(arguments: list[str]) -> int:
    """Write a bundle and say how long it took."""
    options = parse_arguments(arguments)
    today = options.today or datetime.now(UTC).date()
    world = make_world(options.orders, options.stores, options.seed, options.largest_share, today)
    began = time.perf_counter()
    try:
        if options.changes:
            rows = write_changes(world, options.out, options.changes, options.draw)
        else:
            rows = write_year(world, options.out)
    except TooFewOpenError as error:
        print(error, file=sys.stderr)
        return TOO_FEW_OPEN
    seconds = time.perf_counter() - began
    counts = ", ".join(f"{file} {count:,}" for file, count in rows.items())
    print(f"{options.out}: {counts}; {seconds:.1f} s, {rows['orders'] / seconds:,.0f} orders/s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
