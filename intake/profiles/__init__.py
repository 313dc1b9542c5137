"""Import profiles: how other formats become canonical files (IX-06)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from intake.profiles.aliexpress import NAME as ALIEXPRESS_ORDERS
from intake.profiles.aliexpress import AliExpressOrders
from intake.profiles.items import summed
from intake.profiles.mapping.declared import MappingProfile
from intake.profiles.mapping.format import MappedFormat, title_of
from intake.profiles.olist import NEEDED_FILES, open_olist
from intake.profiles.shipped import SHIPPED
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


SHIPPED_FORMATS: tuple[Format, ...] = (AliExpressOrders(), *map(MappedFormat, SHIPPED))


def open_recognised(opening: Opening, own: Iterable[MappingProfile] = ()) -> Bundle:
    """Whatever is known here, recognised by its headings: a company's own profiles before those that are shipped."""
    opening = unpacked(opening)
    names = {file.name.lower() for file in find_files(opening.path)}
    if set(NEEDED_FILES) <= names:
        return open_olist(opening)
    return summed(open_bundle(opening, [*map(MappedFormat, own), *SHIPPED_FORMATS]), opening)


def open_canonical(opening: Opening) -> Bundle:
    """Canonical files, under whatever name."""
    return summed(open_bundle(opening), opening)


def open_aliexpress(opening: Opening) -> Bundle:
    """AliExpress's order export, and whatever stands beside it."""
    bundle = open_bundle(opening, SHIPPED_FORMATS)
    if not any(look.kind == ALIEXPRESS_ORDERS for look in bundle.looks):
        raise BundleError(gettext("is no order export of AliExpress: export the orders from the Chinese back end"))
    return bundle


def open_mapped(profile: MappingProfile) -> Opener:
    """Files in the format of one profile, and canonical ones beside them."""

    def open_files(opening: Opening) -> Bundle:
        bundle = open_bundle(opening, [MappedFormat(profile)])
        if not any(look.kind == profile.name for look in bundle.looks):
            wanted = ", ".join(profile.recognised_by[0])
            raise BundleError(
                gettext("lacks the headings of this format (%(title)s): %(headings)s")
                % {"title": title_of(profile), "headings": wanted}
            )
        return bundle

    return open_files


def opener_of(name: str, own: Iterable[MappingProfile]) -> Opener:
    """How files are opened by the profile of a name, shipped or one of the company's ``own``."""
    if name == RECOGNISED:
        return partial(open_recognised, own=tuple(own))
    if name in PROFILES:
        return PROFILES[name].open
    chosen = next((profile for profile in own if profile.name == name), None)
    if chosen is None:
        raise BundleError(gettext("is to be read by a profile that is not there any more: choose another one"))
    return open_mapped(chosen)


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(RECOGNISED, _("recognised by its columns"), open_recognised),
        Profile("canonical", _("canonical files"), open_canonical),
        Profile(ALIEXPRESS_ORDERS, _("AliExpress order export (Chinese back end)"), open_aliexpress),
        *(Profile(shipped.name, gettext_lazy(shipped.label), open_mapped(shipped)) for shipped in SHIPPED),
        Profile("olist", _("Olist Brazilian e-commerce data set"), open_olist),
    )
}
