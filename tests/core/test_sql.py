"""SQL composed from fragments means the same on both databases, with any names and values."""

from collections.abc import Sequence

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from core.sql import (
    PORTABLE,
    POSTGRESQL,
    SQL,
    SQLITE,
    Composable,
    Identifier,
    Literal,
    Parameter,
    aliased,
    columns,
    comma,
    dialect_of,
    draw_ids,
    execute,
    greatest,
    least,
    literals,
    make_temp,
    parameters,
)
from core.sql.reserved import RESERVED
from stores.models import Company

# PostgreSQL cuts names off at 63 bytes, and stores no surrogates.
CHARACTERS = st.characters(max_codepoint=0x1FFFF, exclude_categories=["Cs"], exclude_characters="\0")
NAMES = st.one_of(
    st.text(CHARACTERS, min_size=1, max_size=15),
    st.text("ab_1%{'\" A", min_size=1),
    st.sampled_from(sorted(RESERVED)),
    # SQLite looks for no column of these two names in a subquery, quoted or not; Python reads a type behind a bracket.
).filter(lambda name: name.lower() not in ("true", "false") and "[" not in name)
VALUES = st.one_of(st.text(CHARACTERS), st.text("%s{}'\"\\"), st.integers(-(2**63), 2**63 - 1))
# What SQLite and PostgreSQL tell apart is not the composer's matter: one kind of number.
WHOLE = st.integers(-(2**40), 2**40)


def fetched(statement: Composable) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        execute(cursor, statement)
        return list(cursor.fetchall())


@pytest.mark.django_db
@given(names=st.lists(NAMES, min_size=1, max_size=4, unique_by=str.lower))
def test_any_name_is_read_as_that_name(names: list[str]) -> None:
    inner = aliased({name: Literal(place) for place, name in enumerate(names)})
    statement = SQL("SELECT {columns} FROM (SELECT {inner}) t").format(columns=columns(names, table="t"), inner=inner)
    with connection.cursor() as cursor:
        execute(cursor, statement)
        assert [column[0] for column in cursor.description] == [name[:63] for name in names]
        assert cursor.fetchall() == [tuple(range(len(names)))]


@pytest.mark.django_db
def test_every_word_that_a_database_keeps_for_itself_is_quoted() -> None:
    words = {word.lower() for word in RESERVED}
    if connection.vendor == "postgresql":
        known = SQL("SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')")
        assert {str(word) for (word,) in fetched(known)} <= words
    with connection.cursor() as cursor:
        for word in sorted(words | {"key", "text", "day", "first", "place", "at", "kind", "values", "begin", "temp"}):
            assert make_temp(cursor, word, SQL("SELECT 1 AS {word}").format(word=Identifier(word)), key=[word]) == 1
            execute(cursor, SQL("DROP TABLE {word}").format(word=Identifier(word)))


@pytest.mark.django_db
@given(values=st.lists(VALUES, min_size=1, max_size=5))
def test_parameters_arrive_in_the_order_of_their_places(values: list[str | int]) -> None:
    as_text = comma(SQL("CAST({value} AS text)").format(value=Parameter(value)) for value in values)
    assert fetched(SQL("SELECT {values}").format(values=as_text)) == [tuple(str(value) for value in values)]


@pytest.mark.django_db
@given(values=st.lists(VALUES, min_size=1, max_size=5))
def test_constants_arrive_as_they_are(values: list[str | int]) -> None:
    as_text = comma(SQL("CAST({value} AS text)").format(value=Literal(value)) for value in values)
    assert fetched(SQL("SELECT {values}").format(values=as_text)) == [tuple(str(value) for value in values)]


@given(parts=st.lists(st.lists(st.one_of(st.integers(), st.text()), max_size=3), max_size=4))
def test_nested_fragments_keep_their_parameters_in_order(parts: list[list[int | str]]) -> None:
    inner = [SQL("({values})").format(values=comma(map(Parameter, part))) for part in parts]
    nested = SQL("{last} + {all} %").format(all=SQL(" + ").join(inner), last=SQL("({x})").format(x=Parameter("x")))
    text, values = nested.render(SQLITE)
    assert values == ("x", *(value for part in parts for value in part))
    assert text == " + ".join(["(%s)", *(f"({', '.join(['%s'] * len(part))})" for part in parts)][: len(parts) + 1]) + (
        " %%" if parts else " +  %%"
    )


