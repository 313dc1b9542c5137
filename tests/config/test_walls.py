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
