"""The generated SQL equals the reviewed snapshots; `python -m tools.sql_snapshots` updates them."""

import re

import pytest

from core.sql.dialects import DIALECTS
from tools.sql_layout import laid_out
from tools.sql_snapshots import FOLDER, snapshots, statements

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]
BLANKS = re.compile(r"\s+")


def test_generated_sql_is_as_it_was_reviewed() -> None:
    kept = {path.relative_to(FOLDER): path.read_text() for path in FOLDER.rglob("*.sql")}
    assert snapshots() == kept, "if the change is meant: python -m tools.sql_snapshots, and review the difference"


def test_the_layout_changes_nothing_but_blanks() -> None:
    for _title, group in statements():
        for statement in group:
            for dialect in DIALECTS.values():
                text = statement.render(dialect).text
                assert BLANKS.sub("", laid_out(text)) == BLANKS.sub("", text)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT  a,\n b FROM t", "SELECT a, b FROM t\n"),
        ("SELECT '  ', \"a  b\"", "SELECT '  ', \"a  b\"\n"),
        (
            f"SELECT {'a' * 60} FROM t WHERE {'b' * 50} AND c BETWEEN 1 AND 2 AND {'d' * 60}",
            f"SELECT {'a' * 60}\nFROM t\nWHERE {'b' * 50}\n  AND c BETWEEN 1 AND 2\n  AND {'d' * 60}\n",
        ),
        (f"COALESCE({'a' * 60}, {'b' * 60})", f"COALESCE(\n  {'a' * 60},\n  {'b' * 60}\n)\n"),
    ],
)
def test_long_statements_are_laid_out(sql: str, expected: str) -> None:
    assert laid_out(sql) == expected
