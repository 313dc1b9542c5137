"""Finding the canonical files of a bundle: a folder, a ZIP, or a single file (IX-01, IX-06b)."""

import filecmp
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from intake.canonical import FILES
from intake.reading.answers import Told
from intake.reading.archives import unpack_zip
from intake.reading.csvfile import CsvSource, Scan, Watch
from intake.reading.dress import Table
from intake.reading.errors import BundleError
from intake.reading.filetypes import FileKind, is_image, kind_of
from intake.reading.looks import Look, look_of
from intake.reading.manifest import MANIFEST_NAME, Manifest, ManifestError, find_zone, read_manifest
from intake.reading.opening import Opening
from intake.reading.sorting import Recognised, names_of, recognised, tables_of, why_not_taken

# Rows of titles and notes that may stand above the headings of another format.
MOST_ABOVE = 9
# Where the first rows of tables that nobody knows are kept, and how many.
SAMPLES, SAMPLE_ROWS = "samples", 2_000

__all__ = ["Bundle", "BundleError", "Format", "ManifestError", "Source", "find_files", "open_bundle", "unpacked"]


@dataclass(frozen=True)
class Source:
    """One canonical file: its name, what people call it, where its CSV form is; ``scanned``: if it was already."""

    name: str
    label: str
    path: Path
    by_record: bool = False
    annotated: bool = False
    scanned: tuple[CsvSource, Scan] | None = None

    def open(self) -> CsvSource:
        """The rows of the file."""
        return CsvSource(self.path, FILES[self.name], self.label, by_record=self.by_record, annotated=self.annotated)

    def scan(self, watch: Watch | None = None) -> tuple[CsvSource, Scan]:
        """The file after its first reading; raises RejectedFileError."""
        opened = self.open()
        return opened, opened.scan(watch)


@dataclass
class Bundle:
    """``sources`` in the order in which they are taken; ``rejected``: files that can't be read, with the reason;
    ``warnings``: what was left aside; ``looks``: what was found, for people; ``told``: what was said of the files;
    ``images``: pictures of listings by their names in small letters, None where two files have one name (PN-24)."""

    sources: list[Source] = field(default_factory=list)
    manifest: Manifest = field(default_factory=Manifest)
    rejected: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    images: dict[str, Path | None] = field(default_factory=dict)

    def add_image(self, file: Path) -> None:
        """Take a picture. Which of two of one name a listing means can't be known, unless they are the same."""
        name = file.name.casefold()
        known = self.images.setdefault(name, file)
        if known is not None and not filecmp.cmp(known, file, shallow=False):
            self.images[name] = None

    def add(self, source: Source) -> None:
        """Take a source; the same file a second time is left aside, another one of its kind rejected."""
        former = next((other for other in self.sources if other.name == source.name), None)
        if former is None:
            self.sources.append(source)
            return
        names = {"name": source.name, "label": former.label, "file": source.label}
        if filecmp.cmp(former.path, source.path, shallow=False):
            self.warnings.append(_("%(file)s holds the same as %(label)s and was left aside") % names)
        else:
            self.rejected[source.label] = _("the bundle contains %(name)s twice; the other one is %(label)s") % names


class Format(Protocol):
    """A format of another program that is known by its headings."""

    @property
    def name(self) -> str:
        """The name of its profile."""

    def fits(self, headings: Sequence[str]) -> bool:
        """Whether a table is in this format."""

    def convert(self, tables: Sequence[Table], opening: Opening, bundle: Bundle) -> Sequence[Source]:
        """The tables as canonical files."""


def open_bundle(opening: Opening, formats: Sequence[Format] = ()) -> Bundle:
    """The canonical files of a folder, an archive or a file, and what tables in other ``formats`` become.

    Raises BundleError when nothing of it can be taken, ManifestError for a broken manifest.
    """
    opening, bundle = unpacked(opening), Bundle()
    foreign: dict[str, list[Table]] = {}
    manifest: Path | None = None
    for file in find_files(opening.path):
        if file.name.lower() == MANIFEST_NAME:
            manifest = file
            continue
        if opening.path.is_dir() and is_image(file):
            bundle.add_image(file)
            continue
        try:
            tables = list(tables_of(file, opening, bundle.looks))
        except BundleError as error:
            bundle.rejected[file.name] = str(error)
            continue
        _sort(tables, file, formats, foreign, opening, bundle)
    bundle.manifest = _manifest(manifest, opening.zone)
    for one in formats:
        for source in one.convert(foreign[one.name], opening, bundle) if one.name in foreign else ():
            bundle.add(source)
    bundle.sources.sort(key=lambda source: list(FILES).index(source.name))
    if not bundle.sources and not bundle.rejected:
        raise BundleError(
            _("nothing here can be imported: there is no file named like one of %(names)s")
            % {"names": ", ".join(f"{name}.csv" for name in FILES)}
        )
    return bundle


