"""Writing a data package as a stream (DM-32, IX-12): constant memory however many orders it holds."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils import translation

from core.sql import SQL, Composable, Identifier, Literal, dialect_of, drop_temp, execute, make_temp
from insights.explanation.order_batches import Reach, drop_views, walk_batches
from insights.explanation.tallies import VIEWS
from insights.packages.composite import knot_rows, part_rows
from insights.packages.package_files import ORDERS, SCORE_KNOTS, SCORE_PARTS, TABLES, Table
from insights.packages.package_manifest import manifest_of, policy_data
from insights.packages.package_sql import load_duckdb, load_sqlite, reproduce
from insights.packages.plan import Plan, plan_of
from insights.packages.readme import readme
from metrics.anchors import Anchor, Subject
from stores.models import Store

ROWS_AT_ONCE = 5_000


def package_name(store_no: str, code: str, day: date) -> str:
    return f"{store_no}-{code}-{day.isoformat()}.zip"


def package_chunks(*, store: Store, code: str, day: date) -> Iterator[bytes]:
    """The ZIP of a metric's package in pieces, written as rows are read. Everything is of one snapshot of the database
    where the product's own transaction is not open already."""
    return _chunks(plan_of(store, code, day))


def _chunks(plan: Plan) -> Iterator[bytes]:
    outlet = _Outlet()
    with _snapshot(), zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as archive:
        package = _Package(plan, archive)
        for _written in package.write():
            yield outlet.drain()
    yield outlet.drain()


@contextmanager
def _snapshot() -> Iterator[None]:
    """One state of the database for all reads; temporary tables are dropped at the end."""
    with nullcontext() if connection.in_atomic_block else dialect_of(connection).one_state(connection):
        yield
        drop_views()


class _Outlet(io.RawIOBase):
    """A file that can't be sought and hands over what was written to it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def drain(self) -> bytes:
        """What was written since the last call."""
        found = b"".join(self._pieces)
        self._pieces.clear()
        return found


@dataclass
class _Package:
    """The archive as it grows, and what its manifest will say of each file."""

    plan: Plan
    archive: zipfile.ZipFile
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    orders: int = 0

    def write(self) -> Iterator[None]:
        """Write every file, the manifest last; yields whenever a piece is there to be taken."""
        with translation.override("en"):
            score_rows = self._score_rows()
            texts = {
                "README.txt": readme(self.plan),
                "load_duckdb.sql": load_duckdb(self.plan),
                "load_sqlite.sql": load_sqlite(self.plan),
                "reproduce.sql": reproduce(self.plan),
                "policy.json": _json(policy_data(self.plan)),
            }
        for name, text in texts.items():
            yield from self._text(name, text)
        with connection.cursor() as cursor:
            yield from self._table(ORDERS, self._select_orders(cursor))
            _select_skus(cursor)
            for table in TABLES:
                if table is not ORDERS:
                    yield from self._table(table, self._rows(cursor, table))
        for table, rows in score_rows.items():
            yield from self._table(table, [rows])
        with translation.override("en"):
            manifest = manifest_of(self.plan) | {"orders": self.orders, "files": self.files}
        yield from self._text("manifest.json", _json(manifest))

    def _score_rows(self) -> dict[Table, list[tuple[object, ...]]]:
        """The policy of a composite score as rows; none for other metrics."""
        if not self.plan.is_composite:
            return {}
        return {SCORE_PARTS: list(part_rows(self.plan)), SCORE_KNOTS: list(knot_rows(self.plan))}

    def _text(self, name: str, text: str) -> Iterator[None]:
        return self._file(name, [text.encode()], {})

    def _table(self, table: Table, batches: Iterable[list[tuple[object, ...]]]) -> Iterator[None]:
        facts: dict[str, Any] = {"rows": 0, "columns": list(table.headings)}

        def pieces() -> Iterator[bytes]:
            yield _csv([table.headings])
            for batch in batches:
                facts["rows"] += len(batch)
                yield _csv(table.lines(batch))

        return self._file(f"{table.file}.csv", pieces(), facts)

    def _file(self, name: str, pieces: Iterable[bytes], facts: dict[str, Any]) -> Iterator[None]:
        digest, size = hashlib.sha256(), 0
        day = self.plan.day
        # The day of the number instead of the clock: the same data make the same bytes.
        info = zipfile.ZipInfo(name, (max(day.year, 1980), day.month, day.day, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        with self.archive.open(info, "w", force_zip64=True) as file:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
                yield
        self.files[name] = {"sha256": digest.hexdigest(), "bytes": size, **facts}
        yield

    def _select_orders(self, cursor: CursorWrapper) -> Iterator[list[tuple[object, ...]]]:
        """The orders with an event in the window, counted or left out, kept in ``tmp_package`` as they are written."""
        reach, parts = self.plan.reach, [one.reach for one in self.plan.counted]
        drop_temp(cursor, ("tmp_package", "tmp_package_complaint"))
        execute(cursor, SQL("CREATE TEMPORARY TABLE tmp_package (place INTEGER PRIMARY KEY, id BIGINT NOT NULL)"))
        execute(cursor, SQL("CREATE TEMPORARY TABLE tmp_package_complaint (id BIGINT NOT NULL)"))
        for _place in walk_batches(cursor, reach):
            if found := orders_with_events(parts):
                execute(cursor, place_orders(found, self.orders))
                written, self.orders = self.orders, self.orders + cursor.rowcount
                yield from self._placed(cursor, ORDERS, written)
            if Subject.COMPLAINT in reach.subjects:
                for part in parts:
                    _select_complaints(cursor, part)

    def _placed(self, cursor: CursorWrapper, table: Table, written: int = 0) -> Iterator[list[tuple[object, ...]]]:
        """Rows of the package's orders from the one after ``written``, some thousand orders at a time."""
        for start in range(written, self.orders, ROWS_AT_ONCE):
            execute(cursor, table.placed_rows(start, start + ROWS_AT_ONCE))
            yield from _fetched(cursor)

    def _rows(self, cursor: CursorWrapper, table: Table) -> Iterator[list[tuple[object, ...]]]:
        if table.scope:
            yield from self._placed(cursor, table)
            return
        execute(cursor, table.store_rows(self.plan.store.pk))
        yield from _fetched(cursor)


