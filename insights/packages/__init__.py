"""The raw data package of a number (DM-32): the rows it is made of, and SQL that makes it again."""

from insights.packages.writing import package_chunks, package_name

__all__ = ["package_chunks", "package_name"]