def unpacked(opening: Opening) -> Opening:
    """The same with an archive unpacked into the workspace."""
    path = opening.path
    if not path.exists():
        raise BundleError(_("%(path)s does not exist") % {"path": path})
    if not path.is_file() or kind_of(path) is not FileKind.ZIP:
        return opening
    target = opening.workspace / "bundle"
    shutil.rmtree(target, ignore_errors=True)
    unpack_zip(path, target)
    return replace(opening, path=target)


def find_files(path: Path) -> list[Path]:
    """The files of a folder, or the one file itself."""
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file() and not _is_hidden(file, path))


def _is_hidden(file: Path, root: Path) -> bool:
    """Files of the operating system, and rejected rows of earlier imports below the bundle."""
    return any(part.startswith((".", "__MACOSX")) for part in file.relative_to(root).parts)


def _sort(
    tables: list[Table],
    file: Path,
    formats: Sequence[Format],
    foreign: dict[str, list[Table]],
    opening: Opening,
    bundle: Bundle,
) -> None:
    """Find out what a file's tables are; without any of use the file is left aside."""
    filled = [table for table in tables if table.headings or table.is_filled or not table.sheet]
    for number, table in enumerate(filled):
        other, there = _in_format(table, formats)
        if other is not None:
            foreign.setdefault(other.name, []).append(there)
        else:
            target = opening.workspace / "plain" / file.parent.name / f"{file.name}.{number}.csv"
            _take(table, names_of(table, is_alone=len(filled) == 1), target, bundle)
            _keep_sample(table, opening, bundle)
    if not filled:
        _leave_aside(file.name, bundle)


def _in_format(table: Table, formats: Sequence[Format]) -> tuple[Format | None, Table]:
    """The format that a table is in, and the table from its headings on, which may stand below a title."""
    for count, headings in enumerate((table.headings, *table.first[:MOST_ABOVE])):
        found = next((one for one in formats if one.fits(headings)), None)
        if found is not None:
            return found, table.below(count)
    return None, table


def _take(table: Table, names: Sequence[str], target: Path, bundle: Bundle) -> None:
    """Add a table that is a canonical file. One that looks like data and is not taken makes the import fail."""
    found = recognised(table, names)
    if found is not None:
        bundle.looks.append(look_of(table, found.match.name))
        bundle.add(_source(found, target))
    elif table.is_table:
        bundle.looks.append(look_of(table, ""))
        bundle.rejected[table.label] = why_not_taken(table, names)
    else:
        _leave_aside(table.label, bundle)


def _keep_sample(table: Table, opening: Opening, bundle: Bundle) -> None:
    """Keep the first rows of a table that nobody knows, for a person to map its columns."""
    look = bundle.looks[-1] if bundle.looks else None
    if opening.is_look and look is not None and (look.label, look.kind) == (table.label, ""):
        look.sample = f"{len(bundle.looks)}.csv"
        table.write_sample(opening.workspace / SAMPLES / look.sample, SAMPLE_ROWS)


def _leave_aside(label: str, bundle: Bundle) -> None:
    bundle.warnings.append(_("%(file)s is none of the canonical files and was left aside") % {"file": label})


def _source(found: Recognised, target: Path) -> Source:
    table = found.table
    if found.is_plain:
        return Source(found.match.name, table.label, table.path, by_record=table.by_record)
    return Source(found.match.name, table.label, found.written_plain(target), annotated=True)


def _manifest(path: Path | None, zone: str) -> Manifest:
    if path is not None:
        return read_manifest(path, zone)
    if zone:
        find_zone(zone)
    return Manifest(zone=zone)
