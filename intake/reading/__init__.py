"""Bundles on disk: folders, ZIPs, CSV, XLSX and Parquet files as rows of text cells (IX-01)."""

from intake.reading.answers import AnswerBook, Answers, Memory
from intake.reading.bundle import Bundle, BundleError, Source, open_bundle
from intake.reading.csvfile import CsvSource, Scan
from intake.reading.lines import BadRow
from intake.reading.manifest import Manifest, ManifestError
from intake.reading.opening import Opening

__all__ = [
    "AnswerBook",
    "Answers",
    "BadRow",
    "Bundle",
    "BundleError",
    "CsvSource",
    "Manifest",
    "ManifestError",
    "Memory",
    "Opening",
    "Scan",
    "Source",
    "open_bundle",
]
