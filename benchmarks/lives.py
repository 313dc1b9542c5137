"""The lives of a benchmark's orders as arrays: who buys what, when it leaves and arrives, what goes wrong. No files."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

CHUNK = 100_000
HOUR = 3600
DAY = 24 * HOUR
YEAR_DAYS = 365
NEVER = 2**60
OPEN_WITHIN_DAYS = 60
SKUS_PER_STORE = 20

SITES = ["ES", "FR", "US", "BR", "RU", "GB", "DE", "IT", "PL", "KR"]
SITE_SHARES = [18, 16, 16, 10, 10, 8, 7, 6, 6, 3]
LANGUAGES = ["es", "fr", "en", "pt", "ru", "en", "en", "en", "en", "en"]
CARRIERS = ["AE_STANDARD", "CAINIAO_ECONOMY", "AE_SAVER", "YANWEN", "FOURPX", "CHINA_POST"]
CARRIER_SHARES = [40, 20, 12, 12, 9, 7]
OFFICIAL_CARRIERS = 3
CATEGORIES = [
    *("apparel", "shoes", "bags", "jewellery", "watches", "beauty", "phones", "computers", "electronics"),
    *("home_appliances", "home_garden", "tools", "toys", "mother_kids", "sports", "automotive"),
]
DISPUTE_KINDS = ["not_as_described", "quality", "not_received", "platform_claim", "chargeback"]
LIABILITIES = ["seller", "buyer", "carrier", "none"]

Numbers = np.ndarray[Any, Any]


class TooFewOpenError(Exception):
    """More changes are wanted than orders are open."""


@dataclass(frozen=True)
class World:
    """What the arguments fix: the year's bounds in epoch seconds, stores with their shares and rates."""

    orders: int
    stores: int
    seed: int
    start: int
    now: int
    cumulative: Numbers
    late: Numbers
    trouble: Numbers
    category: Numbers

    @property
    def chunks(self) -> int:
        return -(-self.orders // CHUNK)


@dataclass
class Plan:
    """A chunk of orders, whole lives; arrays of one length, instants in epoch seconds, NEVER where there is none."""

    index: Numbers
    store: Numbers
    sku: Numbers
    site: Numbers
    carrier: Numbers
    buyer: Numbers
    cents: Numbers
    created: Numbers
    paid: Numbers
    dispatch_confirmed: Numbers
    ship_by: Numbers
    shipped: Numbers
    estimated: Numbers
    ended: Numbers
    lost: Numbers
    confirmed: Numbers
    by_system: Numbers
    cancelled: Numbers
    by_seller: Numbers
    refunded: Numbers
    disputed: Numbers
    dispute_closed: Numbers
    dispute_kind: Numbers
    liability: Numbers
    reviewed: Numbers
    stars: Numbers
    auto: Numbers
    asked: Numbers
    answered: Numbers
    gap: Numbers

    @property
    def delivered(self) -> Numbers:
        return np.where(self.lost, NEVER, self.ended)

    def take(self, chosen: Numbers) -> "Plan":
        """The plan of some of the orders."""
        return Plan(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def make_world(orders: int, stores: int, seed: int, largest_share: float, today: date) -> World:
    """One store has ``largest_share`` of all orders, the others log-normal shares of the rest."""
    rng = np.random.default_rng([seed, 0])
    shares = rng.lognormal(0, 1.0, stores)
    if stores > 1:
        shares[0] = 0
        shares *= (1 - largest_share) / shares.sum()
        shares[0] = largest_share
    now = int(datetime(today.year, today.month, today.day, 1, tzinfo=UTC).timestamp())
    return World(
        orders=orders,
        stores=stores,
        seed=seed,
        start=now - 9 * HOUR - (YEAR_DAYS - 1) * DAY,
        now=now,
        cumulative=np.cumsum(shares) / shares.sum(),
        late=np.clip(rng.lognormal(np.log(0.015), 0.8, stores), 0, 0.3),
        trouble=np.clip(rng.lognormal(np.log(0.010), 0.8, stores), 0, 0.3),
        category=rng.integers(0, len(CATEGORIES), stores),
    )


def make_plan(world: World, chunk: int) -> Plan:
    """The orders of a chunk, in order of creation; a pure function of the world and the chunk's number."""
    rng = np.random.default_rng([world.seed, 1, chunk])
    index = np.arange(chunk * CHUNK, min((chunk + 1) * CHUNK, world.orders))
    count = len(index)
    store = np.minimum(np.searchsorted(world.cumulative, rng.random(count)), world.stores - 1)
    created = world.start + ((index + rng.random(count)) * ((world.now - world.start) / world.orders)).astype(np.int64)
    paid = np.where(rng.random(count) < 0.97, created + _log_normal(rng, 240, 1.2, count, 20 * HOUR), NEVER)
    plan = _Lives(world, rng, store, created, paid).plan(index)
    plan.gap = rng.random(count) < 0.03
    return plan


class _Lives:
    """Draws what happens to the orders of a chunk, phase by phase."""

    def __init__(self, world: World, rng: np.random.Generator, store: Numbers, created: Numbers, paid: Numbers) -> None:
        self.world, self.rng, self.store, self.created, self.paid = world, rng, store, created, paid
        self.count = len(store)

    def plan(self, index: Numbers) -> Plan:
        """All arrays of the plan but the gaps in traces."""
        rng, count = self.rng, self.count
        site, carrier = _pick(rng, SITE_SHARES, count), _pick(rng, CARRIER_SHARES, count)
        ship_by = after(self.paid, 72 * HOUR)
        shipped, cancelled, by_seller = self._dispatch(ship_by)
        transit = _log_normal(rng, 5.2 * DAY, 0.25, count, 25 * DAY)
        ended = after(shipped, np.maximum(transit, 2 * DAY))
        lost = rng.random(count) < 0.01
        delivered = np.where(lost, NEVER, ended)
        disputed, dispute_closed, refunded, kind, liability = self._disputes(delivered, ended)
        confirmed, by_system = self._receipt(delivered, carrier, disputed, dispute_closed, refunded)
        reviewed, auto, stars = self._reviews(confirmed, disputed)
        asked = np.where(rng.random(count) < 0.08, after(self.paid, _evenly(rng, HOUR, 8 * DAY, count)), NEVER)
        answered = np.where(
            rng.random(count) < 0.97, after(asked, _log_normal(rng, 3 * HOUR, 1.1, count, 90 * HOUR)), NEVER
        )
        return Plan(
            index=index,
            store=self.store,
            sku=(SKUS_PER_STORE * rng.random(count) ** 2).astype(np.int64),
            site=site,
            carrier=carrier,
            buyer=rng.integers(0, max(1, self.world.orders // 2), count),
            cents=np.maximum(120, rng.lognormal(np.log(1900), 0.8, count).astype(np.int64)),
            created=self.created,
            paid=self.paid,
            dispatch_confirmed=np.minimum(after(self.paid, _log_normal(rng, HOUR, 0.7, count, 12 * HOUR)), shipped),
            ship_by=ship_by,
            shipped=shipped,
            estimated=np.where(self.paid == NEVER, NEVER, self.paid // DAY * DAY + 15 * DAY - 1),
            ended=ended,
            lost=lost,
            confirmed=confirmed,
            by_system=by_system,
            cancelled=cancelled,
            by_seller=by_seller,
            refunded=refunded,
            disputed=disputed,
            dispute_closed=dispute_closed,
            dispute_kind=kind,
            liability=liability,
            reviewed=reviewed,
            stars=stars,
            auto=auto,
            asked=asked,
            answered=answered,
            gap=np.zeros(count, dtype=bool),
        )

    def _dispatch(self, ship_by: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """When orders leave (in time, or late at the store's rate), which are cancelled before, and by the seller."""
        rng, count = self.rng, self.count
        late = rng.random(count) < self.world.late[self.store]
        in_time = self.paid + _log_normal(rng, 18 * HOUR, 0.5, count, 71 * HOUR)
        shipped = np.where(late, ship_by + _log_normal(rng, 24 * HOUR, 0.8, count, 12 * DAY), in_time)
        shipped = np.where(self.paid == NEVER, NEVER, shipped)
        draw = rng.random(count)
        called_off = (draw < 0.02) & (self.paid != NEVER)
        cancelled = np.where(called_off, self.paid + (shipped - self.paid) // 2, NEVER)
        cancelled = np.where(self.paid == NEVER, self.created + 3 * DAY, cancelled)
        return np.where(called_off, NEVER, shipped), cancelled, called_off & (draw < 0.005)

    def _disputes(self, delivered: Numbers, ended: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers, Numbers]:
        """Opened, closed, full refund, kind and liability."""
        rng, count = self.rng, self.count
        chosen = rng.random(count) < self.world.trouble[self.store] + np.where(delivered == NEVER, 0.4, 0.0)
        disputed = np.where(chosen, after(ended, _evenly(rng, 0.2 * DAY, 7 * DAY, count)), NEVER)
        closed = after(disputed, _evenly(rng, DAY, 12 * DAY, count))
        kind = np.where(delivered == NEVER, 2, rng.integers(0, len(DISPUTE_KINDS), count))
        liability = _pick(rng, [30, 25, 20, 25], count)
        refunded = np.where(liability == 0, after(closed, HOUR), NEVER)
        return disputed, closed, refunded, kind, liability

    def _receipt(
        self, delivered: Numbers, carrier: Numbers, disputed: Numbers, closed: Numbers, refunded: Numbers
    ) -> tuple[Numbers, Numbers]:
        rng, count = self.rng, self.count
        wait = np.where(carrier < OFFICIAL_CARRIERS, 10, 15) * DAY
        own = _log_normal(rng, 2 * DAY, 0.8, count, 40 * DAY)
        by_system = (rng.random(count) < 0.45) | (own >= wait)
        confirmed = after(delivered, np.where(by_system, wait, own))
        held = confirmed >= disputed
        confirmed = np.where(held, np.maximum(after(closed, HOUR), after(delivered, wait)), confirmed)
        confirmed = np.where((refunded != NEVER) & held, NEVER, confirmed)
        return confirmed, by_system | held

    def _reviews(self, confirmed: Numbers, disputed: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Buyers' reviews, automatic ones, described stars."""
        rng, count = self.rng, self.count
        eager = rng.random(count) < 0.4
        reviewed = np.where(eager, after(confirmed, _log_normal(rng, 6 * HOUR, 1.2, count, 6 * DAY)), NEVER)
        next_day = np.where(confirmed == NEVER, NEVER, (confirmed // DAY + 1) * DAY + 20)
        auto = np.where(~eager & (disputed == NEVER), next_day, NEVER)
        return reviewed, auto, np.array([5, 4, 3, 2, 1])[_pick(rng, [855, 105, 20, 8, 12], count)]


def after(instant: Numbers, seconds: Any) -> Numbers:
    """The instant so many seconds later; never stays never."""
    return np.where(instant == NEVER, NEVER, instant + seconds)


def _log_normal(rng: np.random.Generator, median: float, spread: float, count: int, most: float) -> Numbers:
    return np.minimum(rng.lognormal(np.log(median), spread, count), most).astype(np.int64)


def _evenly(rng: np.random.Generator, low: float, high: float, count: int) -> Numbers:
    return (low + (high - low) * rng.random(count)).astype(np.int64)


def _pick(rng: np.random.Generator, shares: list[int], count: int) -> Numbers:
    bounds = np.cumsum(shares)
    return np.searchsorted(bounds, rng.random(count) * bounds[-1], side="right")


def recent_chunks(world: World) -> Iterator[int]:
    """The chunks that may hold open orders."""
    per_day = world.orders / YEAR_DAYS
    first = max(0, int((world.orders - per_day * OPEN_WITHIN_DAYS) // CHUNK))
    yield from range(first, world.chunks)


def choose_open(world: World, changes: int, draw: int) -> list[tuple[int, Numbers]]:
    """Chunks and positions in them of random open orders: paid, neither received nor called off nor refunded."""
    found: list[tuple[int, Numbers]] = []
    now = world.now
    for chunk in recent_chunks(world):
        plan = make_plan(world, chunk)
        ended = (
            (plan.confirmed <= now) | (plan.cancelled <= now) | (plan.refunded <= now) | (plan.ended <= now) & plan.lost
        )
        found.append((chunk, np.flatnonzero((plan.paid <= now) & ~ended & (plan.disputed > now))))
    total = sum(len(positions) for _chunk, positions in found)
    if total < changes:
        raise TooFewOpenError(f"only {total} orders are open: ask for fewer changes or make more orders")
    drawn = np.sort(np.random.default_rng([world.seed, 3, draw]).choice(total, changes, replace=False))
    chosen, before = [], 0
    for chunk, positions in found:
        own = drawn[(drawn >= before) & (drawn < before + len(positions))] - before
        if len(own):
            chosen.append((chunk, positions[own]))
        before += len(positions)
    return chosen


def go_on(plan: Plan, now: int, rng: np.random.Generator) -> None:
    """Each order takes its next step within 20 hours after ``now``, and no further one; 40 % of those received get a
    review."""
    count = len(plan.index)
    step = now + 60 + _evenly(rng, 0, 20 * HOUR, count)
    unsent, arrived = plan.shipped > now, plan.delivered <= now
    on_way = ~unsent & ~arrived
    plan.shipped = np.where(unsent, step, plan.shipped)
    plan.dispatch_confirmed = np.minimum(plan.dispatch_confirmed, plan.shipped)
    plan.lost = plan.lost & ~on_way
    plan.ended = np.where(unsent, step + 5 * DAY, np.where(on_way, step, plan.ended))
    plan.confirmed = np.where(arrived, step, NEVER)
    plan.by_system = plan.by_system & ~arrived
    plan.reviewed = np.where(arrived & (rng.random(count) < 0.4), step + 600, NEVER)
    plan.auto = np.full(count, NEVER)
    plan.disputed = plan.dispute_closed = plan.refunded = plan.cancelled = np.full(count, NEVER)
