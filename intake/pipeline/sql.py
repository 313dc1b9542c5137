"""The statements that take a staged batch into its table, built from the file's declaration (IX-03).

A batch stands in a temporary table, one column per column of the file. One statement finds out what each row is: new,
changed, same, older than what is there, or waiting for its parent; the others act on that. The same SQL runs on
SQLite and PostgreSQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.db import connection
from django.db.models import CharField, Field, TextField

from core.sql import SQL, dialect_of
from intake.canonical import FileSpec, Parent
from orders.models import Order
from orders.settling import fresh_order_sql

FOUND = "intake_found"
POSITION = "pos"
FOUND_COLUMNS = (
    f"{POSITION} integer PRIMARY KEY, store_id bigint, governed boolean, order_id bigint, target_id bigint, "
    "old_order_id bigint, old_source_at bigint, verdict text"
)
PARENT_COLUMNS = ("store_no", "order_no")
# Inside a nested SELECT, PostgreSQL takes a bare NULL for text.
NO_ID = "CAST(NULL AS bigint)"


@dataclass(frozen=True)
class Stored:
    """A staged column and the column of the table it goes to."""

    name: str
    field: "Field[Any, Any]"

    @property
    def column(self) -> str:
        """The column of the table, quoted."""
        return connection.ops.quote_name(str(self.field.column))

    @property
    def staged(self) -> str:
        """The column of the staging table, quoted."""
        return connection.ops.quote_name(self.name)

    @property
    def default(self) -> str:
        """What an empty cell becomes, as SQL."""
        return default_sql(self.field)


def default_sql(field: "Field[Any, Any]") -> str:
    """A field's default as an SQL literal."""
    if field.null:
        return f"CAST(NULL AS {field.db_type(connection)})"
    value = field.get_db_prep_save(field.get_default(), connection)
    if value is None or value == "":
        # Without a default the column is required, so that this stands for nothing but the type.
        return "''" if isinstance(field, CharField | TextField) else "0"
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE") if connection.vendor == "postgresql" else str(int(value))
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("'", "''")
    return f"'{text}'"


def stored_columns(spec: FileSpec, columns: Sequence[str], extra: Sequence[str]) -> list[Stored]:
    """Those of a file's columns that go to columns of its table, and the extra ones."""
    targets = {name: spec.by_name[name].target for name in columns} | {name: name for name in extra}
    return [Stored(name, field_of(spec, target)) for name, target in targets.items() if target is not None]


def field_of(spec: FileSpec, name: str) -> "Field[Any, Any]":
    """A field of the file's model."""
    field = spec.model._meta.get_field(name)
    assert isinstance(field, Field)
    return field


@cache
def stage_columns(spec: FileSpec, extra: Sequence[str]) -> str:
    """The columns of a file's staging table: all that it can have, so that the table serves every batch."""
    stored = stored_columns(spec, [column.name for column in spec.columns], extra)
    types = dict.fromkeys(parent_columns(spec), "text")
    types |= {column.name: str(column.field.db_type(connection)) for column in stored}
    quote = connection.ops.quote_name
    return f"{POSITION} integer PRIMARY KEY, " + ", ".join(f"{quote(name)} {kind}" for name, kind in types.items())


def parent_columns(spec: FileSpec) -> Sequence[str]:
    """The columns that name a row's store and order."""
    return PARENT_COLUMNS[: {Parent.NONE: 0, Parent.STORE: 1, Parent.ORDER: 2}[spec.parent]]


