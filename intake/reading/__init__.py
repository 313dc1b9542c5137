"""Bundles on disk: folders, ZIPs, CSV, XLSX and Parquet files as rows of text cells (IX-01)."""

from intake.reading.bundle import Bundle, BundleError, Source, open_bundle
from intake.reading.csvfile import CsvSource, Scan
from intake.reading.lines import BadRow
from intake.reading.manifest import Manifest, ManifestError

__all__ = [
    "BadRow",
    "Bundle",
    "BundleError",
    "CsvSource",
    "Manifest",
    "ManifestError",
    "Scan",
    "Source",
    "open_bundle",
]
