"""Exports that the database writes are, byte for byte, those that Python writes (IX-13, RL-12)."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Field

from core.fields import ExactDecimalField, InstantField
from core.pages.sheets import csv_lines, write_table
from core.pages.sqlsheets import CsvStream, LineEnds, query_of, write_csv
from core.sql import SQL
from dashboard.presenters.problems import FILE_COLUMNS, ORDER_COLUMNS
from metrics.counters import COUNTERS
from metrics.exports.kinds import EXPORTS
from metrics.exports.queries import page_query
from metrics.exports.selection import Selection
from metrics.models import Fact, Problem
from metrics.queries.problems import SORTS, ProblemQuery, problems_of, with_orders
from orders.models import Order
from orders.queries.export import COLUMNS
from stores.models import Store
from tests.metrics.making import make_store

pytestmark = pytest.mark.django_db

FIRST = date(2024, 2, 26)
# Everything that CSV, COPY or a spreadsheet reads as something of its own.
PIECES = (
    "=", "+", "-", "@", "\t", "\r", "\n", "\r\n", '"', '""', ",", ";", "'", "\\", "\\.", "\\N", "%", "%s", "%%", "{0}",
    " ", "a", "Z", "0", "é", "店", "卫", "\u3000", "\ufeff", "\u2028", "\x0b", "\x1f", "🙂", "NULL", "1E+5",
)  # fmt: skip


def text(rng: random.Random, longest: int) -> str:
    return "".join(rng.choice(PIECES) for _ in range(rng.choice((0, 1, 1, 2, 3, 8))))[:longest]


def value(rng: random.Random, field: "Field[Any, Any]") -> Any:
    """Something that the column can hold, its edges often."""
    if field.null and rng.random() < 0.3:
        return None
    if isinstance(field, InstantField):
        edges = [datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 12, 31, 23, 59, 59, tzinfo=UTC)]
        return rng.choice(
            [*edges, datetime(2024, 2, 28, 15, 59, 59, tzinfo=UTC) + timedelta(seconds=rng.randrange(9**9))]
        )
    if isinstance(field, ExactDecimalField):
        number = rng.choice([0, 1, -1, 10**field.places, 2**62, -(2**62), rng.randrange(-(10**12), 10**12)])
        return Decimal(number).scaleb(-field.places)
    kind = field.get_internal_type()
    if kind == "BooleanField":
        return rng.random() < 0.5
    if kind == "CharField":
        return text(rng, field.max_length or 500)
    return rng.choice([0, 1, -1, rng.randrange(2**31)])


def fill(rng: random.Random, model: type[Any], rows: int, **given: Any) -> list[Any]:
    """Rows with random values in every column that is not given; ``given`` may be functions of the row's number."""
    fields = [f for f in model._meta.concrete_fields if f.attname not in given and not f.primary_key]
    return model.objects.bulk_create(
        [
            model(
                **{name: make(number) for name, make in given.items()},
                **{field.attname: value(rng, field) for field in fields},
            )
            for number in range(rows)
        ]
    )


@pytest.fixture(params=range(4))
def rng(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)


@pytest.fixture
def stores(rng: random.Random) -> list[Store]:
    made = [make_store(f"{start}S{number}") for number, start in enumerate(("", "=", '"', "-1,", "店"))]
    rng.shuffle(made)
    return made


def numbered(rng: random.Random, start: str = "") -> Any:
    return lambda number: f"{start or rng.choice(PIECES)}{number}"


def python_bytes(columns: Any, rows: Any) -> bytes:
    return "".join(csv_lines(columns, rows)).encode()


@pytest.mark.rule("IX-13", "RL-12")
def test_every_type_of_column_is_written_as_python_writes_it(rng: random.Random, stores: list[Store]) -> None:
    fill(rng, Order, 60, store_id=lambda number: stores[number % 5].pk, order_no=numbered(rng))
    rows = Order.objects.order_by("pk")
    columns = [field.attname for field in Order._meta.concrete_fields]
    for names in (columns, COLUMNS):
        expected = python_bytes(names, rows.values_list(*names))
        assert b"".join(CsvStream(names, [query_of(rows, names)])) == expected
    assert b"'=" in expected


def exported(kind: str, selection: Selection, folder: Path) -> tuple[bytes, bytes]:
    """What Python and what the database writes."""
    export, ours, theirs = EXPORTS[kind], folder / "ours.csv", folder / "theirs.csv"
    assert export.queries is not None
    count = write_table(theirs, export.columns, export.rows(selection))
    assert write_csv(ours, export.columns, export.queries(selection)) == count > 0
    return ours.read_bytes(), theirs.read_bytes()


