"""What a bundle says about itself (IX-02): manifest.json."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from intake.canonical.instants import instant_reader
from intake.canonical.rejections import RejectedCellError
from stores.models import Feed, Store

MANIFEST_NAME = "manifest.json"
LARGEST_MANIFEST = 2**20


class ManifestError(ValueError):
    """A manifest that can't be read; the message says why."""


@dataclass(frozen=True)
class Manifest:
    """Instants are epoch seconds. ``known_until``: per feed, what the source declares (MX-07)."""

    exported_at: int | None = None
    zone: str = ""
    mode: str = ""
    known_until: dict[str, int] = field(default_factory=dict)
    complete: bool = False


def find_zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name; raises ManifestError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ManifestError(
            _("%(zone)s is no time zone: write it as Asia/Shanghai or America/Sao_Paulo") % {"zone": name}
        ) from None


def read_manifest(path: Path, zone: str = "") -> Manifest:
    """The manifest in a file; ``zone`` is what the person gave for instants without an offset, which wins."""
    if path.stat().st_size > LARGEST_MANIFEST:
        raise ManifestError(_("manifest.json is larger than 1 MB"))
    try:
        said = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ManifestError(_("manifest.json is not JSON: %(reason)s") % {"reason": error}) from None
    if not isinstance(said, dict):
        raise ManifestError(_("manifest.json must hold an object"))
    named = zone or _text(said, "zone")
    known_zone = find_zone(named) if named else None
    mode = _text(said, "mode")
    if mode and mode not in Store.Mode.values:
        raise ManifestError(_("manifest.json: mode must be governed or mirrored"))
    complete = said.get("complete", False)
    if not isinstance(complete, bool):
        raise ManifestError(_("manifest.json: complete must be true or false"))
    return Manifest(
        exported_at=_instant(said.get("exported_at"), "exported_at", known_zone),
        zone=named,
        mode=mode,
        known_until=_known_until(said.get("known_until"), known_zone),
        complete=complete,
    )


def _known_until(said: Any, zone: ZoneInfo | None) -> dict[str, int]:
    """Per feed; one instant stands for all feeds, a file's name for its feed."""
    from intake.canonical import FEED_FILES

    if said in (None, "", {}):
        return {}
    if isinstance(said, str):
        said = dict.fromkeys(Feed.Kind.values, said)
    if not isinstance(said, dict):
        raise ManifestError(_("manifest.json: known_until must name an instant per data stream"))
    known: dict[str, int] = {}
    for name, value in said.items():
        feed = FEED_FILES.get(name, name)
        if feed not in Feed.Kind.values:
            raise ManifestError(
                _("manifest.json: known_until has an unknown data stream %(feed)s; known are: %(feeds)s")
                % {"feed": name, "feeds": ", ".join(Feed.Kind.values)}
            )
        instant = _instant(value, f"known_until.{name}", zone)
        if instant is not None:
            known[feed] = instant
    return known


def _instant(value: Any, name: str, zone: ZoneInfo | None) -> int | None:
    if value in (None, ""):
        return None
    try:
        return instant_reader(zone)(str(value).strip())
    except RejectedCellError as error:
        raise ManifestError(f"manifest.json: {name} {value!r}: {error}") from None


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name) or ""
    if not isinstance(value, str):
        raise ManifestError(_("manifest.json: %(name)s must be text") % {"name": name})
    return value.strip()
