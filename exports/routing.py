"""Addresses of lists as files: beside the list's page, with the format as suffix."""

from typing import Any

from django.urls import URLPattern, path, register_converter

from exports.declaring import ListExport
from exports.rules import CONTENT_TYPES
from exports.views import list_view


class FormatConverter:
    """The format of a list's file: csv, xlsx or parquet."""

    regex = "|".join(CONTENT_TYPES)

    def to_python(self, suffix: str) -> str:
        return suffix

    def to_url(self, suffix: str) -> str:
        return suffix


register_converter(FormatConverter, "list_format")
# The end of the address of a list's file.
FORMAT = "<list_format:suffix>"


def list_path(export: ListExport, address: str, name: str) -> URLPattern:
    """The file of a list at ``address.csv``, ``.xlsx`` and ``.parquet``; its further parts are those of the page."""
    view: Any = list_view(export)
    route: URLPattern = path(f"{address}.{FORMAT}", view, name=name)
    return route
