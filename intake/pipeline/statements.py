"""The statements that take a staged batch into its table, built from the file's declaration (IX-03).

A batch is in a temporary table, one column per column of the file. One statement finds out what each row is: new,
changed, same, older than what is there, or waiting for its parent; the others act on that. The same SQL runs on
SQLite and PostgreSQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.db import connection
from django.db.models import CharField, Field, TextField

from core.sql import SQL, Composable, Differing, Identifier, Literal, Parameter, aliased, columns, comma
from intake.canonical import FileSpec, Parent
from intake.pipeline.batch import KEPT
from orders.deriving import fresh_order_sql
from orders.models import Order
from orders.rules.buyers import NAME_ONLY
from orders.updates import UPDATED_AT

FOUND = "intake_found"
POSITION = "pos"
FOUND_COLUMNS = SQL(
    "pos integer PRIMARY KEY, store_id bigint, governed boolean, order_id bigint, target_id bigint, "
    "old_order_id bigint, old_source_at bigint, verdict text"
)
PARENT_COLUMNS = ("store_no", "order_no")
# Ids rise with the sequence of the rows.
PLACE_AMONG_NEW = SQL("ROW_NUMBER() OVER (PARTITION BY verdict ORDER BY pos)")
# Inside a nested SELECT, PostgreSQL takes a bare NULL for text.
NO_ID = SQL("CAST(NULL AS bigint)")
FALSE = Literal(False)


@dataclass(frozen=True)
class Stored:
    """A staged column and the column of the table it goes to."""

    name: str
    field: "Field[Any, Any]"

    @property
    def column(self) -> str:
        """The column of the table."""
        return str(self.field.column)

    @property
    def default(self) -> Composable:
        """What an empty cell becomes."""
        return default_sql(self.field)

    @property
    def given(self) -> Composable:
        """The cell, or what an empty one becomes."""
        return SQL("COALESCE({cell}, {default})").format(cell=Identifier("s", self.name), default=self.default)


def default_sql(field: "Field[Any, Any]") -> Composable:
    """A field's default."""
    if field.null:
        return SQL("CAST(NULL AS {type})").format(type=SQL(str(field.db_type(connection))))
    value = field.get_db_prep_save(field.get_default(), connection)
    if value is None or value == "":
        # Without a default the column is required, so the value is only there for its type.
        return Literal("" if isinstance(field, CharField | TextField) else 0)
    return Literal(value if isinstance(value, bool | int) else str(value))


def stored_columns(spec: FileSpec, columns: Sequence[str], extra: Sequence[str]) -> list[Stored]:
    """Those of a file's columns that go to columns of its table, and the extra ones."""
    targets = {name: spec.by_name[name].target for name in columns} | {name: name for name in extra}
    return [Stored(name, field_of(spec, target)) for name, target in targets.items() if target is not None]


def field_of(spec: FileSpec, name: str) -> "Field[Any, Any]":
    """A field of the file's model."""
    field = spec.model._meta.get_field(name)
    assert isinstance(field, Field)
    return field


def better_buyer(given: Composable) -> Composable:
    """``given``, unless it is made of a name only and another source told the buyer's login (IX-06)."""
    return SQL("""CASE WHEN s.buyer_ref LIKE {name_only} AND t.buyer_ref <> '' AND t.buyer_ref NOT LIKE {name_only}
        AND s.buyer_ref <> t.buyer_ref || {mark} THEN t.buyer_ref ELSE {given} END""").format(
        name_only=Literal(f"%{NAME_ONLY}"), mark=Literal(NAME_ONLY), given=given
    )


@cache
def stage_columns(spec: FileSpec, extra: Sequence[str]) -> Composable:
    """The columns of a file's staging table: all that it can have, so that the table serves every batch."""
    stored = stored_columns(spec, [column.name for column in spec.columns], extra)
    types = dict.fromkeys(parent_columns(spec), "text")
    types |= {column.name: str(column.field.db_type(connection)) for column in stored}
    typed = (SQL("{name} {type}").format(name=Identifier(name), type=SQL(kind)) for name, kind in types.items())
    return SQL("pos integer PRIMARY KEY, {kept} bigint, {typed}").format(kept=Identifier(KEPT), typed=comma(typed))