class Statements:
    """All statements for one file with certain columns. ``extra``: staged columns that the pipeline adds by itself,
    such as the price in US dollars: name → field."""

    def __init__(self, spec: FileSpec, columns: Sequence[str], extra: Sequence[str] = ()) -> None:
        self.spec = spec
        self.extra = extra
        self.model = spec.model
        self.stage = f"intake_stage_{spec.name}"
        self.stored = stored_columns(spec, columns, extra)
        self.parents = parent_columns(spec)
        self.has_id = self.model._meta.pk is not None and self.model._meta.pk.column == "id"
        self.numbers_first = self.has_id and connection.vendor == "postgresql"

    @cached_property
    def key(self) -> tuple[str, ...]:
        """Key columns beside those that name the parents."""
        return tuple(name for name in self.spec.key if name not in self.parents or self._is_own(name))

    def _is_own(self, name: str) -> bool:
        """Whether a column that names parents elsewhere is this file's own number: an order's number in orders."""
        return self.spec.by_name[name].target is not None

    @cached_property
    def staged_columns(self) -> list[str]:
        """Names of the staging table's columns beside the position."""
        names = list(self.parents) + [stored.name for stored in self.stored]
        return list(dict.fromkeys(names))

    # ── What each row is ───────────────────────────────────────────────────────────────────────────────────────────

    @property
    def governed(self) -> str:
        """Whether Dianwei is the authority for the row's store (DM-11a), as SQL over the joins of `find`."""
        if self.spec.name == "stores":
            return "COALESCE(t.mode = 'governed', FALSE)"
        return "COALESCE(st.mode = 'governed', FALSE)" if self.parents else "FALSE"

    def value(self, stored: Stored, governed: str) -> str:
        """What the row's column becomes: the cell; where it is empty the default, in governed stores what is there."""
        default = f"CASE WHEN {governed} THEN t.{stored.column} ELSE {stored.default} END"
        return f"COALESCE(s.{stored.staged}, {default if self.spec.per_store else stored.default})"

    def find(self) -> str:
        """Fill the table of findings; parameters: the instant of the export, twice. Rows that are the same leave no
        trace: there is nothing to do about them, and they are most of all rows."""
        joins, ids = [f"{self.stage} s"], dict.fromkeys(("store", "order", "old"), NO_ID)
        target = [f"t.{self._column(name)} = s.{connection.ops.quote_name(name)}" for name in self.key]
        missing = "FALSE"
        if self.parents:
            joins.append("LEFT JOIN stores_store st ON st.store_no = s.store_no")
            ids["store"], missing = "st.id", "st.id IS NULL"
        if self.spec.parent is Parent.ORDER:
            joins.append("LEFT JOIN orders_order o ON o.store_id = st.id AND o.order_no = s.order_no")
            ids["order"], ids["old"], missing = "o.id", "t.order_id", "o.id IS NULL"
            if "order_no" in self.spec.key:
                target.append("t.order_id = o.id")
            else:
                target.append("t.store_id = st.id")
        elif self.parents:
            target.append("t.store_id = st.id")
        elif self.spec.name == "stores":
            ids["store"] = "t.id"
        joins.append(f"LEFT JOIN {self.spec.table} t ON {' AND '.join(target)}")
        # Any column of the key tells whether the row is there.
        there = "t.id" if self.has_id else f"t.{self._column(self.key[0])}"
        target_id = "t.id" if self.has_id else NO_ID
        if self.spec.name == "orders":
            ids["order"] = "t.id"
        return f"""INSERT INTO {FOUND} ({POSITION}, store_id, governed, order_id, target_id, old_order_id,
                old_source_at, verdict)
            SELECT {POSITION}, store_id, governed, order_id, {self._given_id}, old_order_id, source_at, verdict
            FROM (SELECT s.{POSITION}, {ids["store"]} AS store_id, {self.governed} AS governed,
                {ids["order"]} AS order_id, {target_id} AS target_id, {ids["old"]} AS old_order_id, t.source_at,
                CASE WHEN {missing} THEN 'waiting' WHEN {there} IS NULL THEN 'new'
                    WHEN t.source_at > %s THEN 'older'
                    WHEN {self._differs()} THEN 'changed' WHEN t.source_at IS DISTINCT FROM %s THEN 'newer'
                    ELSE 'same' END AS verdict
                FROM {" ".join(joins)}) found WHERE verdict <> 'same'"""

    @property
    def _given_id(self) -> str:
        """The row's id; a new row's is drawn ahead of `insert` on PostgreSQL, as finding it by its key afterwards costs
        as much as the insert. Elsewhere `name_new` follows it."""
        if not self.numbers_first:
            return "target_id"
        sequence = f"(SELECT CAST(pg_get_serial_sequence('{self.spec.table}', 'id') AS regclass))"
        return f"CASE WHEN verdict = 'new' THEN nextval({sequence}) ELSE target_id END"

    def _differs(self) -> str:
        parts = [
            f"{self.value(stored, self.governed)} IS DISTINCT FROM t.{stored.column}"
            for stored in self.stored
            if stored.name not in self.key
        ]
        if self.spec.parent is Parent.ORDER and "order_no" not in self.spec.key:
            parts.append("t.order_id <> o.id")
        return " OR ".join(parts) or "FALSE"

    def _column(self, name: str) -> str:
        target = self.spec.by_name[name].target
        assert target is not None
        return connection.ops.quote_name(str(field_of(self.spec, target).column))

    # ── What is done about it ──────────────────────────────────────────────────────────────────────────────────────

    def insert(self) -> str:
        """Add the new rows; parameter: the instant of the export."""
        given: dict[str, str] = {
            stored.column: f"COALESCE(s.{stored.staged}, {stored.default})" for stored in self.stored
        }
        quote = connection.ops.quote_name
        if self.spec.parent is not Parent.NONE:
            given[quote("store_id")] = "f.store_id"
        if self.spec.parent is Parent.ORDER:
            given[quote("order_id")] = "f.order_id"
        given[quote("source_at")] = "%s"
        if self.numbers_first:
            given[quote("id")] = "f.target_id"
        for field in self.model._meta.concrete_fields:
            if (column := quote(str(field.column))) not in given and not (field.primary_key and self.has_id):
                given[column] = default_sql(field)
        rows = f"FROM {self.stage} s JOIN {FOUND} f ON f.{POSITION} = s.{POSITION} WHERE f.verdict = 'new'"
        if self.spec.model is Order:
            source = f"SELECT {', '.join(f'{sql} AS {column}' for column, sql in given.items())} {rows}"
            columns, select = fresh_order_sql([column.strip('"') for column in given], SQL(source))
            return f"INSERT INTO {self.spec.table} ({', '.join(columns)}) {select.text(dialect_of(connection))}"
        return f"""INSERT INTO {self.spec.table} ({", ".join(given)}) SELECT {", ".join(given.values())} {rows}
            ORDER BY s.{POSITION}"""

    def update(self) -> str:
        """Change the changed rows; parameters: the instant of the export, twice. What another import made newer in
        the meantime is left alone."""
        quote = connection.ops.quote_name
        columns = [stored for stored in self.stored if stored.name not in self.key]
        assign = [f"{stored.column} = {self.value(stored, 'f.governed')}" for stored in columns]
        if self.spec.parent is Parent.ORDER and "order_no" not in self.spec.key:
            assign.append(f"{quote('order_id')} = f.order_id")
        assign.append(f"{quote('source_at')} = %s")
        return f"""UPDATE {self.spec.table} AS t SET {", ".join(assign)}
            FROM {self.stage} s, {FOUND} f WHERE f.{POSITION} = s.{POSITION} AND f.verdict = 'changed'
            AND {self._is_target()} AND (t.source_at IS NULL OR t.source_at <= %s)"""

    def mark_newer(self) -> str:
        """Note that the same row was in a newer export; parameters: its instant, twice."""
        return f"""UPDATE {self.spec.table} AS t SET source_at = %s FROM {self.stage} s, {FOUND} f
            WHERE f.{POSITION} = s.{POSITION} AND f.verdict = 'newer' AND {self._is_target()}
            AND (t.source_at IS NULL OR t.source_at <= %s)"""

    def _is_target(self) -> str:
        if self.has_id:
            return "t.id = f.target_id"
        return " AND ".join(f"t.{self._column(name)} = s.{connection.ops.quote_name(name)}" for name in self.key)

    def name_new(self) -> str:
        """Give findings of new rows the ids that their rows got."""
        return f"""UPDATE {FOUND} AS f SET target_id = t.id FROM {self.stage} s, {self.spec.table} t
            WHERE s.{POSITION} = f.{POSITION} AND f.verdict = 'new' AND {self._is_new()}"""

    def _is_new(self) -> str:
        match = [f"t.{self._column(name)} = s.{connection.ops.quote_name(name)}" for name in self.key]
        return " AND ".join(match + [f"t.{name} = f.{name}" for name in self._parent_ids()])

    def _parent_ids(self) -> list[str]:
        """Columns that, with the key's own, find a row."""
        if self.spec.parent is Parent.NONE:
            return []
        by_order = self.spec.parent is Parent.ORDER and "order_no" in self.spec.key
        return ["order_id"] if by_order else ["store_id"]
