"""Finding the canonical files of a bundle: a folder, a ZIP, or a single file (IX-01)."""

import re
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
from intake.reading.tables import tables_to_csv

__all__ = ["Bundle", "BundleError", "Source", "find_files", "open_bundle"]

# What browsers and Windows add to the name of a second copy: "orders (1).csv".
_COPY_MARK = re.compile(r"\s*\(\d+\)$")


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


def open_bundle(path: Path, *, workspace: Path, zone: str = "") -> Bundle:
    """The canonical files under ``path``; ``workspace`` takes what has to be unpacked.

    Raises BundleError when nothing of it can be taken, ManifestError for a broken manifest.
    """
    bundle = Bundle()
    found: dict[str, Source] = {}
    manifest: Path | None = None
    for file in find_files(path, workspace):
        if file.name.lower() == MANIFEST_NAME:
            manifest = file
            continue
        try:
            sources = list(_sources_of(file, workspace))
        except BundleError as error:
            bundle.refused[file.name] = str(error)
            continue
        if not sources:
            bundle.remarks.append(_("%(file)s is none of the canonical files and was left aside") % {"file": file.name})
        for source in sources:
            if source.name in found:
                bundle.refused[source.label] = _("%(name)s stands twice in the bundle; the other one is %(label)s") % {
                    "name": source.name,
                    "label": found[source.name].label,
                }
            else:
                found[source.name] = source
    bundle.manifest = _manifest(manifest, zone)
    bundle.sources = [found[name] for name in FILES if name in found]
    if not bundle.sources and not bundle.refused:
        raise BundleError(
            _("nothing here can be imported: there is no file named like one of %(names)s")
            % {"names": ", ".join(f"{name}.csv" for name in FILES)}
        )
    return bundle


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


def _sources_of(file: Path, workspace: Path) -> Iterator[Source]:
    kind, stem = kind_of(file), _COPY_MARK.sub("", file.stem.strip().lower())
    if kind is FileKind.CSV:
        if stem in FILES:
            yield Source(stem, file.name, file)
    elif kind in (FileKind.XLSX, FileKind.PARQUET):
        if kind is FileKind.PARQUET and stem not in FILES:
            return
        target = workspace / "tables" / file.name
        for sheet, table in tables_to_csv(file, kind, target):
            name = sheet.strip().lower()
            if name in FILES:
                yield Source(
                    name, f"{file.name} · {sheet}" if kind is FileKind.XLSX else file.name, table, by_record=True
                )


def _manifest(path: Path | None, zone: str) -> Manifest:
    if path is not None:
        return read_manifest(path, zone)
    if zone:
        find_zone(zone)
    return Manifest(zone=zone)


__all__ += ["ManifestError"]
