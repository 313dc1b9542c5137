"""Walls that a linter can't see: pure rules, and imports in one direction as part of the suite."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey

pytestmark = pytest.mark.sqlite_only

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


def test_apps_import_in_one_direction() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


PRESENTERS = sorted([*Path().glob("*/presenters.py"), *Path().glob("*/presenters/**/*.py")])
# Pure functions in the modules of the queries whose results they read.
PURE = frozenset({"countdowns_of", "failures_of", "next_run_at", "policy_in", "shown_count", "shown_parts"})
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
    """Presenters may use types and constants of models and queries; data is passed to them."""
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


# ── Tables and relations of apps above ─────────────────────────────────────────────────────────────────────────────

CONTRACTS = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
# The highest first; apps of one level know nothing of each other.
LEVELS = [
    set(level.split(" | "))
    for contract in CONTRACTS
    if contract["id"] == "one-direction"
    for level in contract["layers"]
]
APPS = sorted(set().union(*LEVELS))
# The settings choose the database and the doctor tells of it; everything else asks the dialect.
ASKS_WHICH_DATABASE = {Path("core/sql/running.py"), Path("config/doctor.py")}


def above(app: str) -> set[str]:
    """The apps that an app must not depend on: those above it and on its level."""
    level = next(place for place, names in enumerate(LEVELS) if app in names)
    return set().union(*LEVELS[: level + 1]) - {app}


def names_of(app: str) -> set[str]:
    """What SQL, querysets and references call an app's models: tables, dotted names, relations followed from below."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label == app]
    relations = {
        f"{field.related_query_name()}__"
        for model in models
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and field.related_model._meta.app_label != app
    }
    return {model._meta.db_table for model in models} | {model._meta.label for model in models} | relations


def words_of(source: str) -> Iterator[str]:
    """The texts and names of keywords of a module; docstrings are left out."""
    tree = ast.parse(source)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


def mentioned(source: str, names: set[str]) -> set[str]:
    """Which of the names a module mentions."""
    # What ends with two underscores begins a longer name.
    named = "|".join(re.escape(name) + ("" if name.endswith("__") else r"(?![\w.])") for name in sorted(names))
    pattern = re.compile(rf"(?<![\w.])(?:{named})") if names else re.compile(r"(?!)")
    return {name for word in words_of(source) for name in pattern.findall(word)}


@pytest.mark.slow
@pytest.mark.parametrize("app", APPS)
def test_no_app_names_the_tables_of_an_app_above(app: str) -> None:
    names = set().union(*(names_of(other) for other in above(app)))
    modules = [path for path in sorted(Path(app).rglob("*.py")) if "migrations" not in path.parts]
    assert modules
    found = {f"{path}: {name}" for path in modules for name in mentioned(path.read_text(), names)}
    assert found == set()


def test_differences_of_databases_have_one_place() -> None:
    modules = [path for app in APPS for path in Path(app).rglob("*.py") if "migrations" not in path.parts]
    assert {path for path in modules if ".vendor" in path.read_text()} == ASKS_WHICH_DATABASE


@pytest.mark.parametrize(
    "source",
    [
        'SQL("SELECT 1 FROM orders_order o")',
        'cursor.execute(f"DELETE FROM orders_order WHERE id = {one}")',
        'ForeignKey("orders.Order", CASCADE)',
        "Store.objects.filter(order__state=1)",
        'Store.objects.values("order__state")',
    ],
)
def test_names_of_apps_above_are_found(source: str) -> None:
    assert mentioned(source, {"orders_order", "orders.Order", "order__"}) != set()


@pytest.mark.parametrize(
    "source", ['"""Orders are in orders_order."""', 'x = "orders_orderline"', 'x = "orders.Orders"', "f(my_order__x=1)"]
)
def test_other_words_are_not_taken_for_names(source: str) -> None:
    assert mentioned(source, {"orders_order", "orders.Order", "order__"}) == set()
