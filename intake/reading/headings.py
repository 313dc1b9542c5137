"""What a table is, by its headings; and what its name says (IX-06b)."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from intake.canonical import FILES, FileSpec
from intake.canonical.chinese import HEADINGS
from intake.reading.csvfile import REPORT_COLUMNS

# Further headings are not looked at: no table known has so many.
MOST_HEADINGS = 1_000
_NOT_SHOWN = re.compile(r"[\s_\u200b-\u200f\u2060\ufeff-]+")
# What browsers, file managers and people add to the name of a copy or of a month's file.
_MARKS = (
    r"\(\d+\)",
    r"(?:copy|副本|kopie|copia|copie|копия)(?:\s*\(?\d+\)?)?",
    r"\d{4}[-_.]?(?:\d{2}[-_.]?(?:\d{2})?)?",
    r"\d{2}[-_.]\d{2}",
)
_MARKED = re.compile(rf"(?<=\w)[\s_.\-~至]+(?:{'|'.join(_MARKS)})$|(?<=\w)\(\d+\)$|(?<=\w)副本$")
_COPY_OF = re.compile(r"^(?:copy of|копия|副本)[\s_-]+")


def heading_key(text: str) -> str:
    """A heading without what varies: width of letters, case, blanks and line breaks around and inside, marks."""
    return _NOT_SHOWN.sub("", unicodedata.normalize("NFKC", text)).casefold()


def plain_stem(stem: str) -> str:
    """A file's or sheet's name without the marks of copies and dates: ``orders - Copy (2)`` → ``orders``."""
    name = _COPY_OF.sub("", unicodedata.normalize("NFKC", stem).strip().lower())
    while (shorter := _MARKED.sub("", name)) != name:
        name = shorter
    return name


@dataclass(frozen=True)
class Match:
    """A canonical file with the canonical name of each heading ('' for those it doesn't know)."""

    name: str
    columns: tuple[str, ...]

    @property
    def spec(self) -> FileSpec:
        """The file."""
        return FILES[self.name]

    @property
    def missing(self) -> list[str]:
        """Required columns that aren't there."""
        return [name for name in self.spec.required if name not in self.columns]

    @property
    def known(self) -> int:
        """How many headings it knows."""
        return sum(map(bool, self.columns))


@cache
def _keys(name: str) -> Mapping[str, str]:
    keys = {heading_key(heading): column for column in FILES[name].by_name for heading in HEADINGS.get(column, ())}
    return keys | {heading_key(column): column for column in FILES[name].by_name}


def match(name: str, heading_keys: Iterable[str]) -> Match:
    """Headings as columns of one canonical file; of two headings for one column the first counts."""
    known, columns = _keys(name), []
    taken: set[str] = set()
    for key in heading_keys:
        column = known.get(key, "")
        columns.append("" if column in taken else column)
        taken.add(column)
    return Match(name, tuple(columns))


def _by_columns(keys: Sequence[str]) -> Match | None:
    """The only file that has the most of these columns, and more of them than the required ones or nothing else."""
    report = set(map(heading_key, REPORT_COLUMNS))
    filled = [key for key in keys if key and key not in report]
    fit = [found for found in (match(name, filled) for name in FILES) if not found.missing]
    most = max((found.known for found in fit), default=0)
    best = [found for found in fit if found.known == most]
    if len(best) != 1 or (most == len(best[0].spec.required) and most < len(filled)):
        return None
    return match(best[0].name, keys)


def recognise(headings: Sequence[str], names: Sequence[str]) -> Match | None:
    """What a table is: the file of one of its ``names`` where its columns fit, else the one that the columns tell,
    else the one of the name though columns are missing."""
    keys = [heading_key(heading) for heading in headings[:MOST_HEADINGS]]
    named = [match(name, keys) for name in map(plain_stem, names) if name in FILES]
    fitting = [found for found in named if not found.missing]
    return next(iter(fitting), None) or _by_columns(keys) or next(iter(named), None)


def nearest(headings: Sequence[str], names: Sequence[str]) -> Match | None:
    """The known file that a table resembles most: by columns, else by name."""
    keys = [heading_key(heading) for heading in headings[:MOST_HEADINGS]]
    matches = [match(name, keys) for name in FILES]
    best = max(matches, key=lambda found: (found.known - len(found.missing) / 8, -len(found.missing)))
    if best.known > 1:
        return best
    close = [name for given in names for name in difflib.get_close_matches(plain_stem(given), FILES, 1, 0.6)]
    return match(close[0], keys) if close else None
