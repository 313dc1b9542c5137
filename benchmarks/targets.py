"""The targets, and what a run measured of them: each ratio is worked out from two measurements of the same run."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks import names
from benchmarks.report import Measurement, Results, table

# What one size on one database took, by name; and the number of its stores.
Found = Mapping[str, Measurement]
Read = Callable[[Measurement], float | None]
MILLION = 1_000_000


@dataclass(frozen=True)
class Target:
    """A ratio, or a plain figure, and where it should lie. ``value`` works it out of what one size has taken and what
    a smaller size of as many stores took, if there is one. Sizes below ``least`` or above ``most`` orders can't say."""

    key: str
    what: str
    limit: float
    at_least: bool
    value: Callable[[Found, Found], float | None]
    least: int = 0
    most: int | None = None
    of_cpu: Callable[[Found, Found], float | None] | None = None

    @property
    def bound(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"

    def holds(self, value: float) -> bool:
        """Whether a value meets the target."""
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True)
class Verdict:
    """What a database measured of a target, at which size; ``value`` is None where no size of the run could say."""

    target: Target
    database: str
    orders: int | None = None
    value: float | None = None
    of_cpu: float | None = None

    @property
    def met(self) -> str:
        """In words."""
        if self.value is None:
            return NOT_MEASURED
        return "yes" if self.target.holds(self.value) else "no"


NOT_MEASURED = "not measured in this size"


# ── Values ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _seconds(one: Measurement) -> float | None:
    return one.seconds


def _cpu(one: Measurement) -> float | None:
    return one.cpu_seconds


def _median(one: Measurement) -> float | None:
    return one.median_ms


def _divide(upper: float | None, lower: float | None) -> float | None:
    return upper / lower if upper is not None and lower else None


def _quotient(upper: str, lower: str, read: Read) -> Callable[[Found, Found], float | None]:
    def value(found: Found, _smaller: Found) -> float | None:
        return _divide(read(found[upper]), read(found[lower])) if upper in found and lower in found else None

    return value


def _growth(read: Read) -> Callable[[Found, Found], float | None]:
    """Of a night after as many changes, the most that both sizes had."""

    def value(found: Found, smaller: Found) -> float | None:
        for night in (names.NIGHT, names.SMALL_NIGHT):
            if night in found and night in smaller:
                return _divide(read(found[night]), read(smaller[night]))
        return None

    return value


def _growth_of_pages(found: Found, smaller: Found) -> float | None:
    both = [what for what in found if what.startswith(names.PAGE) and what in smaller]
    quotients = [_divide(found[what].median_ms, smaller[what].median_ms) for what in both]
    return max((value for value in quotients if value is not None), default=None)


def _cpu_per_store(found: Found, _smaller: Found) -> float | None:
    night = found.get(names.NO_CHANGE)
    milliseconds = None if night is None or night.cpu_seconds is None else night.cpu_seconds * 1000
    return None if night is None else _divide(milliseconds, night.stores)


def _slowest_page(found: Found, _smaller: Found) -> float | None:
    pages = [one.p95_ms for what, one in found.items() if what.startswith(names.PAGE) and one.p95_ms is not None]
    return max(pages, default=None)


def _explained(found: Found, _smaller: Found) -> float | None:
    return found[names.EXPLAINED].median_ms if names.EXPLAINED in found else None


def _peak(found: Found, _smaller: Found) -> float | None:
    ours = [one.peak_mb for what, one in found.items() if one.peak_mb is not None and not what.startswith("DuckDB")]
    return max(ours, default=None)


def _times(
    key: str, what: str, sides: tuple[str, str], limit: float, *, at_least: bool = True, least: int = 0,
    most: int | None = None,
) -> Target:  # fmt: skip
    """A ratio of two times by the clock; that of their CPU times is shown beside it."""
    upper, lower = sides
    value, of_cpu = _quotient(upper, lower, _seconds), _quotient(upper, lower, _cpu)
    return Target(key, what, limit, at_least, value, least, most, of_cpu)


