"""Every rule in plain words, Chinese and English, with the numbers of a policy filled in (PG-17). Pure.

The texts lie beside this module, one file per family: ``## ID English title | Chinese title``, then a line ``en:`` and
a line ``zh:``. ``{counting.reply_hours}`` stands for a parameter, ``{metrics.odr.red:%}`` for a share in percent,
``{…:mb}`` for bytes in mebibytes; a path may go on into a table, by name (``{rating.tiers.good.at_least}``) or by
place (``{penalties.points_ladder.#0.points}``).

Readings that the specification leaves open and that are no parameter stand in ``assumptions.txt``: ``## ID``, then the
same two lines; a rule may have several.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from rulebook.policy.build import Data
from rulebook.rules import shown
from rulebook.texts.built import BUILT, PARTLY

FAMILIES = ("DM", "MX", "SR", "PN", "AP", "DP", "TM", "AF", "BX", "RL", "IX", "PG")
HEADING = re.compile(r"## (?P<id>\S+) (?P<en>.+) \| (?P<zh>.+)")
PLACEHOLDER = re.compile(r"\{([A-Za-z0-9_.#]+)(?::(%|mb))?\}")
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reading:
    """How the product reads a rule where the specification is silent: an assumption that is no parameter."""

    rule: str
    en: str
    zh: str

    def text(self, language: str) -> str:
        """The text in a language; Chinese for zh…, else English."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule's title and text in both languages; ``built``: the product does it already; ``partly``: some of it."""

    id: str
    title_en: str
    title_zh: str
    text_en: str
    text_zh: str
    built: bool
    partly: bool
    readings: tuple[Reading, ...]

    @property
    def family(self) -> str:
        """The letters of the id."""
        return self.id[:2]

    def title(self, language: str) -> str:
        """The title in a language; Chinese for zh…, else English."""
        return self.title_zh if language.startswith("zh") else self.title_en

    def text(self, language: str, data: Data) -> str:
        """The text in a language, with the numbers of a policy version's data; a dash where it has no such row."""
        chinese = language.startswith("zh")
        separator = "、" if chinese else ", "
        pattern = self.text_zh if chinese else self.text_en
        return PLACEHOLDER.sub(lambda match: _number(data, match[1], match[2], separator), pattern)


@cache
def rule_texts() -> Mapping[str, RuleText]:
    """Rule id → text, in the order of the specification."""
    return {text.id: text for family in FAMILIES for text in _family(family)}


def _family(family: str) -> list[RuleText]:
    lines = (Path(__file__).parent / f"{family.lower()}.txt").read_text(encoding="utf-8").splitlines()
    return [_rule(*texts) for texts in in_threes(lines)]


def _rule(heading: str, english: str, chinese: str) -> RuleText:
    match = HEADING.fullmatch(heading)
    if match is None:
        raise ValueError(f"rule text is malformed near {heading!r}")
    rule = match["id"]
    return RuleText(
        id=rule,
        title_en=match["en"],
        title_zh=match["zh"],
        text_en=_said(english, "en: "),
        text_zh=_said(chinese, "zh: "),
        built=rule in BUILT,
        partly=rule in PARTLY,
        readings=tuple(reading for reading in readings() if reading.rule == rule),
    )


@cache
def readings() -> tuple[Reading, ...]:
    """Every assumption that is no parameter, in the order in which they are written."""
    lines = (Path(__file__).parent / "assumptions.txt").read_text(encoding="utf-8").splitlines()
    return tuple(
        Reading(heading.removeprefix("## "), _said(english, "en: "), _said(chinese, "zh: "))
        for heading, english, chinese in in_threes(lines)
    )


def in_threes(lines: list[str]) -> list[list[str]]:
    """Lines in threes: a heading and its two texts."""
    return [lines[start : start + 3] for start in range(0, len(lines), 3)]


def _said(line: str, mark: str) -> str:
    if not line.startswith(mark):
        raise ValueError(f"rule text is malformed near {line!r}")
    return line.removeprefix(mark)


def _number(data: Data, path: str, form: str | None, separator: str) -> str:
    try:
        value = look_up(data, path)
    except KeyError:
        return "–"
    if isinstance(value, list):
        return separator.join(str(item) for item in value)
    if form == "%":
        return shown(Decimal(value), "share")
    if form == "mb":
        return shown(Fraction(value, MEBIBYTE))
    return str(value)


def look_up(data: Data, path: str) -> Any:
    """The JSON value at a dotted path: a parameter's key, and perhaps names within its table. KeyError: none."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        key = ".".join(parts[:length])
        if key in data:
            value = data[key]["value"]
            for name in parts[length:]:
                value = _within(value, name)
            return value
    raise KeyError(path)


def _within(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value[name]
    # A row is found by its place, or by its first column: its code, its name.
    by_place = name.startswith("#")
    rows = value[int(name[1:]) :] if by_place else [row for row in value if str(_first(row)) == name]
    if not rows:
        raise KeyError(name)
    return rows[0] if isinstance(rows[0], Mapping) else rows[0][1]


def _first(row: Any) -> Any:
    return next(iter(row.values())) if isinstance(row, Mapping) else row[0]
