"""What each file of a bundle is: its tables, recognised by name and headings (IX-06b)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from intake.reading.dress import Table, look_at, write_plain
from intake.reading.encodings import UTF8, encoding_question, find_encoding, known_encoding, to_utf8
from intake.reading.errors import BundleError
from intake.reading.filetypes import FileKind, kind_of
from intake.reading.headings import Match, heading_key, nearest, recognise
from intake.reading.looks import ENCODING, Look
from intake.reading.opening import Opening
from intake.reading.workbooks import tables_to_csv

# Headings that Chinese back ends don't have; no export with them was ever seen, so nobody guesses what they mean.
_ENGLISH_EXPORT = frozenset(
    map(heading_key, ("Order ID", "Order Status", "Order Time", "Payment Time", "Order Amount"))
)
_ENGLISH_ENOUGH = 2


@dataclass(frozen=True)
class Recognised:
    """A table and the canonical file that it is."""

    table: Table
    match: Match

    @property
    def is_plain(self) -> bool:
        """Whether the table can be read where it stands."""
        return self.table.is_plain and all(
            column in ("", heading.strip().lower())
            for heading, column in zip(self.table.headings, self.match.columns, strict=False)
        )

    def header(self) -> list[str]:
        """Canonical names of the headings; unknown ones as they are."""
        names = [*self.match.columns, *[""] * (len(self.table.headings) - len(self.match.columns))]
        return [name or _unlike(heading, names) for name, heading in zip(names, self.table.headings, strict=True)]

    def written_plain(self, target: Path) -> Path:
        """The table as an annotated canonical file."""
        return write_plain(self.table, self.header(), target)


def _unlike(heading: str, names: Sequence[str]) -> str:
    """An unknown heading, marked where it is called like a column that another heading stands for."""
    plain = heading.strip()
    return f"{plain} *" if plain.lower() in names else plain


def tables_of(file: Path, opening: Opening, looks: list[Look]) -> Iterator[Table]:
    """The tables of a file; raises BundleError for one that can't be read. Where the encoding is not certain, ``looks``
    gets what it could be."""
    kind = kind_of(file)
    if kind is FileKind.CSV:
        yield _text_table(file, opening, looks)
    elif kind in (FileKind.XLSX, FileKind.XLS, FileKind.PARQUET):
        folder = opening.workspace / "tables" / file.parent.name / file.name
        for sheet, path in tables_to_csv(file, kind, folder):
            sheet = "" if kind is FileKind.PARQUET else sheet.strip()
            yield look_at(path, file=file.name, sheet=sheet, by_record=True)


def _text_table(file: Path, opening: Opening, looks: list[Look]) -> Table:
    found = find_encoding(file)
    said = opening.answers.of(file.name).encoding if found.readings else found.encoding
    if found.readings:
        readings = [{"code": one.encoding, "name": one.name, "words": one.words} for one in found.readings]
        looks.append(
            Look(
                file.name,
                file.name,
                ENCODING,
                readings=readings,
                needs=["encoding"],
                said={"encoding": said},
                open=[] if said else ["encoding"],
            )
        )
    if not said and not (opening.is_look and found.readings):
        raise BundleError(encoding_question(found))
    said = said or found.readings[0].encoding
    encoding = known_encoding(said)
    path = file
    if encoding != UTF8:
        path = to_utf8(file, encoding, opening.workspace / "text" / file.parent.name / file.name)
    return look_at(path, file=file.name, encoding=encoding)


def names_of(table: Table, is_alone: bool) -> list[str]:
    """The names that may say what a table is: its sheet's, and its file's where no other table stands in it."""
    return [*([table.sheet] if table.sheet else []), *([Path(table.file).stem] if is_alone or not table.sheet else [])]


def recognised(table: Table, names: Sequence[str]) -> Recognised | None:
    """The table with the canonical file that it is."""
    found = recognise(table.headings, names)
    return None if found is None else Recognised(table, found)


def why_not_taken(table: Table, names: Sequence[str]) -> str:
    """What is said of a table that looks like data and is nothing that is known here."""
    if len(_ENGLISH_EXPORT.intersection(map(heading_key, table.headings))) >= _ENGLISH_ENOUGH:
        return _(
            "has English headings that no known export has: map its columns in the browser, set the back end to "
            "Chinese and export again, or name the columns as in the template of orders.csv"
        )
    close = nearest(table.headings, names)
    if close is None:
        return _(
            "looks like data, but is none of the kinds known here: map its columns in the browser, or name them as in "
            "one of the templates"
        )
    if close.missing:
        return _(
            "looks like data, but is none of the kinds known here. Nearest is %(name)s.csv, which also needs: "
            "%(columns)s"
        ) % {
            "name": close.name,
            "columns": ", ".join(close.missing),
        }
    return _("could be several kinds of data: name the file after the one it is, such as %(name)s.csv") % {
        "name": close.name
    }
