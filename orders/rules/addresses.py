"""What makes a delivery address doubtful (TM-06, TM-14). No database, no clock, no request."""

import re
from enum import StrEnum


class AddressDoubt(StrEnum):
    """Why a parcel may not reach an address."""

    PARTS = "parts"
    NUMBER = "number"
    PO_BOX = "po_box"
    LETTERS = "letters"


# Street, place and country at least.
LEAST_PARTS = 3
_PO_BOX = re.compile(
    r"\bp\.?\s?o\.?\s?box\b|\bpost\s?office\s+box\b|\bpostfach\b|\bapartado\s+(de\s+correos|postal)\b|\bcaixa\s+postal\b"
    r"|\bbo[iî]te\s+postale\b|\bb\.?p\.?\s?\d|\bcasella\s+postale\b|\bа/я\b|\bабонентский\s+ящик\b|\bskrytka\s+pocztowa\b",
    re.IGNORECASE,
)
# What stays of letters that an encoding lost: U+FFFD, or question marks within or beside words.
_LOST = re.compile(r"�|\?{2,}|\w\?\w")
# Sites whose post reads Cyrillic; an address that a program wrote in Latin letters often misses its street.
_CYRILLIC_SITES = frozenset({"RU", "BY"})
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")
_DIGIT = re.compile(r"\d")


def address_doubts(address: str, site: str) -> list[AddressDoubt]:
    """What is wrong with an address, written as one line with commas between its parts; nothing for none.

    ``site`` is the buyer's country. A number is a house's: postal codes stand with the place and don't count.
    """
    text = address.strip()
    if not text:
        return []
    parts = [part.strip() for part in text.split(",") if part.strip()]
    doubts = []
    if len(parts) < LEAST_PARTS:
        doubts.append(AddressDoubt.PARTS)
    if _PO_BOX.search(text):
        doubts.append(AddressDoubt.PO_BOX)
    elif not _DIGIT.search(parts[0]) and not _DIGIT.search("".join(parts[1:2])):
        doubts.append(AddressDoubt.NUMBER)
    if _LOST.search(text) or (site in _CYRILLIC_SITES and not _CYRILLIC.search(text)):
        doubts.append(AddressDoubt.LETTERS)
    return doubts
