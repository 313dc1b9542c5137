"""Texts with variables for buyers, and telling one text from another (PN-15, PN-23). No database, no clock."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping

# What a text may name of its order; the page explains each.
VARIABLES = ("order_no", "tracking_no", "carrier", "title", "store_name")
_PLACE = re.compile(r"\{([a-z_]+)\}")


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables replaced by an order's values. What the order lacks stays visible, in brackets."""
    return _PLACE.sub(lambda place: _value(place, values), text)


def _value(place: re.Match[str], values: Mapping[str, str]) -> str:
    name = place.group(1)
    return (values.get(name) or f"[{name}]") if name in VARIABLES else place.group()


def unknown_variables(text: str) -> list[str]:
    """The names in braces that no text can use, each once, in order."""
    return [name for name in dict.fromkeys(_PLACE.findall(text)) if name not in VARIABLES]


def missing_values(text: str, values: Mapping[str, str]) -> list[str]:
    """The variables of the text for which the order has no value."""
    names = [name for name in dict.fromkeys(_PLACE.findall(text)) if name in VARIABLES]
    return [name for name in names if not values.get(name)]


def fingerprint(text: str) -> str:
    """The same for texts that a platform gives back with other spaces, case or forms of letters."""
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.sha256(plain.encode()).hexdigest()
