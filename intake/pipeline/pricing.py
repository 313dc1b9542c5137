"""Amounts in US dollars (IX-05): the row's own rate, else the dated one, else the yearly mean of the policy."""

from bisect import bisect_right
from collections.abc import Iterator

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.sql import SQL, Parameter, execute, parameters
from core.timebase import DAY_SECONDS, PERFORMANCE_OFFSET_SECONDS, from_day_number, from_epoch
from intake.pipeline.chunks import rows_per_chunk
from intake.pipeline.temporary import empty_table, fetch, mark_orders_dirty_in
from orders.deriving import derive_orders
from rulebook.queries import policies, policy_in

AMOUNT_PLACES, RATE_PLACES, USD_PLACES = 4, 12, 8
_SCALE: int = 10 ** (AMOUNT_PLACES + RATE_PLACES - USD_PLACES)
_ONE: int = 10**RATE_PLACES
LARGEST_USD = 2**62
# Amounts in US dollars only get more decimal places.
USD_PER_AMOUNT: int = 10 ** (USD_PLACES - AMOUNT_PLACES)
LARGEST_PLAIN = LARGEST_USD // USD_PER_AMOUNT
REPRICED = "intake_repriced"


def price_usd(amount: int, rate: int) -> int:
    """Scaled amount times scaled rate as scaled US dollars, cut off: so that what is a hair below a border (2.00 USD,
    half a cent) stays below it, and cents rounded from it are those of the exact amount."""
    return amount * rate // _SCALE


def day_of(created_at: int) -> int:
    """The performance day of epoch seconds."""
    return (created_at + PERFORMANCE_OFFSET_SECONDS) // DAY_SECONDS


class Rates:
    """The dated rates of all currencies and the yearly means, as scaled integers."""

    def __init__(self) -> None:
        self._days: dict[str, list[int]] = {}
        self._rates: dict[str, list[int]] = {}
        for currency, day, rate in fetch(
            SQL("SELECT currency, day, usd_rate FROM stores_fxrate ORDER BY currency, day")
        ):
            self._days.setdefault(currency, []).append(day)
            self._rates.setdefault(currency, []).append(rate)
        self._policies = policies()
        self._found: dict[tuple[str, int], int | None] = {}

    def rate(self, currency: str, created_at: int) -> int | None:
        """US dollars for one unit on the day of ``created_at`` (epoch seconds), scaled; None when unknown."""
        if currency == "USD":
            return _ONE
        key = (currency, day_of(created_at))
        if key not in self._found:
            self._found[key] = self._look_up(*key, created_at)
        return self._found[key]

    def _look_up(self, currency: str, day: int, created_at: int) -> int | None:
        days = self._days.get(currency, [])
        index = bisect_right(days, day)
        if index:
            return self._rates[currency][index - 1]
        policy = policy_in(self._policies, from_epoch(created_at))
        mean = policy.fx_usd(currency, from_day_number(day).year)
        return None if mean is None else int(mean.scaleb(RATE_PLACES))


def unknown_rate_reason(currency: str) -> str:
    """The reason of a rejection for lack of a rate."""
    return _("there is no rate for %(currency)s: fill usd_rate, or bring fx_rates.csv") % {"currency": currency}


def reprice(since: dict[str, int]) -> Iterator[int]:
    """Price orders without a rate of their own again; ``since``: currency → the day from which its rates changed.
    A transaction per batch; yields the last order's id of each."""
    last: int | None = 0
    while since and last is not None:
        with transaction.atomic():
            last = _reprice(since, last, rows_per_chunk())
        if last is not None:
            yield last


def earliest(days: dict[str, int], others: dict[str, int]) -> dict[str, int]:
    """The earlier day of each currency."""
    return days | {currency: min(day, days.get(currency, day)) for currency, day in others.items()}


def _reprice(since: dict[str, int], after: int, size: int) -> int | None:
    rates = Rates()
    rows = fetch(
        SQL("""SELECT id, currency, created_at, total_amount, total_usd FROM orders_order
            WHERE id > {after} AND currency IN ({currencies}) AND usd_rate IS NULL ORDER BY id LIMIT {size}""").format(
            after=Parameter(after), currencies=parameters(since), size=Parameter(size)
        )
    )
    changed = []
    for order_id, currency, created_at, amount, total in rows:
        rate = rates.rate(currency, created_at) if day_of(created_at) >= since[currency] else None
        if rate is not None and (price := price_usd(amount, rate)) != total:
            changed.append((order_id, price))
    if changed:
        _write_prices(changed)
    return rows[-1][0] if rows else None


def _write_prices(prices: list[tuple[int, int]]) -> None:
    """Give orders their prices, by id, and derive them again."""
    empty_table(REPRICED, SQL("id bigint PRIMARY KEY, total_usd bigint"))
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO intake_repriced (id, total_usd) VALUES (%s, %s)", prices)
        execute(
            cursor,
            SQL("UPDATE orders_order AS o SET total_usd = r.total_usd FROM intake_repriced r WHERE r.id = o.id"),
        )
    derive_orders(table=REPRICED, updated=True)
    mark_orders_dirty_in(REPRICED)