def orders_with_events(reaches: Sequence[Reach]) -> list[Composable]:
    """SELECTs of the ids of the batch's orders that have an event in a window."""
    return [
        SQL("""SELECT {order} AS id FROM {view}
                WHERE {in_window}""").format(
            order=SQL(VIEWS[anchor.subject][1]),
            view=Identifier(VIEWS[anchor.subject][0]),
            in_window=_in_window(anchor, reach),
        )
        for reach in reaches
        for anchor in reach.anchors
        if anchor.subject != Subject.COMPLAINT
    ]


def _in_window(anchor: Anchor, reach: Reach) -> Composable:
    return SQL("{when} AND {day} BETWEEN {first} AND {last}").format(
        when=SQL(anchor.when or "1 = 1"),
        day=anchor.would_day_sql,
        first=Literal(reach.first),
        last=Literal(reach.last),
    )


def place_orders(found: Sequence[Composable], written: int) -> Composable:
    """Give the orders found places behind the ``written`` ones."""
    return SQL("""INSERT INTO tmp_package (place, id)
                    SELECT {written} + ROW_NUMBER() OVER (ORDER BY id), id
                    FROM (SELECT DISTINCT id FROM ({found}) found) orders""").format(
        written=Literal(written), found=SQL(" UNION ").join(found)
    )


def _select_complaints(cursor: CursorWrapper, reach: Reach) -> None:
    for anchor in reach.anchors:
        if anchor.subject == Subject.COMPLAINT:
            chosen = SQL("""INSERT INTO tmp_package_complaint (id) SELECT complaint_id FROM tmp_complaint
                WHERE {in_window}""")
            execute(cursor, chosen.format(in_window=_in_window(anchor, reach)))


def _select_skus(cursor: CursorWrapper) -> None:
    select = SQL("SELECT DISTINCT o.sku FROM tmp_package p JOIN orders_order o ON o.id = p.id WHERE o.sku <> ''")
    make_temp(cursor, "tmp_package_sku", select, key=("sku",))


def _fetched(cursor: CursorWrapper) -> Iterator[list[tuple[object, ...]]]:
    while rows := cursor.fetchmany(ROWS_AT_ONCE):
        yield rows


def _csv(lines: Iterable[Iterable[object]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(lines)
    return buffer.getvalue().encode()


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
