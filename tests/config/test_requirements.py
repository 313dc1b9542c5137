"""What runs needs only what `make venv` installs (IX-09)."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.sqlite_only

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for app in settings.OWN_APPS for path in (ROOT / app).rglob("*.py"))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> set[str]:
    """The distributions that requirements.txt brings, with what they need themselves."""
    waiting = [
        normal(re.split(r"[\[=<>;~! ]", line)[0])
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    known: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in known:
            known.add(name)
            try:
                needed = requires(name) or []
            except ModuleNotFoundError:
                continue
            waiting += [normal(re.split(r"[\[=<>;~! (]", each)[0]) for each in needed if "extra ==" not in each]
    return known


def imports_at_run_time(tree: ast.AST) -> Iterator[str]:
    """Modules that a file imports, those for type checkers left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
        else:
            yield from imports_at_run_time(node)


@pytest.mark.slow
@pytest.mark.rule("IX-09")
def test_no_module_of_the_product_needs_a_development_package():
    distributions, known = packages_distributions(), installed()
    foreign = set()
    for path in SOURCES:
        for module in imports_at_run_time(ast.parse(path.read_text())):
            top = module.partition(".")[0]
            if top in sys.stdlib_module_names or (ROOT / top).is_dir():
                continue
            if not {normal(name) for name in distributions.get(top, [])} & known:
                foreign.add(f"{path.relative_to(ROOT)}: {module}")
    assert foreign == set()
