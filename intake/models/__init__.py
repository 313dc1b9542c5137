"""Imports and what they leave, connections, and the ways into stores, by subject."""

from intake.models.complete import CompleteExport
from intake.models.connections import ConnectionFeed, ConnectionField, ConnectionItem, ConnectionRun, StoreConnection
from intake.models.imports import Import, ImportFile, StoreSource, WaitingRow, empty_counts
from intake.models.personal import ErasedBuyer
from intake.models.profiles import ImportProfile, ImportProfileVersion, StoreName
from intake.models.sources import FAILURES, Source

__all__ = [
    "FAILURES",
    "CompleteExport",
    "ConnectionFeed",
    "ConnectionField",
    "ConnectionItem",
    "ConnectionRun",
    "ErasedBuyer",
    "Import",
    "ImportFile",
    "ImportProfile",
    "ImportProfileVersion",
    "Source",
    "StoreConnection",
    "StoreName",
    "StoreSource",
    "WaitingRow",
    "empty_counts",
]
