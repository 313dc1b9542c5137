"""Imports and what they leave, by subject."""

from intake.models.imports import Import, ImportFile, StoreSource, WaitingRow, empty_counts

__all__ = ["Import", "ImportFile", "StoreSource", "WaitingRow", "empty_counts"]
