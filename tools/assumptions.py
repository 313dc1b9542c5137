"""Writes the tables of docs/assumptions.md: `python -m tools.assumptions [--check]`.

Parameters that the shipped policy marks as assumptions, and readings of rules that are no parameter.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator

from tools.generated import DOCS, between_marks, cell, run, setup_django

DOCUMENT = DOCS / "assumptions.md"
LONGEST = 120


def document() -> str:
    """The document with its tables as the rulebook has them now."""
    from django.utils import translation

    with translation.override("en"):
        return between_marks(DOCUMENT, "\n".join(tables()))


def tables() -> Iterator[str]:
    """Readings by rule, then parameters by rule."""
    from rulebook.reading import value_text
    from rulebook.shipped import SHIPPED
    from rulebook.texts import FAMILIES, readings, rule_texts

    yield "## How rules are read\n\n| rule | reading |\n| --- | --- |"
    order = list(rule_texts())
    for reading in sorted(readings(), key=lambda reading: order.index(reading.rule)):
        yield f"| {reading.rule} | {cell(reading.en)}<br>{cell(reading.zh)} |"
    yield "\n## Values of the policy\n\n| rules | parameter | value |\n| --- | --- | --- |"
    rows: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for key, entry in SHIPPED.items():
        if entry["assumption"]:
            # The same value for the same thing of many metrics is one assumption.
            name = f"metrics.*.{key.rpartition('.')[2]}" if key.startswith("metrics.") else key
            rows[", ".join(entry["rules"]), name, _short(cell(value_text(key, entry["value"])))].append(key)
    for (rules, name, value), keys in sorted(rows.items(), key=lambda row: (FAMILIES.index(row[0][0][:2]), row[0])):
        yield f"| {rules} | `{name if len(keys) > 1 else keys[0]}` | {value} |"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


if __name__ == "__main__":
    setup_django()
    sys.exit(run(__doc__, DOCUMENT, document))
