"""Static files that come inside installed Python packages."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage

PREFIX = "vendor/plotly"
FILES = ("plotly.min.js",)


def plotly_directory() -> Path | None:
    """Where the installed plotly keeps its browser bundle; found without importing plotly, which is slow."""
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "package_data"


class PlotlyFinder(BaseFinder):
    """Serves plotly's own bundle as ``vendor/plotly/plotly.min.js``: no copy in the repository, no foreign host."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        directory = plotly_directory()
        self.storage = FileSystemStorage(location=str(directory or "")) if directory else None
        if self.storage is not None:
            self.storage.prefix = PREFIX  # type: ignore[attr-defined]
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Say at start, not on the first chart, that the bundle is missing."""
        if self.storage is not None and all(self.storage.exists(name) for name in FILES):
            return []
        return [Error("plotly's browser bundle is missing", hint="pip install plotly", id="stores.E001")]

    def find(self, path: str, find_all: bool = False) -> Any:
        """The file behind ``vendor/plotly/…``, or an empty list."""
        name = path.removeprefix(PREFIX + "/")
        if self.storage is None or name == path or name not in FILES:
            return []
        found = self.storage.path(name)
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Any:
        """What collectstatic copies; whitenoise asks with no patterns at all."""
        for name in FILES:
            if self.storage is not None and not matches_patterns(name, ignore_patterns or []):
                yield name, self.storage