@pytest.mark.django_db
@given(rows=st.lists(st.one_of(st.none(), WHOLE), min_size=1, max_size=4))
def test_least_and_greatest_pass_over_what_is_absent(rows: list[int | None]) -> None:
    there = [value for value in rows if value is not None]
    values = [SQL("CAST({value} AS bigint)").format(value=Literal(value)) for value in rows]
    statement = SQL("SELECT {least}, {greatest}").format(least=least(*values), greatest=greatest(*values))
    expected = [(min(there, default=None), max(there, default=None))]
    assert fetched(statement) == expected
    assert fetched(SQL(statement.text(PORTABLE))) == expected


@pytest.mark.django_db
@given(values=st.lists(WHOLE, max_size=4), wanted=WHOLE)
def test_an_empty_list_matches_nothing(values: list[int], wanted: int) -> None:
    for listed in (literals(values), parameters(values)):
        statement = SQL("SELECT COALESCE({wanted} IN ({listed}), FALSE)")
        assert fetched(statement.format(wanted=Literal(wanted), listed=listed)) == [(wanted in values,)]


@pytest.mark.parametrize(
    ("template", "parts"),
    [
        ("{a}", {"a": "text"}),
        ("{a!r}", {"a": SQL("x")}),
        ("{a:>3}", {"a": SQL("x")}),
        ("a", {"a": SQL("x")}),
    ],
)
def test_what_is_no_fragment_is_not_put_in(template: str, parts: dict[str, Composable]) -> None:
    with pytest.raises(TypeError):
        SQL(template).format(**parts)


def test_a_place_without_its_fragment_is_an_error() -> None:
    with pytest.raises(KeyError):
        SQL("{a} {b}").format(a=SQL("x"))


@pytest.mark.parametrize("names", [(), ("",), ("a", ""), ("a\0b",)])
def test_what_no_database_takes_for_a_name_is_none(names: Sequence[str]) -> None:
    with pytest.raises(ValueError):
        Identifier(*names)


def test_text_with_parameters_is_not_one_text() -> None:
    statement = SQL("SELECT {value} %").format(value=Parameter(1))
    assert statement.render(POSTGRESQL) == ("SELECT %s %%", (1,))
    with pytest.raises(ValueError):
        statement.text(POSTGRESQL)
    assert SQL("SELECT {value} %").format(value=Literal("5 %")).text(POSTGRESQL) == "SELECT '5 %' %"


@pytest.mark.django_db
def test_the_dialect_is_the_connections() -> None:
    assert dialect_of(connection).name == connection.vendor


@pytest.mark.django_db
def test_drawn_ids_lie_behind_those_that_rows_have() -> None:
    before = Company.objects.create(company_no="C-1", name="Before")
    with connection.cursor() as cursor:
        drawn = draw_ids(cursor, Company._meta.db_table, 3)
    assert drawn == [before.pk + 1, before.pk + 2, before.pk + 3]
    Company.objects.bulk_create([Company(pk=pk, company_no=f"C-drawn-{pk}", name="Drawn") for pk in drawn])
    assert Company.objects.create(company_no="C-2", name="After").pk > drawn[-1]


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_drawn_ids_lie_behind_those_of_a_table_that_was_hidden_for_a_while() -> None:
    table = Company._meta.db_table
    before = Company.objects.create(company_no="C-1", name="Before")
    with connection.cursor() as cursor:
        for statement in dialect_of(connection).hide_table(cursor, table):
            execute(cursor, statement)
        trial = Company.objects.create(company_no="C-1", name="On trial")
        execute(cursor, SQL("DROP TABLE {table}").format(table=Identifier("temp", table)))
        assert (trial.pk, draw_ids(cursor, table, 1)) == (1, [before.pk + 1])