CARDS = names.NIGHT + names.TO_CARDS
TARGETS = (
    Target(
        "scan", "DuckDB full scan ÷ night to scorecards, of CPU time", 8, True, _quotient(names.SCAN, CARDS, _cpu),
        least=MILLION,
    ),
    Target(
        "growth", "the same night at the larger ÷ at the smaller size, same stores", 1.2, False, _growth(_seconds),
        of_cpu=_growth(_cpu),
    ),
    _times("idle", "night after no change ÷ that night", (names.NO_CHANGE, names.NIGHT), 0.6, at_least=False),
    Target("store", "CPU ms per store and night, both calendars", 0.5, False, _cpu_per_store),
    Target(
        "joins", "page by joins ÷ ours", 100, True, _quotient(names.BY_JOINS, "page: problem list, page 20", _median),
        least=10 * MILLION,
    ),
    Target("page", "any page, p95 in ms", 60, False, _slowest_page),
    _times(
        "import-small", "rate of the import ÷ bare, 100,000 orders", (names.BARE, names.IMPORT), 0.4, least=100_000,
        most=MILLION - 1,
    ),
    _times("import", "rate of the import ÷ bare, 1,000,000 orders", (names.BARE, names.IMPORT), 0.6, least=MILLION),
    _times("guard", "unguarded ÷ guarded re-import", (names.UNGUARDED, names.AGAIN), 3, least=100_000),
    _times(
        "export", "rate of the export of scorecards ÷ COPY TO STDOUT of the same rows",
        (names.COPIED_CARDS, names.EXPORTED_CARDS), 0.3,
    ),
    _times(
        "workers", "night over two workers ÷ over one", (names.night_over(2), names.night_over(1)), 0.6,
        at_least=False, least=100_000,
    ),
    Target("memory", "peak memory of a process, MB", 400, False, _peak),
    _times(
        "rebuild", "full rebuild ÷ night to scorecards", (names.REBUILD + names.TO_CARDS, CARDS), 15, least=MILLION
    ),
    _times(
        "export-facts", "rate of the export of facts ÷ COPY TO STDOUT", (names.COPIED_FACTS, names.EXPORTED_FACTS), 0.6
    ),
    Target("page-growth", "a page at the larger ÷ at the smaller size", 1.2, False, _growth_of_pages),
    Target("explain", "explain of one metric, ms", 150, False, _explained),
)  # fmt: skip


# ── A run ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def verdicts(results: Results) -> list[Verdict]:
    """Every target by every database of the run, at the largest size that can say."""
    databases = dict.fromkeys(one.database for one in results.measurements)
    return [_verdict(target, database, results) for target in TARGETS for database in databases]


def _verdict(target: Target, database: str, results: Results) -> Verdict:
    sizes = sorted({(one.orders, one.stores) for one in results.measurements if one.database == database}, reverse=True)
    for place, (orders, stores) in enumerate(sizes):
        if orders < target.least or (target.most is not None and orders > target.most):
            continue
        found = _of_size(results, database, orders, stores)
        alike = [size for size in sizes[place + 1 :] if size[1] == stores]
        smaller = _of_size(results, database, *alike[-1]) if alike else {}
        value = target.value(found, smaller)
        if value is not None:
            return Verdict(target, database, orders, value, target.of_cpu(found, smaller) if target.of_cpu else None)
    return Verdict(target, database)


def _of_size(results: Results, database: str, orders: int, stores: int) -> Found:
    key = (database, orders, stores)
    return {one.what: one for one in results.measurements if (one.database, one.orders, one.stores) == key}


HEADS = ("ratio", "target", "database", "orders", "measured", "of CPU time", "met")


def targets_table(found: Iterable[Verdict]) -> str:
    """The table with which a run ends."""
    return table(HEADS, map(_cells, found))


def _cells(verdict: Verdict) -> Sequence[str]:
    return (
        verdict.target.what,
        verdict.target.bound,
        verdict.database,
        "" if verdict.orders is None else f"{verdict.orders:,}",
        "" if verdict.value is None else f"{verdict.value:.2f}",
        "" if verdict.of_cpu is None else f"{verdict.of_cpu:.2f}",
        verdict.met,
    )
