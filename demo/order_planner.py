"""One order's life from purchase to receipt, planned whole; what lies after now is cut off when it is written."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from typing import TypeVar

from core.pages.currencies import decimals_of
from demo.behaviour import Behaviour, DemoProfile
from demo.draws import DAY, HOUR, around, between, in_working_hours
from demo.parcels import Scan, trace, tracking_number, was_silent
from demo.world import CARRIERS, SITE_MIX, SITES, USD_PER_UNIT, Site

T = TypeVar("T")

PAYMENT_METHODS = ("card", "paypal", "alipay", "klarna", "boleto", "mir")
_PAYMENT_WEIGHTS = (55, 20, 10, 7, 5, 3)
CANCEL_REASONS = {
    "seller": ("out_of_stock", "price_error", "cannot_ship_to_address"),
    "buyer": ("changed_mind", "wrong_variant", "found_cheaper", "wrong_address"),
    "platform": ("payment_risk", "address_unreachable"),
}
PAYMENT_TIMEOUT = 3 * DAY


@dataclass(slots=True)
class Order:
    """A planned order; instants in epoch seconds, amounts in cents of the order's currency."""

    store_no: str
    order_no: str
    sku: str
    category: str
    buyer: str
    site: Site
    source: str
    payment: str
    presale: bool
    created: int
    cents: int
    shipping_cents: int
    currency: str
    usd_rate: float
    address: str
    ip_hash: str = ""
    premium_cents: int = 0
    paid: int | None = None
    dispatch_confirmed: int | None = None
    ship_by: int | None = None
    give_ship_by: bool = True
    shipped: int | None = None
    carrier: str = ""
    tracking_no: str = ""
    estimated: int | None = None
    delivered: int | None = None
    fate: str = ""
    ended: int | None = None
    abnormal: bool = False
    confirmed: int | None = None
    confirmed_by: str = ""
    cancelled: int | None = None
    cancelled_by: str = ""
    cancel_reason: str = ""
    refunded: int | None = None
    closed: int | None = None
    released: int | None = None
    held_reason: str = ""
    first_dispute: int | None = None
    scans: list[Scan] = field(default_factory=list)

    @property
    def usd_cents(self) -> int:
        return round(self.cents * self.usd_rate)


