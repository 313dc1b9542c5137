"""The files of a data package: which columns of which stored rows, how they are written and how they are read back.

Left out on purpose (RL-14): buyers' references and addresses, texts of reviews and messages, tracking numbers, places.
An instant has two columns, epoch seconds and ISO 8601 UTC; an amount has two, the decimal and its exact integer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from core.pages.sheets import DANGEROUS
from core.sql import SQL, Composable, Identifier, Literal, Parameter, Quoted, aliased

QUOTE = "'"
OF_ORDERS, EVERY = SQL("t.order_id = p.id"), SQL("1 = 1")


class CellKind(StrEnum):
    """What a column holds."""

    INTEGER = "integer"
    TEXT = "text"
    FLAG = "flag"
    INSTANT = "instant"
    AMOUNT = "amount"


@dataclass(frozen=True)
class Column:
    """A column of a file; ``places`` of an amount; ``source`` is SQL over the stored row ``t`` (default: its name)."""

    name: str
    kind: CellKind
    places: int = 0
    source: str = ""

    @property
    def source_sql(self) -> Composable:
        return SQL(self.source) if self.source else Identifier("t", self.name)

    @property
    def headings(self) -> tuple[str, ...]:
        """The columns of the file: what is loaded comes first."""
        if self.kind == CellKind.INSTANT:
            return (self.name, f"{self.name}_iso")
        return (f"{self.name}_e{self.places}", self.name) if self.kind == CellKind.AMOUNT else (self.name,)

    def cells(self, value: object) -> tuple[object, ...]:
        """A stored value as the cells of its columns."""
        if value is None:
            return ("",) * len(self.headings)
        if self.kind == CellKind.INSTANT:
            return (value, datetime.fromtimestamp(int(str(value)), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        if self.kind == CellKind.AMOUNT:
            return (value, format(Decimal(str(value)).scaleb(-self.places), "f"))
        if self.kind == CellKind.FLAG:
            return (1 if value else 0,)
        return (safe_text(str(value)),) if self.kind == CellKind.TEXT else (value,)

    @property
    def load_sql(self) -> Composable:
        """The value again, from the text of the file: empty is absent, and empty text is text."""
        loads = {
            CellKind.TEXT: "CASE WHEN {cell} LIKE '''%' THEN SUBSTR({cell}, 2) ELSE COALESCE({cell}, '') END",
            CellKind.FLAG: "NULLIF({cell}, '') = '1'",
        }
        # Quoted: some names are words of SQL in one engine or the other.
        return SQL(loads.get(self.kind, "CAST(NULLIF({cell}, '') AS BIGINT)")).format(cell=Quoted(self.headings[0]))


def safe_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula (RL-12) and that can be told from text with an apostrophe before."""
    return f"{QUOTE}{text}" if text.startswith((*DANGEROUS, QUOTE)) else text


@dataclass(frozen=True)
class Table:
    """A file and the stored table it is taken from. ``scope`` joins its rows ``t`` to the package's orders ``p``; a
    table without is small and taken as ``where`` says, of the package's store alone if it is ``of_store``."""

    file: str
    table: str
    columns: tuple[Column, ...]
    scope: SQL | None = OF_ORDERS
    where: SQL = EVERY
    of_store: bool = False

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(heading for column in self.columns for heading in column.headings)

    @property
    def select(self) -> Composable:
        return aliased({column.name: column.source_sql for column in self.columns})

    def placed_rows(self, first: int, last: int) -> Composable:
        """SELECT of the rows of the package's orders from the one after the place ``first`` to ``last``."""
        assert self.scope is not None
        return SQL("""SELECT {columns} FROM tmp_package p JOIN {table} t ON {scope}
                WHERE p.place > {first} AND p.place <= {last} ORDER BY p.place, t.id""").format(
            columns=self.select,
            table=Identifier(self.table),
            scope=self.scope,
            first=Parameter(first),
            last=Parameter(last),
        )

    def store_rows(self, store_id: int) -> Composable:
        """SELECT of the rows of a table without ``scope``."""
        of_store = SQL(" AND t.store_id = {store}").format(store=Literal(store_id)) if self.of_store else SQL("")
        return SQL("SELECT {columns} FROM {table} t WHERE {where}{of_store} ORDER BY {key}").format(
            columns=self.select,
            table=Identifier(self.table),
            where=self.where,
            of_store=of_store,
            key=Identifier("t", self.headings[0]),
        )

    def lines(self, rows: Sequence[Sequence[object]]) -> Iterator[list[object]]:
        """Rows of the stored columns as lines of the file."""
        for row in rows:
            yield [cell for column, value in zip(self.columns, row, strict=True) for cell in column.cells(value)]


def _integers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, CellKind.INTEGER) for name in names)


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, CellKind.TEXT) for name in names)


def _flags(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, CellKind.FLAG) for name in names)


def _instants(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, CellKind.INSTANT) for name in names)


def _amount(name: str, places: int) -> Column:
    return Column(name, CellKind.AMOUNT, places)


_CHILD = _integers("id", "order_id")
_OF_SKUS = SQL("EXISTS (SELECT 1 FROM tmp_package_sku s WHERE s.sku = t.sku)")

