"""Small, nasty bundles: instants on and around boundaries, contradictions, every source and state.

The generator asks a *chooser* for every decision, so that a seeded random.Random and Hypothesis can both drive it.
It keeps away from what the specification leaves open: two rows of one key, two reviews last touched in the same second,
several auto reviews of an order, a seller's message without a language, a usd_rate for USD.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Protocol, TypeVar

from .bundle import Bundle, Manifest, Row
from .instants import EPOCH, performance_day
from .policy import DAY, HOUR

T = TypeVar("T")

LEAP_DAY = int((datetime(2024, 2, 29, tzinfo=UTC) - EPOCH).total_seconds())
SPAN_DAYS = 6
# Distances at which rules turn, in seconds.
TURNS = (0, 4 * HOUR, 24 * HOUR, 48 * HOUR, 72 * HOUR, 7 * DAY, 30 * DAY, 60 * DAY)
NEAR = (-1, 0, 0, 1)
ZONES = (0, 8, -3, 5)
# Few sites and languages, so that valid and invalid replies are both common.
SITES = ("", "RU", "US", "ES", "FR", "BR", "UA", "CA")
LANGUAGES = ("en", "ru", "es", "pt", "fr", "uk", "zh")
EVENT_KINDS = (
    "label",
    "pickup",
    "transit",
    "customs",
    "out_for_delivery",
    "delivered",
    "exception",
    "returned",
    "lost",
)
DISPUTE_KINDS = ("not_received", "not_as_described", "quality", "platform_claim", "chargeback")
LIABILITIES = ("seller", "buyer", "carrier", "none", "")


class Chooser(Protocol):
    """Where decisions come from."""

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""

    def whole(self, least: int, most: int) -> int:
        """A whole number, both ends included."""

    def chance(self, percent: int) -> bool:
        """True in about that share of cases."""


class RandomChooser:
    """Decisions from a seeded generator."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return self.rng.choice(options)

    def whole(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return self.rng.randint(least, most)

    def chance(self, percent: int) -> bool:
        """True in about that share of cases."""
        return self.rng.randrange(100) < percent


def random_bundle(seed: int, *, stores: int | None = None, orders: int = 12, start: int = LEAP_DAY) -> Bundle:
    """The bundle of a seed."""
    return make_bundle(RandomChooser(seed), stores=stores, orders=orders, start=start)


def make_bundle(chooser: Chooser, *, stores: int | None = None, orders: int = 12, start: int = LEAP_DAY) -> Bundle:
    """A bundle of `stores` (else 1–3, sometimes 5–6) with up to `orders` orders each, around the day of `start`."""
    maker = Maker(chooser, start)
    number = stores if stores is not None else (chooser.whole(5, 6) if chooser.chance(8) else chooser.whole(1, 3))
    maker.make_reference(number)
    for store in range(number):
        maker.make_store(f"S{store + 1}", orders if number < 5 else min(orders, 5))
    return maker.finished()


def iso(at: int, zone: int = 0, fraction: str = "") -> str:
    """An instant as ISO 8601 with an offset, `Z` for 0, with an optional fraction such as ``".999"``."""
    moment = (EPOCH + timedelta(seconds=at)).astimezone(timezone(timedelta(hours=zone)))
    text = moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction
    return text + ("Z" if zone == 0 else f"{'+' if zone > 0 else '-'}{abs(zone):02d}:00")


class Maker:
    """Collects the rows of one bundle."""

    def __init__(self, chooser: Chooser, start: int) -> None:
        self.choose = chooser
        self.start = start
        self.files: dict[str, list[Row]] = {stem: [] for stem in ("stores", "categories", "listings", "orders")}
        self.has_confirmations = chooser.chance(60)

    # --- instants

    def stamp(self, at: int) -> str:
        """The instant as a cell: mostly Z, sometimes another offset or a fraction of a second."""
        zone = self.choose.pick(ZONES) if self.choose.chance(15) else 0
        return iso(at, zone, self.choose.pick((".5", ".999", ".000001")) if self.choose.chance(5) else "")

    def anywhere(self) -> int:
        """An instant of the span: a day boundary of either calendar ± 1 s, or any second."""
        day = self.start + self.choose.whole(0, SPAN_DAYS - 1) * DAY
        if self.choose.chance(70):
            return day + self.choose.pick((0, 16 * HOUR)) + self.choose.pick(NEAR)
        return day + self.choose.whole(0, DAY - 1)

    def after(self, *bases: int | None) -> int:
        """An instant that stands to one of the bases as rules turn: exactly, or one second off; seldom unrelated."""
        known = [base for base in bases if base is not None]
        if not known or self.choose.chance(12):
            return self.anywhere()
        base = self.choose.pick(known)
        if self.choose.chance(20):
            return base + self.choose.whole(-DAY, 4 * DAY)
        return base + self.choose.pick(TURNS) + self.choose.pick(NEAR)

    def maybe(self, percent: int, *bases: int | None) -> int | None:
        """Such an instant in a share of cases, else None."""
        return self.after(*bases) if self.choose.chance(percent) else None

    def cell(self, at: int | None) -> str:
        """A stamp or an empty cell."""
        return "" if at is None else self.stamp(at)

    def add(self, stem: str, **cells: str) -> None:
        """One more row of a file."""
        self.files.setdefault(stem, []).append(cells)

    # --- what orders refer to

    def make_reference(self, stores: int) -> None:
        """Categories (roots with flags, leaves that inherit), fx rates, benchmarks; feeds that start empty."""
        choose = self.choose
        for root, flags in (("zr-plain", ""), ("zr-fast", "fast_moving"), ("zr-dear", "high_value")):
            self.add("categories", code=root, name=root, parent_code="", flags=flags)
        for code, parent, flags in (
            ("zl-plain", "zr-plain", ""),
            ("zl-virtual", "zr-plain", "virtual"),
            ("zl-custom", "zr-plain", "custom_made"),
            ("zl-export", "zr-dear", "export_controlled;high_value"),
            ("zl-fast", "zr-fast", ""),
            ("zt-virtual", "zl-virtual", ""),
        ):
            self.add("categories", code=code, name=code, parent_code=parent, flags=flags)
        first = performance_day(self.start)
        for currency, base in (("BRL", "0.2"), ("EUR", "1.085")):
            for back in (-45, -1, 0, 1, 3):
                if back == -45 or choose.chance(70):
                    rate = Decimal(base) + Decimal(choose.whole(0, 9)) / 1000
                    self.add("fx_rates", currency=currency, day=str(first + timedelta(days=back)), usd_rate=str(rate))
        if choose.chance(25):
            for metric, value in (("odr", "0.0085"), ("described", "4.55"), ("late_dispatch", "0.03")):
                day = first + timedelta(days=choose.whole(-2, 40))
                self.add("benchmarks", category="zr-plain", day=str(day), metric=metric, value=value)
        for stem in ("tracking_events", "reviews", "disputes", "refunds", "messages", "copyright_complaints"):
            if choose.chance(60):
                self.files.setdefault(stem, [])

    def make_store(self, store_no: str, orders: int) -> None:
        """A store with listings, orders and complaints."""
        choose = self.choose
        opened = (
            self.start + choose.pick((-400, -90, -89, -88, -30, -29, -28, -1)) * DAY + choose.pick((0, 16 * HOUR, -1))
        )
        self.add(
            "stores",
            store_no=store_no,
            name=f"Store {store_no}",
            level=choose.pick(("", "basic", "gold", "platinum")),
            store_type=choose.pick(("", "standard")),
            opened_at="" if choose.chance(10) else self.stamp(opened),
            primary_category=choose.pick(("", "zr-plain", "zr-plain", "zl-plain", "zl-fast", "zl-custom", "zr-dear")),
        )
        skus = [f"{store_no}-sku{number}" for number in range(1, 4)]
        for sku in skus:
            category = choose.pick(("", "zr-plain", "zl-fast", "zt-virtual", "zl-custom", "zl-export"))
            self.add("listings", store_no=store_no, sku=sku, title=sku, category=category)
        for number in range(choose.whole(0, orders)):
            self.make_order(store_no, f"O{number + 1}", skus)
        for number in range(choose.whole(0, 2)):
            opened = self.anywhere()
            self.add(
                "copyright_complaints",
                store_no=store_no,
                complaint_no=f"C{number}",
                sku=choose.pick(skus),
                opened_at=self.stamp(opened),
                resolved_at=self.cell(self.maybe(70, opened)),
                upheld=choose.pick(("true", "false", "")),
            )

    # --- orders

    def make_order(self, store_no: str, order_no: str, skus: Sequence[str]) -> None:
        """An order with everything that hangs on it."""
        choose, key = self.choose, {"store_no": store_no, "order_no": order_no}
        created = self.anywhere()
        paid = self.maybe(90, created)
        given_ship_by = self.maybe(30, paid, created)
        ship_by = given_ship_by if given_ship_by is not None or paid is None else paid + 72 * HOUR
        shipped = self.maybe(80, paid, ship_by)
        if shipped is not None and ship_by is not None and choose.chance(15):
            shipped = ship_by + choose.pick(NEAR)
        estimated = self.maybe(60, shipped)
        delivered = self.maybe(50, shipped, estimated)
        confirmed = self.maybe(55, delivered, shipped)
        cancelled = self.maybe(18, paid, ship_by, estimated, shipped)
        refunded = self.maybe(10, ship_by, estimated, shipped, delivered)
        sku = "" if choose.chance(25) else choose.pick(skus)
        site = choose.pick(SITES)
        row: Row = {
            **key,
            "sku": sku,
            "category": choose.pick(("", "", "zl-virtual", "zl-plain")),
            "site": site,
            "source": choose.pick(("", "platform", "platform", "platform", "certified_api", "external")),
            "fulfilled_by": choose.pick(("", "seller", "seller", "platform")),
            "is_presale": choose.pick(("", "", "false", "true")),
            "created_at": self.stamp(created),
            "paid_at": self.cell(paid),
            "ship_by": self.cell(given_ship_by),
            "shipped_at": self.cell(shipped),
            "tracking_no": choose.pick(("", "LP1", "LP1", "LP2")),
            "estimated_delivery_at": self.cell(estimated),
            "delivered_at": self.cell(delivered),
            "confirmed_at": self.cell(confirmed),
            "confirmed_by": choose.pick(("buyer", "system", "system")) if confirmed is not None else "",
            "cancelled_at": self.cell(cancelled),
            "cancelled_by": choose.pick(("buyer", "seller", "platform")) if cancelled is not None else "",
            "refunded_at": self.cell(refunded),
            **self.amount(),
        }
        if self.has_confirmations:
            row["dispatch_confirmed_at"] = self.cell(self.maybe(50, paid))
        self.add("orders", **row)
        if choose.chance(40):
            self.make_lines(key, skus)
        self.make_parcels(key, shipped)
        self.make_tracking(key, shipped, delivered)
        self.make_reviews(key, confirmed, delivered, created)
        self.make_disputes(key, created, delivered, confirmed)
        self.make_refunds(key, created, ship_by, estimated)
        self.make_messages(key, site, created, paid)
        if choose.chance(25):
            released = self.cell(self.maybe(80, paid, delivered))
            self.add("settlements", **key, released_at=released, amount="5.00", currency="USD")

    def amount(self) -> Row:
        """Total, currency and rate: half cents, the border of 2.00 USD, the border of 200 USD."""
        choose = self.choose
        currency = choose.pick(("USD", "USD", "USD", "BRL", "EUR", "XTS"))
        total = choose.pick(("1.99", "2.00", "2.01", "4.01", "9.25", "10.01", "200.00", "199.99", "731.35"))
        # XTS has no dated rate at all, so that it always needs a given one.
        given = currency == "XTS" or (currency != "USD" and choose.chance(50))
        rate = choose.pick(("0.5", "1", "0.9975", "0.199", "0.4995")) if given else ""
        return {"total_amount": total, "currency": currency, "usd_rate": rate}

    def make_lines(self, key: Row, skus: Sequence[str]) -> None:
        """Order lines, amounts often equal."""
        for line in range(1, self.choose.whole(1, 3) + 1):
            amount = self.choose.pick(("5.00", "5.00", "7.50", "5.0"))
            self.add("order_lines", **key, line_no=str(line), sku=self.choose.pick(skus), quantity="1", amount=amount)

    def make_parcels(self, key: Row, shipped: int | None) -> None:
        """Up to three parcels of a split shipment, the order's own now and then among them; some left earlier."""
        choose = self.choose
        for number in choose.pick(((), (), (), ("LP2",), ("LP1", "LP2"), ("LP3", "LP2", "LP1"))):
            left = self.maybe(70, shipped)
            self.add("shipments", **key, tracking_no=number, carrier="", shipped_at=self.cell(left))

    def make_tracking(self, key: Row, shipped: int | None, delivered: int | None) -> None:
        """Events with gaps of exactly 48 h and a second more or less; two tracking numbers now and then."""
        choose = self.choose
        at, seen = shipped, set()
        for _ in range(choose.whole(0, 4) if choose.chance(65) else 0):
            at = self.after(at, shipped, delivered) if at is not None else self.anywhere()
            kind = choose.pick(EVENT_KINDS)
            number = choose.pick(("LP1", "LP1", "LP2", ""))
            if (at, kind, number) not in seen:
                seen.add((at, kind, number))
                self.add("tracking_events", **key, tracking_no=number, at=self.stamp(at), kind=kind, place="", text="")

    def make_reviews(self, key: Row, confirmed: int | None, delivered: int | None, created: int) -> None:
        """An auto review, up to two rows of a buyer's review, revisions."""
        choose, auto = self.choose, None
        if choose.chance(20):
            auto = self.after(confirmed, delivered)
            self.add("reviews", **key, kind="auto", created_at=self.stamp(auto))
        made: set[int] = set()
        for _ in range(choose.pick((0, 1, 1, 1, 2))):
            at, revised = self.after(auto, confirmed, delivered, created), None
            if choose.chance(25):
                revised = at + choose.pick((0, 1, HOUR, DAY, 4 * DAY))
            touched = at if revised is None else max(at, revised)
            if made & {at, touched}:
                continue
            made |= {at, touched}
            self.add(
                "reviews",
                **key,
                kind=choose.pick(("buyer", "buyer", "buyer", "")),
                created_at=self.stamp(at),
                revised_at=self.cell(revised),
                described=str(choose.pick((1, 2, 3, 4, 5, 5))),
                communication=choose.pick(("", "1", "3", "5")),
                shipping=choose.pick(("", "4")),
                text=choose.pick(("", "fine")),
                has_photo=choose.pick(("", "true", "false")),
            )

    def make_disputes(self, key: Row, created: int, delivered: int | None, confirmed: int | None) -> None:
        """Disputes of every kind and state."""
        choose = self.choose
        for number in range(choose.pick((0, 0, 0, 1, 1, 2))):
            opened = self.after(confirmed, delivered, created)
            state = choose.pick(("open", "responded", "arbitration", "closed", "closed", "withdrawn"))
            ended = state in {"closed", "withdrawn"}
            self.add(
                "disputes",
                store_no=key["store_no"],
                dispute_no=f"D-{key['order_no']}-{number}",
                order_no=key["order_no"],
                kind=choose.pick(DISPUTE_KINDS),
                opened_at=self.stamp(opened),
                state=state,
                closed_at=self.stamp(self.after(opened)) if ended else "",
                liability=choose.pick(LIABILITIES) if ended else "",
                claimed_usd="3.00",
            )

    def make_refunds(self, key: Row, created: int, ship_by: int | None, estimated: int | None) -> None:
        """Partial and full refunds, some never completed."""
        choose = self.choose
        for number in range(choose.pick((0, 0, 0, 0, 1, 2))):
            requested = self.after(created)
            self.add(
                "refunds",
                store_no=key["store_no"],
                refund_no=f"R-{key['order_no']}-{number}",
                order_no=key["order_no"],
                requested_at=self.stamp(requested),
                completed_at=self.cell(self.maybe(70, ship_by, estimated, requested)),
                amount_usd=choose.pick(("1.50", "2.00", "", "2.01", "4.62", "9.25")),
                full=choose.pick(("true", "false", "")),
            )

    def make_messages(self, key: Row, site: str, created: int, paid: int | None) -> None:
        """A thread: equal seconds, replies at exactly 24 h, automatic ones, languages the buyer can't read."""
        choose = self.choose
        previous = created if choose.chance(50) else paid
        for number in range(choose.whole(1, 4) if choose.chance(40) else 0):
            at = self.after(previous, previous if number else None)
            if number and previous is not None and choose.chance(50):
                at = previous + choose.pick((0, 1, 24 * HOUR, 24 * HOUR + 1, 24 * HOUR - 1))
            previous = at
            self.add(
                "messages",
                store_no=key["store_no"],
                message_no=f"M-{key['order_no']}-{number}",
                order_no=key["order_no"],
                sent_at=self.stamp(at),
                sender=choose.pick(("buyer", "buyer", "seller"))
                if number == 0
                else choose.pick(("buyer", "seller", "seller")),
                text="Where is it?",
                language=choose.pick(LANGUAGES),
                automatic=choose.pick(("", "false", "false", "true")),
            )

    # --- the whole

    def finished(self) -> Bundle:
        """The bundle; most have a manifest that knows everything up to far ahead of the rows."""
        manifest: Manifest | None = None
        if self.choose.chance(80):
            exported = self.start + 120 * DAY
            feeds = ("orders", "tracking", "reviews", "disputes", "refunds", "messages", "copyright", "confirmations")
            known = self.stamp(exported - self.choose.pick((0, DAY, 60 * DAY)))
            manifest = {"exported_at": iso(exported), "mode": "mirrored", "known_until": dict.fromkeys(feeds, known)}
        return Bundle(self.files, manifest)