def parent_columns(spec: FileSpec) -> Sequence[str]:
    """The columns that name a row's store and order."""
    return PARENT_COLUMNS[: {Parent.NONE: 0, Parent.STORE: 1, Parent.ORDER: 2}[spec.parent]]


class Statements:
    """All statements for one file with certain columns. ``extra``: staged columns that the pipeline adds by itself,
    such as the price in US dollars: name → field. ``keeps``: rows may name some of the columns only."""

    def __init__(
        self, spec: FileSpec, columns: Sequence[str], extra: Sequence[str] = (), *, keeps: bool = False
    ) -> None:
        self.spec = spec
        self.keeps = keeps
        self.extra = extra
        self.model = spec.model
        self.table = Identifier(spec.table)
        self.stage_name = f"intake_stage_{spec.name}"
        self.stage = Identifier(self.stage_name)
        self.stored = stored_columns(spec, columns, extra)
        self.parents = parent_columns(spec)
        self.has_id = self.model._meta.pk is not None and self.model._meta.pk.column == "id"

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
        names = [KEPT] if self.keeps else []
        names += [*self.parents, *(stored.name for stored in self.stored)]
        return list(dict.fromkeys(names))

    # ── What each row is ───────────────────────────────────────────────────────────────────────────────────────────

    @property
    def governed(self) -> Composable:
        """Whether Dianwei is the authority for the row's store (DM-11a), over the joins of `find`."""
        if self.spec.name == "stores":
            return SQL("COALESCE(t.mode = 'governed', FALSE)")
        return SQL("COALESCE(st.mode = 'governed', FALSE)") if self.parents else FALSE

    def value(self, stored: Stored, governed: Composable) -> Composable:
        """What the row's column becomes: the cell; where it is empty the default, in governed stores what is there, and
        so it is where the row doesn't name the column."""
        if self.spec.model is Order and stored.name == "buyer_ref":
            return better_buyer(self._value(stored, governed))
        return self._value(stored, governed)

    def _value(self, stored: Stored, governed: Composable) -> Composable:
        stays = [governed] if self.spec.per_store else []
        if self.keeps and stored.name in self.spec.bits:
            stays.append(SQL("s.kept & {bit} <> 0").format(bit=Literal(self.spec.bits[stored.name])))
        if not stays:
            return stored.given
        return SQL("COALESCE({cell}, CASE WHEN {stays} THEN {there} ELSE {default} END)").format(
            cell=Identifier("s", stored.name),
            stays=SQL(" OR ").join(stays),
            there=Identifier("t", stored.column),
            default=stored.default,
        )

    def find(self, at: int) -> Composable:
        """Fill the table of findings for an export of the instant ``at``. Rows that are the same leave no trace: there
        is nothing to do about them, and they are most of all rows."""
        there = Identifier("t", "id" if self.has_id else self._column(self.key[0]))
        return SQL("""INSERT INTO intake_found (pos, store_id, governed, order_id, target_id, old_order_id,
                old_source_at, verdict)
            SELECT pos, store_id, governed, order_id, {given_id}, old_order_id, source_at, verdict
            FROM (SELECT s.pos, {store} AS store_id, {governed} AS governed,
                {order} AS order_id, {target} AS target_id, {old_order} AS old_order_id, t.source_at,
                CASE WHEN {missing} THEN 'waiting' WHEN {there} IS NULL THEN 'new'
                    WHEN t.source_at > {at} THEN 'older'
                    WHEN {differs} THEN 'changed' WHEN t.source_at IS DISTINCT FROM {at} THEN 'newer'
                    ELSE 'same' END AS verdict
                FROM {joins}) found WHERE verdict <> 'same'""").format(
            given_id=self._given_id,
            **self._ids,
            governed=self.governed,
            missing=self._missing,
            # Any column of the key tells whether the row is there.
            there=there,
            target=there if self.has_id else NO_ID,
            at=Parameter(at),
            differs=self._differs(),
            joins=self._joins,
        )

    def find_removed(self, at: int) -> Composable:
        """Judge as older the rows of an export of the instant ``at`` that a later complete one no longer had: their
        own file, or, where the order is missing, that of orders."""
        return SQL("""UPDATE intake_found SET verdict = 'older' WHERE verdict IN ('new', 'waiting')
            AND EXISTS (SELECT 1 FROM intake_completeexport c
                WHERE c.store_id = intake_found.store_id AND c.at > {at}
                AND (c.kind = {kind} OR (c.kind = 'orders' AND intake_found.verdict = 'waiting')))""").format(
            at=Parameter(at), kind=Literal(self.spec.name)
        )

    @property
    def _ids(self) -> dict[str, Composable]:
        """The ids of the row's store and order, and of the order that its row in the table belongs to."""
        store: Composable = SQL("st.id") if self.parents else SQL("t.id") if self.spec.name == "stores" else NO_ID
        if self.spec.parent is Parent.ORDER:
            return {"store": store, "order": SQL("o.id"), "old_order": SQL("t.order_id")}
        return {"store": store, "order": SQL("t.id") if self.spec.name == "orders" else NO_ID, "old_order": NO_ID}

    @property
    def _missing(self) -> Composable:
        """Whether the row's parent is not there yet."""
        if not self.parents:
            return FALSE
        return SQL("o.id IS NULL") if self.spec.parent is Parent.ORDER else SQL("st.id IS NULL")

    @property
    def _joins(self) -> Composable:
        """The staged rows with their parents and the rows of the table with their keys."""
        joins: list[Composable] = [SQL("{stage} s").format(stage=self.stage)]
        if self.parents:
            joins.append(SQL("LEFT JOIN stores_store st ON st.store_no = s.store_no"))
        if self.spec.parent is Parent.ORDER:
            joins.append(SQL("LEFT JOIN orders_order o ON o.store_id = st.id AND o.order_no = s.order_no"))
        same = [*self._same_key(), *(SQL("t.{name} = {alias}.id").format(**parent) for parent in self._own_parents())]
        joins.append(SQL("LEFT JOIN {table} t ON {same}").format(table=self.table, same=SQL(" AND ").join(same)))
        return SQL(" ").join(joins)

    def _same_key(self) -> list[Composable]:
        return [
            SQL("{there} = {cell}").format(there=Identifier("t", self._column(name)), cell=Identifier("s", name))
            for name in self.key
        ]

    def _own_parents(self) -> list[dict[str, Composable]]:
        """The column that, with the key's own, finds a row of the table, and whose id it holds."""
        alias = {"order_id": SQL("o"), "store_id": SQL("st")}
        return [{"name": Identifier(name), "alias": alias[name]} for name in self._parent_ids()]

    @property
    def _given_id(self) -> Composable:
        """The row's id; a new row's is drawn ahead of `insert`: to find it by its key afterwards costs much."""
        if not self.has_id:
            return SQL("target_id")
        next_id = Differing(lambda dialect: dialect.next_id(self.spec.table, PLACE_AMONG_NEW))
        return SQL("CASE WHEN verdict = 'new' THEN {next_id} ELSE target_id END").format(next_id=next_id)

    def _differs(self) -> Composable:
        parts = [
            SQL("{value} IS DISTINCT FROM {there}").format(
                value=self.value(stored, self.governed), there=Identifier("t", stored.column)
            )
            for stored in self.stored
            if stored.name not in self.key
        ]
        if self._moves:
            parts.append(SQL("t.order_id <> o.id"))
        return SQL(" OR ").join(parts) if parts else FALSE

    @property
    def _moves(self) -> bool:
        """Whether a row can go from one order to another: its key names it alone."""
        return self.spec.parent is Parent.ORDER and "order_no" not in self.spec.key

    def _column(self, name: str) -> str:
        target = self.spec.by_name[name].target
        assert target is not None
        return str(field_of(self.spec, target).column)

    # ── What is done about it ──────────────────────────────────────────────────────────────────────────────────────

    def insert(self, at: int) -> Composable:
        """Add the new rows of an export of the instant ``at``."""
        given = self._given(at)
        rows = SQL("FROM {stage} s JOIN intake_found f ON f.pos = s.pos WHERE f.verdict = 'new'").format(
            stage=self.stage
        )
        if self.spec.model is Order:
            source = SQL("SELECT {given} {rows}").format(given=aliased(given), rows=rows)
            names, fresh = fresh_order_sql(list(given), source)
            # Most indexes of orders begin with the store: in this sequence a batch changes few pages of each.
            select = SQL("{fresh} ORDER BY o.store_id, o.order_no").format(fresh=fresh)
        else:
            names = list(given)
            select = SQL("SELECT {values} {rows} ORDER BY s.pos").format(values=comma(given.values()), rows=rows)
        return SQL("INSERT INTO {table} ({names}) {select}").format(
            table=self.table, names=columns(names), select=select
        )

    def _given(self, at: int) -> dict[str, Composable]:
        """What a new row's columns become."""
        given = {stored.column: stored.given for stored in self.stored}
        if self.spec.parent is not Parent.NONE:
            given["store_id"] = SQL("f.store_id")
        if self.spec.parent is Parent.ORDER:
            given["order_id"] = SQL("f.order_id")
        given["source_at"] = Parameter(at)
        if self.model is Order:
            given["updated_at"] = UPDATED_AT
        if self.has_id:
            given["id"] = SQL("f.target_id")
        for field in self.model._meta.concrete_fields:
            if not (field.generated or (field.primary_key and self.has_id)):
                given.setdefault(str(field.column), default_sql(field))
        return given

    def update(self, at: int) -> Composable:
        """Change the changed rows by an export of the instant ``at``. What another import made newer in the meantime is
        left alone."""
        changed = {
            stored.column: self.value(stored, SQL("f.governed"))
            for stored in self.stored
            if stored.name not in self.key
        }
        if self._moves:
            changed["order_id"] = SQL("f.order_id")
        changed["source_at"] = Parameter(at)
        if self.model is Order:
            changed["updated_at"] = UPDATED_AT
        assign = (SQL("{name} = {value}").format(name=Identifier(name), value=value) for name, value in changed.items())
        return SQL("""UPDATE {table} AS t SET {assign}
            FROM {stage} s, intake_found f WHERE f.pos = s.pos AND f.verdict = 'changed'
            AND {is_target} AND (t.source_at IS NULL OR t.source_at <= {at})""").format(
            table=self.table, assign=comma(assign), stage=self.stage, is_target=self._is_target(), at=Parameter(at)
        )

    def mark_newer(self, at: int) -> Composable:
        """Note that the same row was in a newer export, of the instant ``at``."""
        return SQL("""UPDATE {table} AS t SET source_at = {at} FROM {stage} s, intake_found f
            WHERE f.pos = s.pos AND f.verdict = 'newer' AND {is_target}
            AND (t.source_at IS NULL OR t.source_at <= {at})""").format(
            table=self.table, at=Parameter(at), stage=self.stage, is_target=self._is_target()
        )

    def _is_target(self) -> Composable:
        return SQL("t.id = f.target_id") if self.has_id else SQL(" AND ").join(self._same_key())

    def _parent_ids(self) -> list[str]:
        """Columns that, with the key's own, find a row."""
        if self.spec.parent is Parent.NONE:
            return []
        by_order = self.spec.parent is Parent.ORDER and "order_no" in self.spec.key
        return ["order_id"] if by_order else ["store_id"]
