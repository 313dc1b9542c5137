"""Rows brought together by order, wherever in the file they stand, in constant memory (RL-18)."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from intake.reading.lines import BadRow

_MADE = "CREATE TABLE rows (seq INTEGER PRIMARY KEY, grp TEXT, line INTEGER, cells TEXT, bad TEXT)"
_ADD = "INSERT INTO rows (grp, line, cells, bad) VALUES (?, ?, ?, ?)"
_SORTED = (
    "SELECT rows.grp, line, cells, bad FROM rows "
    "JOIN (SELECT grp, MIN(seq) AS first FROM rows GROUP BY grp) AS firsts ON firsts.grp = rows.grp "
    "ORDER BY firsts.first, rows.seq"
)


@dataclass(frozen=True)
class SourceRow:
    """A row as it stands, and why it can't be read."""

    line: int
    cells: list[str]
    bad: BadRow | None = None


def grouped(rows: Iterable[tuple[str, SourceRow]], path: Path) -> Iterator[list[SourceRow]]:
    """Rows with the same key together, in the order in which the keys come first. ``path``: a file to sort in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute(_MADE)
        database.execute("BEGIN")
        # JSON, since cells may hold bytes that are no text.
        database.executemany(_ADD, ((json.dumps(key), row.line, json.dumps(row.cells), _bad(row)) for key, row in rows))
        database.execute("COMMIT")
        database.execute("CREATE INDEX rows_by_group ON rows (grp, seq)")
        for _key, group in groupby(database.execute(_SORTED), key=lambda found: found[0]):
            yield [
                SourceRow(line, json.loads(cells), BadRow(*json.loads(bad)) if bad else None)
                for _grp, line, cells, bad in group
            ]
    path.unlink(missing_ok=True)


def _bad(row: SourceRow) -> str:
    return "" if row.bad is None else json.dumps([row.bad.column, row.bad.value, row.bad.reason])