class OrderPlanner:
    """Plans the orders of one store: what is bought by whom, when it leaves, what becomes of the parcel."""

    def __init__(self, profile: DemoProfile, skus: list[tuple[str, str, int]], rng: Random) -> None:
        self.profile, self.rng, self.skus = profile, rng, skus
        self.count = 0
        self.last_number = ""
        mix = SITE_MIX[profile.sites]
        self.sites = [SITES[code] for code in mix]
        self.site_weights = list(accumulate(mix.values()))
        self.sku_weights = list(accumulate(1.0 / (rank + 2) for rank in range(len(skus))))
        self.carriers = list(profile.carriers)
        self.carrier_weights = list(accumulate(profile.carriers.values()))
        self.sources = list(profile.sources)
        self.source_weights = list(profile.sources.values())
        self.buyers: list[tuple[str, str]] = []

    def plan(self, created: int, days_ago: int, rate: dict[str, float]) -> Order:
        """An order with all its instants up to receipt; ``rate``: USD per unit by currency on that day."""
        behaviour = self.profile.behaviour(days_ago)
        order = self.place(created, rate)
        self._pay(order)
        if order.paid is None:
            return order
        self._promise(order)
        self._dispatch(order, behaviour, days_ago)
        self._cancel(order, behaviour)
        if order.shipped is not None:
            self.carry(order, behaviour)
            self._receive(order)
        return order

    def place(self, created: int, rate: dict[str, float]) -> Order:
        """The purchase itself."""
        rng, profile = self.rng, self.profile
        self.count += 1
        sku, category, price_cents = self._pick(self.skus, self.sku_weights)
        site = self._pick(self.sites, self.site_weights)
        usd_cents = max(90, int(price_cents * (1, 1, 1, 1, 2, 3)[int(rng.random() * 6)]))
        shipping = 0 if rng.random() < 0.6 else between(rng, 99, 699)
        currency = site.currency if site.currency in rate and rng.random() < 0.35 else "USD"
        usd_rate = rate.get(currency, 1.0)
        buyer, ip_hash = self._buyer()
        return Order(
            store_no=profile.store_no,
            order_no=f"{8_000_000_000_000_000 + int(profile.store_no) * 1_000_000 + self.count * 7}",
            sku=sku,
            category=category,
            buyer=buyer,
            site=site,
            source=rng.choices(self.sources, self.source_weights)[0] if len(self.sources) > 1 else self.sources[0],
            payment=rng.choices(PAYMENT_METHODS, _PAYMENT_WEIGHTS)[0],
            presale=rng.random() < profile.presale,
            created=created,
            cents=_payable((usd_cents + shipping) / usd_rate, currency),
            shipping_cents=_payable(shipping / usd_rate, currency),
            currency=currency,
            usd_rate=usd_rate,
            address=self._address(site),
            ip_hash=ip_hash,
            premium_cents=between(rng, 15, 90) if rng.random() < 0.25 else 0,
        )

    def _pick(self, choices: list[T], weights: Sequence[float]) -> T:
        return choices[bisect(weights, self.rng.random() * weights[-1])]

    def _buyer(self) -> tuple[str, str]:
        """One in five orders comes from a buyer who bought here before."""
        rng = self.rng
        if self.buyers and rng.random() < 0.2:
            return self.buyers[int(rng.random() * len(self.buyers))]
        buyer = (f"b{rng.getrandbits(40):010x}", f"{rng.getrandbits(64):016x}")
        self.buyers.append(buyer)
        return buyer

    def _address(self, site: Site) -> str:
        rng = self.rng
        city = site.cities[int(rng.random() * len(site.cities))]
        draw = rng.random()
        if draw < 0.015:
            return f"PO Box {between(rng, 10, 900)}, {city}, {site.code}"
        if draw < 0.03:
            return f"{city.split()[-1]}, {site.code}"
        return f"{site.street.format(n=between(rng, 1, 190))}, {city}, {site.code}"

    def _pay(self, order: Order) -> None:
        """Most pay within minutes; who does not is cancelled when the payment times out."""
        rng = self.rng
        if rng.random() < 0.972:
            order.paid = order.created + min(around(rng, 180, 1.4), 20 * HOUR)
            return
        order.cancelled = order.created + PAYMENT_TIMEOUT
        order.cancelled_by, order.cancel_reason = "platform", "payment_timeout"
        if rng.random() < 0.4:
            order.cancelled = order.created + between(rng, 0.2 * HOUR, 30 * HOUR)
            order.cancelled_by, order.cancel_reason = "buyer", rng.choice(CANCEL_REASONS["buyer"])

    def _promise(self, order: Order) -> None:
        assert order.paid is not None
        limit = between(self.rng, 14 * DAY, 28 * DAY) if order.presale else self.profile.limit_hours * HOUR
        order.ship_by = order.paid + limit
        usual = order.presale or self.profile.limit_hours != 72
        order.give_ship_by = usual or self.rng.random() > 0.05
        wait = limit if order.presale else 0
        order.estimated = (order.paid + wait) // DAY * DAY + (order.site.promised_days + 1) * DAY - 1

    def _dispatch(self, order: Order, behaviour: Behaviour, days_ago: int) -> None:
        rng, profile = self.rng, self.profile
        assert order.paid is not None
        assert order.ship_by is not None
        order.carrier = self._pick(self.carriers, self.carrier_weights)
        order.tracking_no = self._number(CARRIERS[order.carrier].style)
        rate = behaviour.late
        failing = profile.failing
        if failing and order.carrier == failing.carrier and days_ago <= failing.since:
            rate = failing.late if order.tracking_no.startswith(failing.prefix) else rate
        if rng.random() < rate:
            order.shipped = order.ship_by + min(around(rng, 30 * HOUR, 0.9), 12 * DAY)
        else:
            handling = around(rng, behaviour.handling_hours * HOUR, 0.55)
            if order.presale:
                handling = order.ship_by - order.paid - between(rng, 1 * DAY, 6 * DAY)
            latest = order.ship_by - between(rng, 0.2 * HOUR, 5 * HOUR)
            order.shipped = min(in_working_hours(rng, order.paid + handling), latest)
        self._confirm_dispatch(order, behaviour)

    def _number(self, style: str) -> str:
        """A tracking number; where the store has data issues now and then re-used or mistyped (DP-14)."""
        rng = self.rng
        number = tracking_number(style, rng)
        if rng.random() < self.profile.data_issues:
            number = self.last_number if self.last_number and rng.random() < 0.5 else number[:-3] + "0" + number[-2:]
        self.last_number = number
        return number

    def _confirm_dispatch(self, order: Order, behaviour: Behaviour) -> None:
        assert order.paid is not None
        assert order.shipped is not None
        if self.rng.random() < behaviour.unconfirmed:
            if self.rng.random() < 0.5:
                order.dispatch_confirmed = order.paid + between(self.rng, 4.2 * HOUR, 11 * HOUR)
        else:
            order.dispatch_confirmed = order.paid + min(around(self.rng, 0.8 * HOUR, 0.6), 4 * HOUR - 60)
        if order.dispatch_confirmed is not None and order.dispatch_confirmed > order.shipped:
            order.dispatch_confirmed = order.shipped

    def _cancel(self, order: Order, behaviour: Behaviour) -> None:
        """Some are called off between payment and dispatch, by any of the three parties."""
        rng = self.rng
        assert order.paid is not None
        assert order.shipped is not None
        draw = rng.random()
        for party in ("seller", "buyer", "platform"):
            share = getattr(behaviour, f"{party}_cancel")
            if draw < share:
                wait = order.shipped - order.paid
                order.cancelled = order.paid + between(rng, 0.1 * wait, 0.95 * wait)
                order.cancelled_by = party
                order.cancel_reason = rng.choice(CANCEL_REASONS[party])
                order.shipped = None
                if order.dispatch_confirmed is not None and order.dispatch_confirmed > order.cancelled:
                    order.dispatch_confirmed = None
                order.carrier = order.tracking_no = ""
                return
            draw -= share

    def carry(self, order: Order, behaviour: Behaviour) -> None:
        """The parcel's fate and trace."""
        rng = self.rng
        assert order.shipped is not None
        carrier = CARRIERS[order.carrier]
        draw = rng.random()
        order.fate = "delivered"
        for fate in ("lost", "returned", "vanished"):
            share = getattr(behaviour, fate)
            if draw < share:
                order.fate = fate
                break
            draw -= share
        transit = around(rng, order.site.transit_days * carrier.pace * behaviour.transit * DAY, 0.2)
        if order.fate == "delivered":
            order.delivered = order.ended = order.shipped + max(transit, 3 * DAY)
        elif order.fate != "vanished":
            order.ended = order.shipped + int(transit * (1.6 if order.fate == "lost" else 2.2))
        gap = rng.random() < behaviour.gap
        order.scans = trace(order.shipped, order.ended, order.fate, gap, carrier, order.site, order.tracking_no, rng)
        order.abnormal = was_silent(order.shipped, order.scans)

    def _receive(self, order: Order) -> None:
        """The buyer confirms, or the system does 10 days (15 without official logistics) after delivery (AF-05)."""
        rng = self.rng
        if order.delivered is None:
            return
        wait = (10 if CARRIERS[order.carrier].official else 15) * DAY
        own = around(rng, 2.2 * DAY, 0.9)
        if rng.random() < 0.55 and own < wait:
            order.confirmed, order.confirmed_by = order.delivered + own, "buyer"
        elif not order.abnormal or rng.random() < 0.7:
            order.confirmed, order.confirmed_by = order.delivered + wait, "system"


def currency_rates(day_ordinal: int) -> dict[str, float]:
    """USD per unit by currency on a day: the mean with a slow swing of at most 2 %, six decimals."""
    return {
        currency: round(mean * (1 + ((day_ordinal * (7 + index)) % 41 - 20) / 1000), 6)
        for index, (currency, mean) in enumerate(USD_PER_UNIT.items())
    }


def _payable(cents: float, currency: str) -> int:
    """Cents as they can be paid: some currencies have none."""
    return int(cents) - int(cents) % int(10 ** (2 - decimals_of(currency)))
