"""Writes docs/rules.md: `python -m tools.rules_index [--check]`.

Every rule id with its state in the rulebook, the modules whose text names it, and the tests that show it: those marked
`@pytest.mark.rule(...)`, else those whose module's docstring names it.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from django.conf import settings

from tools.generated import DOCS, ROOT, cell, run, setup_django

RULE = re.compile(r"\b(?:DM|MX|SR|PN|AP|DP|TM|AF|BX|RL|IX|PG)-\d\d[a-z]?\b")
# Values and words of all rules: they say nothing about where a rule is built.
LEFT_OUT = ("rulebook/shipped", "rulebook/texts", "migrations", "__pycache__")
SUFFIXES = {".py", ".html", ".js", ".css"}
DOCUMENT = DOCS / "rules.md"

HEAD = """# Index of rules

Every rule of the specification: whether the product keeps it, where it is built, which tests show it. The texts, in
Chinese and English and with the numbers in force, stand in the product's own rulebook (`/rules/`).

This file is written by `python -m tools.rules_index` from `rulebook/texts/built.py`, the rule ids that modules name,
and the marks `@pytest.mark.rule(...)` of tests. `tests/config/test_rules_index.py` fails when a rule counts as built
and no test is marked with it.
"""


@cache
def marked_tests() -> Mapping[str, set[str]]:
    """Rule id → test modules with a test that is marked with it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in test_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for rule in _marks(node):
                found[rule].add(str(path.relative_to(ROOT)))
    return found


def _marks(node: ast.AST) -> Iterator[str]:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "rule"):
        return
    if ast.unparse(node.func) == "pytest.mark.rule":
        for argument in node.args:
            for part in ast.walk(argument):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


@cache
def described_tests() -> Mapping[str, set[str]]:
    """Rule id → test modules whose docstring names it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in test_files():
        for rule in RULE.findall(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""):
            found[rule].add(str(path.relative_to(ROOT)))
    return found


def test_files() -> list[Path]:
    """Every module with tests."""
    return sorted((ROOT / "tests").rglob("test_*.py"))


@cache
def building_modules() -> Mapping[str, set[str]]:
    """Rule id → source files that name it."""
    found: dict[str, set[str]] = defaultdict(set)
    for folder in (*settings.OWN_APPS, "templates", "static"):
        for path in sorted((ROOT / folder).rglob("*")):
            name = str(path.relative_to(ROOT))
            if path.suffix not in SUFFIXES or any(part in name for part in LEFT_OUT):
                continue
            for rule in RULE.findall(path.read_text(encoding="utf-8")):
                found[rule].add(name)
    return found


def unshown() -> list[str]:
    """Rules that count as built without a test that is marked with them."""
    from rulebook.texts import rule_texts

    marked = marked_tests()
    return [rule.id for rule in rule_texts().values() if rule.built and rule.id not in marked]


def unknown() -> list[str]:
    """Ids in marks that no rule has."""
    from rulebook.texts import rule_texts

    return sorted(marked_tests().keys() - rule_texts().keys())


def document() -> str:
    """The whole file."""
    from django.utils import translation

    from rulebook.reading import family_names
    from rulebook.texts import rule_texts

    marked, described, built_in = marked_tests(), described_tests(), building_modules()
    rules = list(rule_texts().values())
    built, partly = sum(rule.built for rule in rules), sum(rule.partly for rule in rules)
    parts = [HEAD, f"{built} of {len(rules)} rules are built, {partly} more in part.\n"]
    with translation.override("en"):
        families = family_names()
    for family, name in families:
        parts.append(
            f"## {name} ({family})\n\n| rule | what | state | built in | shown by |\n| --- | --- | --- | --- | --- |"
        )
        for rule in rules:
            if rule.family != family:
                continue
            state = "built" if rule.built else "in part" if rule.partly else "–"
            tests = marked.get(rule.id) or described.get(rule.id, set())
            modules = built_in.get(rule.id, set()) if rule.built or rule.partly else set()
            cells = (rule.id, cell(rule.title_en), state, _links(modules), _links(tests))
            parts.append(f"| {' | '.join(cells)} |")
        parts.append("")
    return "\n".join(parts)


def _links(paths: set[str]) -> str:
    return ", ".join(f"[{_short(path)}](../{path})" for path in sorted(paths))


def _short(path: str) -> str:
    return path.removeprefix("tests/").removeprefix("templates/")


if __name__ == "__main__":
    setup_django()
    sys.exit(run(__doc__, DOCUMENT, document))
