"""What measurements are called that others are compared with."""

from benchmarks.bundles import FEW, MANY

# From facts to scorecards: what DuckDB's scan and a rebuild are compared with leaves out what other apps do then.
TO_CARDS = ", facts to scorecards"
REBUILD = "full rebuild"
NO_CHANGE = "night after no change"
SCAN = "DuckDB: full scan"
IMPORT = "import of orders"
BARE = "bare staging + ON CONFLICT of orders"
AGAIN = "re-import of orders, nothing changed"
UNGUARDED = "re-import of orders, unguarded"
BY_JOINS = "problem page by joins, OFFSET and count"
COPIED_FACTS = "facts straight from the database"
EXPORTED_FACTS = "export of facts, without starting"
COPIED_CARDS = "a day's scorecards straight from the database"
EXPORTED_CARDS = "export of a day's scorecards, without starting"
EXPLAINED = "explain, without starting"
PAGE = "page: "


def night_after(changes: int) -> str:
    """A night after so many changed orders."""
    return f"night after {changes:,} changed orders"


def night_over(workers: int) -> str:
    """A night after a rebuild, by so many workers."""
    return f"rebuilt night over {workers} worker{'s' * (workers > 1)}"


NIGHT, SMALL_NIGHT = night_after(MANY), night_after(FEW)
