"""A mapping while a person makes it: what the form says, as a profile, and what is proposed at first (IX-06)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from django.utils.translation import gettext as _

from intake.canonical import FILES
from intake.canonical.chinese import HEADINGS
from intake.canonical.columns import Kind
from intake.profiles.aliexpress.headings import MEANINGS
from intake.profiles.mapping.declared import (
    DATES,
    DECIMALS,
    GRAINS,
    ColumnMapping,
    MappingProfile,
    SkipRule,
    choices_of_column,
    columns_of_file,
    kind_of_column,
)
from intake.profiles.mapping.moments import has_two_readings
from intake.profiles.mapping.stored import from_data, to_data
from intake.profiles.mapping.values import MONEY
from intake.profiles.shipped import SHIPPED
from intake.reading.headings import heading_key
from intake.reading.persons import is_personal

MOST_ABOVE = 9
_ALIEXPRESS = {"total": "total_amount", "freight": "shipping_amount", "parcels": "tracking_no", "codes": "sku"}
_ALIKE = 0.84
_COMMA = re.compile(r"\d+,\d{1,2}|\d{1,3}(\.\d{3})+(,\d+)?")


@dataclass(frozen=True)
class Draft:
    """``columns``: the canonical column of each of ``headings``, '' for none; ``words``: by place of a heading what the
    words below it mean; ``above``: rows above the headings; ``passed``: how first cells of rows to pass over begin."""

    headings: tuple[str, ...]
    columns: tuple[str, ...]
    file: str = "orders"
    above: int = 0
    grain: str = "order"
    fills_down: bool = False
    sums: bool = False
    dates: str = "year"
    decimal: str = "point"
    passed: str = ""
    words: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    name: str = ""

    @property
    def missing(self) -> list[str]:
        """Required columns that nothing tells; store and currency are asked for with each file."""
        told = {*self.columns, *(column for column, text in self.defaults.items() if text)}
        return [name for name in FILES[self.file].required if name not in told | {"store_no", "currency"}]


def draft_of(said: Mapping[str, str], headings: Sequence[str]) -> Draft:
    """What a form says; whatever it can't say is taken as not said."""
    file = said.get("file", "")
    file = file if file in FILES else "orders"
    known = columns_of_file(file)
    columns, taken = [], set[str]()
    for place in range(len(headings)):
        column = said.get(f"c{place}", "")
        column = column if column in known and column not in taken else ""
        taken.add(column)
        columns.append(column)
    words = {place: _words(said, place, file, column) for place, column in enumerate(columns) if column}
    defaults = {column: said.get(f"d-{column}", "").strip()[:64] for column in defaultable(file)}
    return Draft(
        tuple(headings),
        tuple(columns),
        file,
        min(max(_whole(said.get("above", "")), 0), MOST_ABOVE),
        _one_of(said, "grain", GRAINS),
        bool(said.get("fills_down")),
        bool(said.get("sums")),
        _one_of(said, "dates", DATES),
        _one_of(said, "decimal", DECIMALS),
        said.get("passed", "")[:200],
        {place: found for place, found in words.items() if found},
        {column: text for column, text in defaults.items() if text},
        said.get("name", "").strip()[:80],
    )


def _words(said: Mapping[str, str], place: int, file: str, column: str) -> dict[str, str]:
    choices, found = choices_of_column(file, column), {}
    number = 0
    while (word := said.get(f"w{place}-{number}-word")) is not None and number < MOST_WORDS:
        meaning = said.get(f"w{place}-{number}", "")
        if meaning in choices:
            found[word] = meaning
        number += 1
    return found


MOST_WORDS = 100


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _one_of(said: Mapping[str, str], name: str, known: Sequence[str]) -> str:
    return text if (text := said.get(name, "")) in known else known[0]


def defaultable(file: str) -> list[str]:
    """Columns for which one value may stand for all rows."""
    kinds = (Kind.CHOICE, Kind.TRUTH, Kind.SITE, Kind.CURRENCY)
    found = [column.name for column in FILES[file].columns if column.kind in kinds]
    return [*found, *(["carrier"] if file == "orders" else [])]


def profile_of(draft: Draft, name: str) -> MappingProfile:
    """The draft as a profile; raises ProfileError."""
    mappings = [
        ColumnMapping(
            column,
            (heading,),
            draft.words.get(place, {}),
            draft.defaults.get(column, ""),
            sums=draft.sums and column in MONEY,
        )
        for place, (heading, column) in enumerate(zip(draft.headings, draft.columns, strict=True))
        if column
    ]
    told = {mapping.column for mapping in mappings}
    mappings += [
        ColumnMapping(column, default=text) for column, text in draft.defaults.items() if text and column not in told
    ]
    mapped = tuple(heading for heading, column in zip(draft.headings, draft.columns, strict=True) if column)
    rest = [
        heading for heading, column in zip(draft.headings, draft.columns, strict=True) if not column and heading.strip()
    ]
    passed = tuple(word.strip() for word in re.split(r"[,，;；]", draft.passed) if word.strip())
    made = MappingProfile(
        name,
        draft.name,
        (mapped,),
        tuple(mappings),
        file=draft.file,
        grain=draft.grain,
        fills_down=draft.fills_down,
        skip=(SkipRule(draft.headings[0], "begins", passed),) if passed and draft.headings else (),
        persons=tuple(filter(is_personal, rest)),
        ignored=tuple(heading for heading in rest if not is_personal(heading)),
        dates=draft.dates,
        decimal=draft.decimal,
    )
    return from_data(to_data(made), name, draft.name)


