"""Walls that a linter can't see: pure rules, and imports in one direction as part of the suite."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FORBIDDEN = ("django.db", "django.http", "django.conf", "django.core.cache", "time", "random")
CLOCKS = {"now", "utcnow", "today"}
RULES = sorted([*Path().glob("*/rules.py"), *Path().glob("*/rules/*.py"), Path("core/timebase.py")])


def impurities(source: str) -> Iterator[str]:
    """Yield what ties a rules file to a database, a request or a clock."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            yield f"line {node.lineno}: reads the clock"
        for name in names:
            if any(name == module or name.startswith(f"{module}.") for module in FORBIDDEN):
                yield f"line {node.lineno}: imports {name}"


@pytest.mark.parametrize("path", RULES, ids=str)
def test_rules_are_pure(path: Path) -> None:
    assert list(impurities(path.read_text())) == []


@pytest.mark.parametrize(
    "source",
    ["from django.db import models", "from django import db", "import time", "from time import sleep", "date.today()"],
)
def test_impure_rules_are_found(source: str) -> None:
    assert list(impurities(source)) != []


@pytest.mark.sqlite_only
def test_apps_import_in_one_direction() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


PRESENTERS = sorted([*Path().glob("*/presenters.py"), *Path().glob("*/presenters/**/*.py")])
# Pure functions that stand beside the queries whose results they read.
PURE = frozenset({"countdowns_of", "failures_of", "next_run_at", "shown_count", "shown_parts"})
QUERYING = frozenset(
    {"objects", "aggregate", "annotate", "filter", "prefetch_related", "select_related", "values_list"}
)


def lookups(source: str) -> Iterator[str]:
    """Yield what makes a presenter ask the database: managers, querysets, functions of queries."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in QUERYING:
            yield f"line {node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.ImportFrom) and node.module and "queries" in node.module.split("."):
            functions = {alias.name for alias in node.names if alias.name[0].islower()}
            yield from (f"line {node.lineno}: calls {name}" for name in sorted(functions - PURE))
        elif isinstance(node, ast.ImportFrom) and node.module == "django.core.paginator":
            yield from (f"line {node.lineno}: imports Paginator" for alias in node.names if alias.name == "Paginator")


@pytest.mark.parametrize("path", PRESENTERS, ids=str)
def test_presenters_ask_the_database_nothing(path: Path) -> None:
    """Types and constants of models and queries are theirs to read; what is shown is brought to them."""
    assert list(lookups(path.read_text())) == []


@pytest.mark.parametrize(
    "source",
    [
        "Store.objects.get(pk=1)",
        "notices.select_related('opened_by')",
        "from stores.queries.names import names_of",
        "from django.core.paginator import Paginator",
    ],
)
def test_presenters_that_ask_are_found(source: str) -> None:
    assert list(lookups(source)) != []
