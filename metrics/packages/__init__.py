"""The raw data package of a number (DM-32): the rows it is made of, and SQL that makes it again."""

from metrics.packages.plan import MadeOfMetricsError
from metrics.packages.writing import package_chunks, package_name

__all__ = ["MadeOfMetricsError", "package_chunks", "package_name"]
