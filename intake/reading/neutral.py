"""Cells that a spreadsheet program opens and saves without changing them (IX-04, RL-12)."""

import re

from core.pages.sheets import DANGEROUS

MARK = "'"
_NUMBER = re.compile(r"[+-][0-9]+(?:\.[0-9]+)?")
# What programs turn into numbers with fewer digits, without zeros in front, or into dates.
_TURNED = re.compile(r"0[0-9]+|[0-9]{12,}|[0-9]+[eE][0-9]+|[0-9]{1,4}[-/][0-9]{1,4}(?:[-/][0-9]{1,4})?")


def neutral(cell: str) -> str:
    """A cell that no spreadsheet reads as a formula; numbers stay numbers. One that is marked is marked again, so that
    `restored` gives back what there was."""
    if cell.startswith(MARK) or (cell.startswith(DANGEROUS) and not _NUMBER.fullmatch(cell)):
        return MARK + cell
    return cell


def kept(cell: str) -> str:
    """The same, and a number that stays the text it is."""
    return MARK + cell if _TURNED.fullmatch(cell) else neutral(cell)


def restored(cell: str) -> str:
    """A cell without the mark."""
    return cell.removeprefix(MARK)
