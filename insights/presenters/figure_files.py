"""Figures as cells of files for people: shares as percent, money with its decimals, scores exact (MX-06)."""

from decimal import Decimal
from fractions import Fraction

from django.utils.translation import pgettext_lazy

from core.pages import formats
from core.pages.people_sheets import Amount, Field, Share
from core.templatetags.ui import status_word

PLACES = 10
STORE = Field(pgettext_lazy("column", "Store"), 14)


def figure(value: Fraction | Decimal | None, unit: str) -> object:
    """A value or threshold in its unit; nothing for None."""
    if value is None:
        return None
    if unit == "share":
        return Share(value)
    if unit == "usd":
        return Amount(formats.half_up(value, PLACES))
    return formats.limit(value, PLACES)


def level_word(level: str) -> str:
    """A level as pages call it."""
    return str(status_word(level))
