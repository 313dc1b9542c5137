"""Which content is taken (AP-02): malformed and dangerous files are refused, all else is for the Smart Check."""

from pathlib import Path
from typing import Any

import structlog

from evidence import sandbox
from evidence.inspection import RefusedContentError
from evidence.inspection.kinds import HEAD_BYTES, JPEG, PDF, kind_of
from evidence.rules import Limits, RefusedFileError

log = structlog.get_logger("dianwei.evidence")

# The limits that texts of refusals name, by code.
_NAMED_LIMITS = {"too_many_pages": "max_pages", "too_many_pixels": "max_megapixels"}


def accept_content(*, name: str, path: Path, limits: Limits) -> tuple[str, int]:
    """The kind and the number of pages of a file that is taken. Raises RefusedFileError for any other."""
    with path.open("rb") as stream:
        kind = kind_of(stream.read(HEAD_BYTES))
    if kind not in (PDF, JPEG):
        raise RefusedFileError("known_type" if kind else "other_type", name, type=kind)
    try:
        return kind, int(_inspected(kind, path, limits)["pages"])
    except RefusedContentError as refused:
        limit = getattr(limits, _NAMED_LIMITS.get(refused.code, ""), None)
        raise RefusedFileError(refused.code, name, **refused.params, limit=limit) from refused
    except sandbox.SandboxError as error:
        log.warning("evidence unreadable", kind=kind, reason=str(error))
        raise RefusedFileError("unreadable", name) from error


def _inspected(kind: str, path: Path, limits: Limits) -> dict[str, Any]:
    if kind == PDF:
        return sandbox.run("pdf.accept", path, max_pages=limits.max_pages)
    return sandbox.run("jpeg.accept", path, max_megapixels=limits.max_megapixels)
