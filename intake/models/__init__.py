"""Imports and what they leave, and the ways into stores, by subject."""

from intake.models.imports import Import, ImportFile, StoreSource, WaitingRow, empty_counts
from intake.models.sources import FAILURES, Source

__all__ = ["FAILURES", "Import", "ImportFile", "Source", "StoreSource", "WaitingRow", "empty_counts"]
