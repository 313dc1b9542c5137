"""The demo's data (IX-15): a deterministic year of twelve stores, as canonical bundles."""

from intake.demo.generator import DemoSummary, StoreSummary, generate

__all__ = ["DemoSummary", "StoreSummary", "generate"]
