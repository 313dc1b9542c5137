"""Serves Plotly's script from its Python package, so that page and server speak the same version."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

SCRIPT = "plotly.min.js"


class PlotlyFinder(BaseFinder):
    """Finds `vendor/plotly.min.js` and nothing else of the package's 10 MB of data."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=settings.PLOTLY_DIR)
        self.storage.prefix = "vendor"  # type: ignore[attr-defined]  # collectstatic reads it to place the file

    def find(self, path: str, *args: Any, **kwargs: Any) -> Any:
        """Return the script's full path when `path` names it, else an empty list."""
        if path != f"vendor/{SCRIPT}":
            return []
        found = str(settings.PLOTLY_DIR / SCRIPT)
        return [found] if kwargs.get("find_all") or kwargs.get("all") else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """Yield the script for collectstatic."""
        yield SCRIPT, self.storage
