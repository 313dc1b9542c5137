"""The ratios that matter, from what was measured, against their targets."""

from collections.abc import Callable, Sequence

from benchmarks.bundles import FEW, MANY
from benchmarks.report import Measurement, Ratio, Results

NIGHT = f"night after {MANY:,} changed orders"
# From facts to scorecards: what DuckDB's scan and a rebuild are compared with leaves out what other apps do then.
TO_CARDS = ", facts to scorecards"
CARDS = NIGHT + TO_CARDS
SMALL_NIGHT = f"night after {FEW:,} changed orders"
PEAK_MB = 400
SLOWEST_MS = 60


def add_ratios(results: Results) -> None:
    """Work out every ratio whose two sides were measured."""
    for database, orders in dict.fromkeys((one.database, one.orders) for one in results.measurements):
        _of_one_size(results, database, orders)
    for database in dict.fromkeys(one.database for one in results.measurements):
        _across_sizes(results, database)


# (what, numerator, denominator, target, at least)
_TIMES: tuple[tuple[str, str, str, float, bool], ...] = (
    (f"DuckDB full scan ÷ {CARDS}", "DuckDB: full scan", CARDS, 3, True),
    (f"full rebuild ÷ {CARDS}", f"full rebuild{TO_CARDS}", CARDS, 15, True),
    ("night after no change ÷ night after 30,000 changed orders", "night after no change", NIGHT, 0.6, False),
    (
        "rebuilt night over two workers ÷ over one",
        "rebuilt night over 2 workers",
        "rebuilt night over 1 worker",
        0.65,
        False,
    ),
    (
        "rate of the import of orders ÷ bare staging + ON CONFLICT",
        "bare staging + ON CONFLICT of orders",
        "import of orders",
        0.4,
        True,
    ),
    (
        "unguarded ÷ guarded re-import",
        "re-import of orders, unguarded",
        "re-import of orders, nothing changed",
        3,
        True,
    ),
    (
        "rate of CSV export ÷ straight from the database",
        "facts straight from the database",
        "export of facts, without starting",
        0.6,
        True,
    ),
)
_PAGES: tuple[tuple[str, str, str, float, bool], ...] = (
    (
        "problem page by joins ÷ ours",
        "problem page by joins, OFFSET and count",
        "page: problem list, page 20",
        50,
        True,
    ),
)


def _of_one_size(results: Results, database: str, orders: int) -> None:
    found = {one.what: one for one in results.measurements if (one.database, one.orders) == (database, orders)}

    def add(what: str, value: float | None, target: float, at_least: bool, of_cpu: float | None = None) -> None:
        if value is not None:
            results.ratios.append(Ratio(database, orders, what, value, target, at_least, of_cpu))

    for what, upper, lower, target, at_least in _TIMES:
        of_cpu = _quotient(found, upper, lower, lambda one: one.cpu_seconds)
        add(what, _quotient(found, upper, lower, _seconds), target, at_least, of_cpu)
    for what, upper, lower, target, at_least in _PAGES:
        add(what, _quotient(found, upper, lower, lambda one: one.median_ms), target, at_least)
    explained = found.get("explain, without starting")
    add("explain of one metric, ms", explained.median_ms if explained else None, 150, at_least=False)
    slowest = [one.p95_ms for what, one in found.items() if what.startswith("page:") and one.p95_ms is not None]
    add("slowest page, p95 in ms", max(slowest, default=None), SLOWEST_MS, at_least=False)
    peaks = [one.peak_mb for what, one in found.items() if one.peak_mb is not None and not what.startswith("DuckDB")]
    add("peak memory of any job, MB", max(peaks, default=None), PEAK_MB, at_least=False)


def _across_sizes(results: Results, database: str) -> None:
    sizes = sorted({one.orders for one in results.measurements if one.database == database})
    if len(sizes) < 2:
        return
    small, large = (_of_size(results, database, size) for size in (sizes[0], sizes[-1]))
    for what, value, target in (
        (f"{SMALL_NIGHT}: at {sizes[-1]:,} ÷ at {sizes[0]:,}", _between(large, small, [SMALL_NIGHT], _seconds), 1.3),
        (
            f"slowest growth of a page: at {sizes[-1]:,} ÷ at {sizes[0]:,}",
            _between(large, small, _pages(large), _median),
            1.2,
        ),
    ):
        if value is not None:
            results.ratios.append(Ratio(database, sizes[-1], what, value, target, at_least=False))


def _of_size(results: Results, database: str, orders: int) -> dict[str, Measurement]:
    return {one.what: one for one in results.measurements if (one.database, one.orders) == (database, orders)}


def _pages(found: dict[str, Measurement]) -> list[str]:
    return [what for what in found if what.startswith("page:")]


def _between(
    large: dict[str, Measurement],
    small: dict[str, Measurement],
    names: Sequence[str],
    read: Callable[[Measurement], float | None],
) -> float | None:
    quotients = [_divide(read(large[name]), read(small[name])) for name in names if name in large and name in small]
    return max((value for value in quotients if value is not None), default=None)


def _quotient(
    found: dict[str, Measurement], upper: str, lower: str, read: Callable[[Measurement], float | None]
) -> float | None:
    if upper not in found or lower not in found:
        return None
    return _divide(read(found[upper]), read(found[lower]))


def _divide(upper: float | None, lower: float | None) -> float | None:
    return upper / lower if upper is not None and lower else None


def _seconds(one: Measurement) -> float | None:
    return one.seconds


def _median(one: Measurement) -> float | None:
    return one.median_ms