@pytest.mark.rule("IX-13")
def test_facts_are_those_of_the_rows(rng: random.Random, stores: list[Store], tmp_path: Path) -> None:
    for store in stores:
        fill(rng, Fact, 9, store_id=lambda _n, pk=store.pk: pk, day=lambda number: FIRST + timedelta(days=number))
    selection = Selection(stores[:4], FIRST + timedelta(days=1), FIRST + timedelta(days=7))
    ours, theirs = exported("facts", selection, tmp_path)
    assert ours == theirs
    assert ours.count(b"\r\n") == 1 + 4 * 7
    assert len(ours.splitlines()[0].split(b",")) == 2 + len(COUNTERS)


def fail(rng: random.Random, stores: list[Store]) -> list[Order]:
    """Orders with problems, some of which have lost their order; a copyright complaint without any."""
    orders = fill(rng, Order, 40, store_id=lambda number: stores[number % 5].pk, order_no=numbered(rng))
    Problem.objects.bulk_create(
        Problem(
            store_id=order.store_id,
            counter="dispatch_late",
            day=FIRST + timedelta(days=rng.randrange(3)),
            order_id=order.pk if rng.random() < 0.8 else order.pk + 10**6,
            subject_id=order.pk,
        )
        for order in orders
    )
    return orders


@pytest.mark.rule("IX-13", "RL-12")
def test_problem_orders_are_those_of_the_rows(rng: random.Random, stores: list[Store], tmp_path: Path) -> None:
    fail(rng, stores)
    selection = Selection(stores, FIRST, FIRST + timedelta(days=1), "late_dispatch")
    ours, theirs = exported("problem_orders", selection, tmp_path)
    assert ours == theirs


def listed(query: ProblemQuery) -> Iterator[tuple[Any, ...]]:
    fields = ("day", "order_id", "subject_id", "counter")
    rows = with_orders(list(problems_of(query).order_by(*fields)))
    for row in rows:
        order = row.order
        number = order.order_no if order else None
        complaint = row.complaint.complaint_no if row.complaint else None
        values = [None if order is None else getattr(order, name) for name in ORDER_COLUMNS]
        yield (row.problem.day, row.problem.counter, number, complaint, *values)


@pytest.mark.rule("PG-04", "RL-12")
def test_the_download_of_a_list_is_that_of_its_rows(rng: random.Random, stores: list[Store]) -> None:
    orders = fail(rng, stores)
    query = ProblemQuery(stores[0].pk, ("dispatch_late",), FIRST, FIRST + timedelta(days=9), sort="day")
    assert b"".join(CsvStream(FILE_COLUMNS, [page_query(query, ORDER_COLUMNS)])) == python_bytes(
        FILE_COLUMNS, listed(query)
    )
    for sort in SORTS:
        some = ProblemQuery(query.store_id, query.counters, query.first, query.last, {"site": orders[0].site}, sort)
        stream = CsvStream(FILE_COLUMNS, [page_query(some, ORDER_COLUMNS)])
        assert b"".join(stream) == b"".join(stream)
        assert stream.count == 2 * problems_of(some).count()


def test_nothing_is_left_of_an_export_that_fails(tmp_path: Path) -> None:
    def queries() -> Iterator[Any]:
        yield query_of(Store.objects.order_by("pk"), ["store_no", "name"])
        raise RuntimeError("the disk is full")

    make_store("S1")
    with pytest.raises(RuntimeError, match="full"):
        write_csv(tmp_path / "stores.csv", ["store_no", "name"], queries())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", range(1, 9))
def test_line_ends_are_widened_outside_of_quotes_wherever_a_part_ends(size: int) -> None:
    whole = b'a,"b\n""\n"\n"""",c\n""\nd\n"\r\n"\n'
    ends = LineEnds()
    parts = [ends.widened(whole[start : start + size]) for start in range(0, len(whole), size)]
    assert b"".join(parts) == b'a,"b\n""\n"\r\n"""",c\r\n""\r\nd\r\n"\r\n"\r\n'


@pytest.mark.rule("RL-12", "MX-06")
def test_negative_figures_stay_numbers(tmp_path: Path) -> None:
    with (tmp_path / "x.csv").open("wb") as file:
        file.writelines(line.encode() for line in csv_lines(["deviation"], [(Decimal("-0.1200000000"),), ("-1",)]))
    assert (tmp_path / "x.csv").read_bytes() == "\ufeffdeviation\r\n-0.1200000000\r\n'-1\r\n".encode()


@pytest.mark.django_db(transaction=True)
def test_a_download_that_is_broken_off_leaves_the_connection_in_order() -> None:
    numbers = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 400000) SELECT x, x FROM n"
    pieces = iter(CsvStream(["a", "b"], [SQL(numbers)]))
    assert next(pieces) + next(pieces)[:5] == "\ufeffa,b\r\n1,1\r\n".encode()
    pieces.close()  # type: ignore[attr-defined]
    assert Store.objects.count() == 0
