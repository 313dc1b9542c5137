"""Import profiles: how other formats become canonical files (IX-06)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from intake.profiles.olist import open_olist
from intake.reading import Bundle, Opening, open_bundle

Opener = Callable[[Opening], Bundle]


@dataclass(frozen=True)
class Profile:
    """A format that can be imported."""

    name: str
    label: Promise | str
    open: Opener


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile("canonical", _("canonical files"), open_bundle),
        Profile("olist", _("Olist Brazilian e-commerce data set"), open_olist),
    )
}