ORDERS = Table(
    "orders",
    "orders_order",
    (
        *_integers("id", "store_id"),
        *_texts("order_no", "sku", "category", "site", "source", "fulfilled_by", "state"),
        *_flags("is_presale"),
        *_instants(
            "created_at", "paid_at", "dispatch_confirmed_at", "ship_by", "shipped_at", "first_scan_at",
            "estimated_delivery_at", "delivered_at", "confirmed_at",
        ),
        *_texts("confirmed_by"),
        *_instants("cancelled_at"),
        *_texts("cancelled_by"),
        *_instants("refunded_at", "closed_at"),
        _amount("total_amount", 4),
        *_texts("currency"),
        _amount("total_usd", 8),
    ),
    scope=SQL("t.id = p.id"),
)  # fmt: skip
TABLES: tuple[Table, ...] = (
    ORDERS,
    Table(
        "lines",
        "orders_orderline",
        (*_CHILD, *_integers("line_no"), *_texts("sku"), *_integers("quantity"), _amount("amount", 4)),
    ),
    Table("parcels", "orders_shipment", (*_CHILD, *_integers("parcel_no"), *_instants("shipped_at"))),
    Table(
        "tracking_events",
        "orders_trackingevent",
        (*_CHILD, *_instants("at"), *_texts("kind"), *_integers("parcel_no")),
    ),
    Table(
        "reviews",
        "orders_review",
        (
            *_CHILD,
            *_texts("kind"),
            *_instants("created_at", "revised_at", "revoked_at"),
            *_integers("described", "communication", "shipping"),
            Column("has_text", CellKind.FLAG, source="t.text <> ''"),
            *_flags("has_photo"),
        ),
    ),
    Table(
        "disputes",
        "disputes_dispute",
        (
            *_CHILD,
            *_texts("dispute_no", "kind", "state"),
            *_instants("opened_at", "responded_at", "closed_at"),
            *_texts("liability"),
            _amount("claimed_usd", 4),
            _amount("outcome_usd", 4),
        ),
    ),
    Table(
        "refunds",
        "orders_refund",
        (
            *_CHILD,
            *_texts("refund_no", "state"),
            *_instants("requested_at", "completed_at"),
            _amount("amount_usd", 4),
            *_flags("full"),
        ),
    ),
    Table(
        "settlements",
        "orders_settlement",
        (*_CHILD, *_instants("released_at"), _amount("amount", 4), *_texts("currency")),
    ),
    Table(
        "messages",
        "orders_message",
        (
            *_CHILD,
            *_texts("message_no"),
            *_instants("sent_at"),
            *_texts("sender", "language"),
            *_flags("automatic"),
            Column("has_text", CellKind.FLAG, source="t.text <> ''"),
        ),
    ),
    Table(
        "exclusions",
        "orders_exclusion",
        (*_CHILD, *_texts("subject_kind"), *_integers("subject_id"), *_texts("metric", "cause_no")),
        scope=None,
        where=SQL("""(EXISTS (SELECT 1 FROM tmp_package p WHERE p.id = t.order_id)
            OR t.subject_kind = 'complaint'
                AND EXISTS (SELECT 1 FROM tmp_package_complaint c WHERE c.id = t.subject_id))"""),
        of_store=True,
    ),
    Table("protections", "orders_protection", (*_CHILD, *_texts("event_no"), *_integers("extend_hours"))),
    Table(
        "copyright_complaints",
        "disputes_copyrightcomplaint",
        (
            *_integers("id", "store_id"),
            *_texts("complaint_no", "sku"),
            *_instants("opened_at", "resolved_at"),
            *_flags("upheld"),
        ),
        scope=None,
        where=SQL("EXISTS (SELECT 1 FROM tmp_package_complaint c WHERE c.id = t.id)"),
    ),
    Table(
        "listings",
        "stores_listing",
        (*_integers("id", "store_id"), *_texts("sku", "category")),
        scope=None,
        where=_OF_SKUS,
        of_store=True,
    ),
    Table(
        "listing_first_reviews",
        "metrics_listingfirstreview",
        (*_integers("id", "store_id"), *_texts("sku"), *_instants("reviewed_at")),
        scope=None,
        where=_OF_SKUS,
        of_store=True,
    ),
    Table("categories", "stores_category", _texts("code", "name", "parent_code", "all_flags"), scope=None),
)
# Of composite scores: the policy's weights, sufficiency and knots on the day, effective lines worked in.
SCORE_PARTS = Table(
    "score_parts",
    "score_parts",
    (
        *_texts("metric", "rule", "calendar", "window_first", "window_last"),
        *_integers("weight"),
        *_texts("weight_share"),
        *_integers("least", "top", "at_scale", "score_scale"),
        *_flags("has_feeds", "applies"),
        *_texts("left_out"),
    ),
)
SCORE_KNOTS = Table(
    "score_knots",
    "score_knots",
    (*_texts("metric"), *_integers("place", "knot_at", "knot_score"), *_texts("at_decimal", "score_decimal")),
)
SCORE_TABLES = (SCORE_PARTS, SCORE_KNOTS)
