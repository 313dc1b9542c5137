"""Countries in the places of scans. No database, no clock, no request."""

from functools import cache

from babel import Locale

# Names beside ISO 3166's code that sources use for the United Kingdom.
_ALSO = {"UK": "GB"}


def country_code(code: str) -> str:
    """A country's code as ISO 3166 has it; empty for what is none."""
    plain = code.strip().upper()
    plain = _ALSO.get(plain, plain)
    return plain if plain in _names() else ""


def country_of(place: str) -> str:
    """The country that a place is: its code or its name alone, in English or Chinese. Empty where the place says more,
    such as a town: ``Belém, PA`` is not Panama."""
    known = country_code(place)
    return known or _codes().get(place.strip().casefold(), "")


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Names by code, of countries alone."""
    english, chinese = Locale("en").territories, Locale("zh", script="Hans").territories
    codes = [str(code) for code in english if len(str(code)) == 2 and str(code).isalpha() and str(code) not in _NONE]
    return {code: tuple(str(names[code]) for names in (english, chinese) if code in names) for code in codes}


# Codes of CLDR that are no country's.
_NONE = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ"})


@cache
def _codes() -> dict[str, str]:
    return {name.casefold(): code for code, names in _names().items() for name in names}
