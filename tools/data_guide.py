"""Writes the tables of docs/data.md from the canonical files: `python -m tools.data_guide [--check]`."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.generated import DOCS, between_marks, cell, run, setup_django

if TYPE_CHECKING:
    from intake.canonical import Column

DOCUMENT = DOCS / "data.md"
KINDS = {
    "identifier": "number or SKU",
    "code": "code",
    "number": "number that stands in addresses",
    "text": "text",
    "site": "country",
    "instant": "instant",
    "day": "day",
    "decimal": "number",
    "whole": "whole number",
    "truth": "true or false",
    "currency": "currency",
    "flags": "flags",
}


def document() -> str:
    """The document with its tables as the product reads the files now."""
    return between_marks(DOCUMENT, "\n".join([*tables(), *profiles()]))


def tables() -> Iterator[str]:
    """A section per file, in the order in which they are taken in; raises KeyError for what is not documented."""
    from intake.canonical import FILES, meanings

    for name, spec in FILES.items():
        yield f"### {name}.csv\n"
        yield f"{meanings.FILES[name]} One row per {_key(spec.key)}.{_feed(spec.feed)}\n"
        yield "| column | | holds | meaning |"
        yield "| --- | --- | --- | --- |"
        for column in spec.columns:
            star = "★" if column.required else ""
            meaning = cell(meanings.meaning(name, column.name))
            yield f"| `{column.name}` | {star} | {_holds(column)} | {meaning} |"
        yield ""


def profiles() -> Iterator[str]:
    """A table of the profiles that map other formats (IX-06)."""
    from intake.profiles.mapping.format import MappedTable
    from intake.profiles.mapping.layout import Layout
    from intake.profiles.mapping.survey import Survey
    from intake.profiles.shipped import SHIPPED
    from intake.reading import Answers
    from intake.reading.dress import Table

    yield "### Profiles\n"
    yield "What the formats of other programs bring if a file has all their columns. What is not there stays no data.\n"
    yield "| `--profile` | format | recognised by | brings |"
    yield "| --- | --- | --- | --- |"
    for profile in SHIPPED:
        headings = tuple(heading for one in profile.columns for heading in one.headings[:1])
        layout = Layout(profile, Table("", "", DOCUMENT, by_record=False, headings=headings))
        table = MappedTable(layout, Survey(), Answers())
        files = [profile.file] if table.makes_orders or profile.file != "orders" else []
        if profile.file == "orders":
            files += ["order_lines", *(["shipments"] if layout.has("tracking_no") else [])]
        columns = [f"`{column}`" for column in table.columns() if "orders" in files or profile.file != "orders"]
        marks = ", ".join(f"`{heading}`" for heading in profile.recognised_by[0])
        brings = ", ".join(files) + (f": {', '.join(columns)}" if columns else "")
        yield f"| `{profile.name}` | {profile.label} | {cell(marks)} | {cell(brings)} |"
    yield ""


def _key(key: tuple[str, ...]) -> str:
    return " and ".join(f"`{column}`" for column in key)


def _feed(feed: str | None) -> str:
    return f" Its presence, even with a header alone, turns on the data stream *{feed}*." if feed else ""


def _holds(column: "Column") -> str:
    if column.choices:
        return ", ".join(f"`{choice}`" for choice in column.choices)
    return KINDS[column.kind.value]


if __name__ == "__main__":
    setup_django()
    sys.exit(run(__doc__, DOCUMENT, document))
