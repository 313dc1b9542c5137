"""Import profiles: how other formats become canonical files (IX-06)."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from intake.profiles.olist import open_olist
from intake.reading import Bundle, open_bundle

# path, workspace for what has to be unpacked or converted, zone given → bundle of canonical files
Opener = Callable[[Path, Path, str], Bundle]


@dataclass(frozen=True)
class Profile:
    """A format that can be imported."""

    name: str
    label: Promise | str
    open: Opener


def _open_canonical(path: Path, workspace: Path, zone: str) -> Bundle:
    return open_bundle(path, workspace=workspace, zone=zone)


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile("canonical", _("canonical files"), _open_canonical),
        Profile("olist", _("Olist Brazilian e-commerce data set"), open_olist),
    )
}
