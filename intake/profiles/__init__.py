"""Import profiles: how other formats become canonical files (IX-06)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from intake.profiles.aliexpress import NAME as ALIEXPRESS_ORDERS
from intake.profiles.aliexpress import AliExpressOrders
from intake.profiles.items import summed
from intake.profiles.olist import NEEDED_FILES, open_olist
from intake.reading import Bundle, BundleError, Opening, open_bundle
from intake.reading.bundle import Format, find_files, unpacked

RECOGNISED = "auto"

Opener = Callable[[Opening], Bundle]


@dataclass(frozen=True)
class Profile:
    """A format that can be imported."""

    name: str
    label: Promise | str
    open: Opener


FORMATS: tuple[Format, ...] = (AliExpressOrders(),)


def open_recognised(opening: Opening) -> Bundle:
    """Whatever is known here, recognised by its headings."""
    opening = unpacked(opening)
    names = {file.name.lower() for file in find_files(opening.path)}
    if set(NEEDED_FILES) <= names:
        return open_olist(opening)
    return summed(open_bundle(opening, FORMATS), opening)


def open_canonical(opening: Opening) -> Bundle:
    """Canonical files, under whatever name."""
    return summed(open_bundle(opening), opening)


def open_aliexpress(opening: Opening) -> Bundle:
    """AliExpress's order export, and whatever stands beside it."""
    bundle = open_bundle(opening, FORMATS)
    if not any(look.kind == ALIEXPRESS_ORDERS for look in bundle.looks):
        raise BundleError(gettext("is no order export of AliExpress: export the orders from the Chinese back end"))
    return bundle


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(RECOGNISED, _("recognised by its columns"), open_recognised),
        Profile("canonical", _("canonical files"), open_canonical),
        Profile(ALIEXPRESS_ORDERS, _("AliExpress order export (Chinese back end)"), open_aliexpress),
        Profile("olist", _("Olist Brazilian e-commerce data set"), open_olist),
    )
}