def draft_of_profile(profile: MappingProfile) -> Draft:
    """A profile that was made, to be changed."""
    by_heading = {one.headings[0]: one for one in profile.columns if one.headings}
    headings = tuple(dict.fromkeys([*by_heading, *profile.ignored, *profile.persons]))
    first = next((rule for rule in profile.skip if rule.when == "begins"), None)
    if first is not None and first.heading in headings:
        headings = (first.heading, *(heading for heading in headings if heading != first.heading))
    mapped = [by_heading.get(heading) for heading in headings]
    return Draft(
        headings,
        tuple(one.column if one else "" for one in mapped),
        profile.file,
        0,
        profile.grain,
        profile.fills_down,
        any(one.sums for one in profile.columns),
        profile.dates,
        profile.decimal,
        ", ".join(first.words) if first else "",
        {place: one.words for place, one in enumerate(mapped) if one and one.words},
        {one.column: one.default for one in profile.columns if one.default},
        profile.label,
    )


# ── What is proposed ───────────────────────────────────────────────────────────────────────────────────────────────


def proposed(headings: Sequence[str], rows: Sequence[Sequence[str]], own: Iterable[MappingProfile], file: str) -> Draft:
    """A first mapping by headings that are alike, those of the company's own profiles before others."""
    known = _known_headings(own, file)
    columns, taken = [], set[str]()
    for heading in headings:
        column = "" if is_personal(heading) else _meant(heading_key(heading), known)
        column = "" if column in taken else column
        taken.add(column)
        columns.append(column)
    draft = Draft(tuple(headings), tuple(columns), file)
    moments = _cells(draft, rows, Kind.INSTANT)
    amounts = _cells(draft, rows, Kind.DECIMAL)
    return Draft(
        draft.headings,
        draft.columns,
        file,
        grain="item" if "quantity" in columns else "order",
        dates="decide" if any(map(has_two_readings, moments)) else "year",
        decimal="comma" if amounts and all(_COMMA.search(text) for text in amounts) else "point",
    )


def likely_above(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """How many rows seem to stand above the headings: titles, which are narrower than data."""
    widths = [sum(bool(cell.strip()) for cell in row) for row in (headings, *rows)]
    return next((place for place, width in enumerate(widths[:MOST_ABOVE]) if width * 2 >= max(widths)), 0)


def _known_headings(own: Iterable[MappingProfile], file: str) -> dict[str, str]:
    known: dict[str, str] = {}
    allowed = columns_of_file(file)
    for profile in (*own, *SHIPPED):
        for mapping in profile.columns if profile.file == file else ():
            for heading in mapping.headings:
                known.setdefault(heading_key(heading), mapping.column)
    for column in allowed:
        for heading in (column, *HEADINGS.get(column, ())):
            known.setdefault(heading_key(heading), column)
    for meaning, headings in MEANINGS.items() if file == "orders" else ():
        column = _ALIEXPRESS.get(meaning, meaning)
        for heading in headings if column in allowed else ():
            known.setdefault(heading_key(heading), column)
    return known


def _meant(key: str, known: Mapping[str, str]) -> str:
    if key in known or not key:
        return known.get(key, "")
    alike = get_close_matches(key, known, 1, _ALIKE)
    return known[alike[0]] if alike else ""


def _cells(draft: Draft, rows: Sequence[Sequence[str]], kind: Kind) -> list[str]:
    places = [
        place for place, column in enumerate(draft.columns) if column and kind_of_column(draft.file, column) is kind
    ]
    return [row[place].strip() for row in rows for place in places if place < len(row) and row[place].strip()]


def words_below(rows: Iterable[Sequence[str]], place: int) -> list[str]:
    """The words of a column, the most frequent first."""
    counts: dict[str, int] = {}
    for row in rows:
        if place < len(row) and (word := row[place].strip()):
            counts[word] = counts.get(word, 0) + 1
    return sorted(counts, key=lambda word: (-counts[word], word))[:MOST_WORDS]


def reasons_against(draft: Draft) -> list[str]:
    """What keeps a draft from being a profile."""
    reasons = []
    if "order_no" in FILES[draft.file].by_name and "order_no" not in draft.columns:
        reasons.append(_("Say which column holds the order number."))
    if sum(map(bool, draft.columns)) < 2:
        reasons.append(_("Map at least two columns: a table is recognised by them."))
    return reasons
