"""Finding the canonical files of a bundle: a folder, a ZIP, or a single file (IX-01, IX-06b)."""

import filecmp
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from intake.canonical import FILES
from intake.reading.archives import unpack_zip
from intake.reading.csvfile import CsvSource
from intake.reading.errors import BundleError
from intake.reading.kinds import FileKind, kind_of
from intake.reading.manifest import MANIFEST_NAME, Manifest, ManifestError, find_zone, read_manifest
from intake.reading.opening import Opening
from intake.reading.sorting import Recognised, names_of, recognised, tables_of, why_not_taken

__all__ = ["Bundle", "BundleError", "Source", "find_files", "open_bundle"]


@dataclass(frozen=True)
class Source:
    """One canonical file: its name, what people call it, where its CSV form is."""

    name: str
    label: str
    path: Path
    by_record: bool = False
    annotated: bool = False

    def open(self) -> CsvSource:
        """The rows of the file."""
        return CsvSource(self.path, FILES[self.name], self.label, by_record=self.by_record, annotated=self.annotated)


@dataclass
class Bundle:
    """``sources`` in the order in which they are taken; ``refused``: files that can't be read, with the reason;
    ``remarks``: what was left aside."""

    sources: list[Source] = field(default_factory=list)
    manifest: Manifest = field(default_factory=Manifest)
    refused: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def open_bundle(opening: Opening) -> Bundle:
    """The canonical files of a folder, an archive or a file.

    Raises BundleError when nothing of it can be taken, ManifestError for a broken manifest.
    """
    bundle = Bundle()
    found: dict[str, Source] = {}
    manifest: Path | None = None
    for file in find_files(opening.path, opening.workspace):
        if file.name.lower() == MANIFEST_NAME:
            manifest = file
            continue
        try:
            for source in _sources_of(file, opening, bundle):
                _add(source, found, bundle)
        except BundleError as error:
            bundle.refused[file.name] = str(error)
    bundle.manifest = _manifest(manifest, opening.zone)
    bundle.sources = [found[name] for name in FILES if name in found]
    if not bundle.sources and not bundle.refused:
        raise BundleError(
            _("nothing here can be imported: there is no file named like one of %(names)s")
            % {"names": ", ".join(f"{name}.csv" for name in FILES)}
        )
    return bundle


def _add(source: Source, found: dict[str, Source], bundle: Bundle) -> None:
    former = found.setdefault(source.name, source)
    if former is source:
        return
    names = {"name": source.name, "label": former.label, "file": source.label}
    if filecmp.cmp(former.path, source.path, shallow=False):
        bundle.remarks.append(_("%(file)s holds the same as %(label)s and was left aside") % names)
    else:
        bundle.refused[source.label] = _("%(name)s stands twice in the bundle; the other one is %(label)s") % names


def find_files(path: Path, workspace: Path) -> Iterator[Path]:
    """The files of a folder, of a ZIP (unpacked into the workspace), or the one file itself."""
    if not path.exists():
        raise BundleError(_("%(path)s does not exist") % {"path": path})
    if path.is_file() and kind_of(path) is FileKind.ZIP:
        target = workspace / "bundle"
        shutil.rmtree(target, ignore_errors=True)
        unpack_zip(path, target)
        path = target
    if path.is_file():
        yield path
        return
    files = sorted(file for file in path.rglob("*") if file.is_file() and not _is_hidden(file, path))
    yield from files


def _is_hidden(file: Path, root: Path) -> bool:
    """Files of the operating system, and refused rows of earlier imports below the bundle."""
    return any(part.startswith((".", "__MACOSX")) for part in file.relative_to(root).parts)


def _sources_of(file: Path, opening: Opening, bundle: Bundle) -> Iterator[Source]:
    """The tables that are canonical files. One that looks like data and is not taken makes the import fail."""
    tables = [table for table in tables_of(file, opening) if table.headings or table.is_filled or not table.sheet]
    taken = 0
    for number, table in enumerate(tables):
        names = names_of(table, is_alone=len(tables) == 1)
        found = recognised(table, names)
        if found is not None:
            taken += 1
            yield _source(found, opening.workspace / "plain" / file.parent.name / f"{file.name}.{number}.csv")
        elif table.is_table:
            bundle.refused[table.label] = why_not_taken(table, names)
            taken += 1
        elif table.sheet:
            bundle.remarks.append(
                _("%(file)s is none of the canonical files and was left aside") % {"file": table.label}
            )
            taken += 1
    if not taken:
        bundle.remarks.append(_("%(file)s is none of the canonical files and was left aside") % {"file": file.name})


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


__all__ += ["ManifestError"]
