"""The page that maps columns, as its template reads it. No database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from intake.canonical import FILES
from intake.canonical.chinese import HEADINGS
from intake.mapping.draft import MOST_ABOVE, Draft, defaultable, reasons_against, words_below
from intake.mapping.trial import Trial
from intake.models import ImportProfile
from intake.presenters import FILE_TITLES
from intake.profiles import PROFILES, RECOGNISED
from intake.profiles.mapping.declared import STATUS, choices_of_column, columns_of_file
from intake.reading.persons import is_personal
from stores.models import Company

MOST_EXAMPLES, MOST_CELLS, LONGEST_CELL = 3, 20, 60
HIDDEN = "•••"
# What a column is about that is mapped to one of these, whatever its heading says.
_OF_PERSONS = frozenset({"buyer_ref", "buyer_ip_hash", "ship_address"})
GRAIN_LABELS = {
    "order": pgettext_lazy("row of a file", "an order"),
    "item": pgettext_lazy("row of a file", "an item of an order"),
}
DATE_LABELS = {
    "year": _("the year first: 2026-05-01"),
    "day": _("the day first: 01/05/2026"),
    "month": _("the month first: 05/01/2026"),
    "decide": _("day or month first: the file tells, else you are asked"),
}
DECIMAL_LABELS = {"point": _("1,234.50"), "comma": _("1.234,50")}
EXTRA_LABELS = {
    "quantity": pgettext_lazy("column", "quantity of the item"),
    "line_amount": pgettext_lazy("column", "amount of the item"),
    "items": pgettext_lazy("column", "items as SKU*2;SKU*1"),
    STATUS: pgettext_lazy("column", "status of the order"),
}
# Columns that no Chinese back end or program is known to name.
UNNAMED_LABELS = {
    "license_no": pgettext_lazy("column of a file", "license number"),
    "controller_id": pgettext_lazy("column of a file", "actual controller"),
    "code": pgettext_lazy("column of a file", "code"),
    "parent_code": pgettext_lazy("column of a file", "parent code"),
    "flags": pgettext_lazy("column of a file", "flags"),
    "approved": pgettext_lazy("column of a file", "approved"),
    "official": pgettext_lazy("column of a file", "official"),
    "scan_interval_hours": pgettext_lazy("column of a file", "hours between scans"),
    "level": pgettext_lazy("column of a file", "level"),
    "store_type": pgettext_lazy("column of a file", "store type"),
    "primary_category": pgettext_lazy("column of a file", "primary category"),
    "kyc_verified": pgettext_lazy("column of a file", "identity verified"),
    "payout_account_bound": pgettext_lazy("column of a file", "payout account bound"),
    "tracking_auto_sync": pgettext_lazy("column of a file", "tracking synchronised"),
    "mode": pgettext_lazy("column of a file", "mode"),
    "description": pgettext_lazy("column of a file", "description"),
    "price_usd": pgettext_lazy("column of a file", "price in USD"),
    "image_file": pgettext_lazy("column of a file", "image file"),
    "buyer_ref": pgettext_lazy("column of a file", "buyer"),
    "source": pgettext_lazy("column of a file", "source"),
    "confirmed_by": pgettext_lazy("column of a file", "confirmed by"),
    "cancelled_by": pgettext_lazy("column of a file", "cancelled by"),
    "end_unclear": pgettext_lazy("column of a file", "ended, nobody knows how"),
    "insurance_premium_usd": pgettext_lazy("column of a file", "insurance premium in USD"),
    "buyer_ip_hash": pgettext_lazy("column of a file", "hash of the buyer's IP address"),
    "ship_address": pgettext_lazy("column of a file", "delivery address"),
    "fulfilled_by": pgettext_lazy("column of a file", "shipped by"),
    "revised_at": pgettext_lazy("column of a file", "revised at"),
    "has_photo": pgettext_lazy("column of a file", "has a photo"),
    "state": pgettext_lazy("column of a file", "state"),
    "responded_at": pgettext_lazy("column of a file", "answered at"),
    "liability": pgettext_lazy("column of a file", "liability"),
    "claimed_usd": pgettext_lazy("column of a file", "claimed in USD"),
    "outcome_usd": pgettext_lazy("column of a file", "outcome in USD"),
    "amount_usd": pgettext_lazy("column of a file", "amount in USD"),
    "full": pgettext_lazy("column of a file", "in full"),
    "return_no": pgettext_lazy("column of a file", "return number"),
    "shipped_back_at": pgettext_lazy("column of a file", "sent back at"),
    "received_at": pgettext_lazy("column of a file", "received at"),
    "inspected_at": pgettext_lazy("column of a file", "inspected at"),
    "result": pgettext_lazy("column of a file", "result"),
    "released_at": pgettext_lazy("column of a file", "released at"),
    "held_reason": pgettext_lazy("column of a file", "why held"),
    "language": pgettext_lazy("column of a file", "language"),
    "automatic": pgettext_lazy("column of a file", "automatic"),
    "complaint_no": pgettext_lazy("column of a file", "complaint number"),
    "resolved_at": pgettext_lazy("column of a file", "resolved at"),
    "upheld": pgettext_lazy("column of a file", "upheld"),
    "number": pgettext_lazy("column of a file", "number"),
    "triggered_at": pgettext_lazy("column of a file", "issued at"),
}
WORD_LABELS = {
    "cancelled": pgettext_lazy("status in a file", "cancelled"),
    "ended": pgettext_lazy("status in a file", "ended"),
    "open": pgettext_lazy("status in a file", "under way"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a select field."""

    value: str
    label: object
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class WordRow:
    """A word below a heading and what it may mean."""

    name: str
    word: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column of the table: where it may go, and words of it that have to be explained."""

    name: str
    heading: str
    examples: list[str]
    options: list[Option]
    is_mapped: bool
    words: list[WordRow]


@dataclass(frozen=True, slots=True)
class Default:
    """A value for what the file doesn't tell."""

    name: str
    label: str
    value: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class Made:
    """What a draft was made of and what came of it: ``rows`` of the table, none where a profile is edited without one;
    ``trial``: None where it can't be tried; ``version``: of the profile that is edited, 0 for a new one."""

    rows: Sequence[Sequence[str]]
    trial: Trial | None
    errors: Sequence[str]
    title: str
    back: str
    version: int = 0


@dataclass(frozen=True, slots=True)
class MappingPage:
    """What templates/intake/mapping/map.html reads."""

    nav: dict[str, Any]
    title: str
    draft: Draft
    files: list[Option]
    grains: list[Option]
    dates: list[Option]
    decimals: list[Option]
    aboves: list[Option]
    columns: list[MappedColumn]
    defaults: list[Default]
    missing: list[str]
    preview: list[list[str]]
    trial: Trial | None
    refused_rows: list[tuple[int, str, str, str]]
    reasons: Sequence[str]
    errors: Sequence[str]
    back: str
    version: int


def mapping_page(nav: dict[str, Any], draft: Draft, made: Made) -> MappingPage:
    """The page of a draft."""
    return MappingPage(
        nav=nav,
        title=made.title,
        draft=draft,
        files=options({name: FILE_TITLES[name] for name in FILES}, draft.file),
        grains=options(GRAIN_LABELS, draft.grain),
        dates=options(DATE_LABELS, draft.dates),
        decimals=options(DECIMAL_LABELS, draft.decimal),
        aboves=options({str(row): row + 1 for row in range(MOST_ABOVE + 1)}, str(draft.above)) if made.rows else [],
        columns=mapped_columns(draft, made.rows),
        defaults=defaults_of(draft),
        missing=[column_label(column) for column in draft.missing],
        preview=preview_of(draft, made.rows),
        trial=made.trial,
        refused_rows=refused_rows(draft, made.trial),
        reasons=reasons_against(draft),
        errors=made.errors,
        back=made.back,
        version=made.version,
    )


def column_label(column: str) -> str:
    """A canonical column in words, with its name."""
    if column in EXTRA_LABELS:
        return str(EXTRA_LABELS[column])
    words = str(UNNAMED_LABELS.get(column, column.replace("_", " ")))
    if not (get_language() or "").startswith("zh"):
        return words
    chinese = HEADINGS.get(column, ())
    return f"{chinese[0] if chinese else words} · {column}"


def options(labels: Mapping[str, object], chosen: str) -> list[Option]:
    """Choices with their labels."""
    return [Option(value, label, value == chosen) for value, label in labels.items()]


def mapped_columns(draft: Draft, rows: Sequence[Sequence[str]]) -> list[MappedColumn]:
    """The columns with the choices that each has."""
    labels: dict[str, object] = {"": "–", **{column: column_label(column) for column in columns_of_file(draft.file)}}
    is_filled = [any(place < len(row) and row[place].strip() for row in rows) for place in range(len(draft.headings))]
    return [
        MappedColumn(
            f"c{place}",
            heading.strip() or f"({place + 1})",
            _examples(rows, place, is_hidden=_is_of_persons(heading, column)),
            options(labels, column),
            bool(column),
            _word_rows(draft, place, column, rows),
        )
        for place, (heading, column) in enumerate(zip(draft.headings, draft.columns, strict=True))
        if heading.strip() or is_filled[place]
    ]


def _is_of_persons(heading: str, column: str) -> bool:
    return column in _OF_PERSONS or is_personal(heading)


def _examples(rows: Sequence[Sequence[str]], place: int, *, is_hidden: bool) -> list[str]:
    found = dict.fromkeys(_short(row[place]) for row in rows if place < len(row) and row[place].strip())
    if is_hidden:
        return [HIDDEN] if found else []
    return list(found)[:MOST_EXAMPLES]


def _word_rows(draft: Draft, place: int, column: str, rows: Sequence[Sequence[str]]) -> list[WordRow]:
    choices = choices_of_column(draft.file, column) if column else ()
    if not choices:
        return []
    said = draft.words.get(place, {})
    words = dict.fromkeys([*words_below(rows, place), *said])
    labels: dict[str, object] = {"": "–", **{choice: WORD_LABELS.get(choice, choice) for choice in choices}}
    return [
        WordRow(f"w{place}-{number}", word, options(labels, said.get(word) or _same(word, choices)))
        for number, word in enumerate(words)
    ]


def _same(word: str, choices: Sequence[str]) -> str:
    return word.casefold() if word.casefold() in choices else ""


def defaults_of(draft: Draft) -> list[Default]:
    """Fields for what the file doesn't tell."""
    return [
        Default(
            f"d-{column}",
            column_label(column),
            draft.defaults.get(column, ""),
            options({"": "–", **{word: word for word in words}}, draft.defaults.get(column, "")) if words else [],
        )
        for column in defaultable(draft.file)
        if (words := choices_of_column(draft.file, column)) is not None
    ]


def refused_rows(draft: Draft, trial: Trial | None) -> list[tuple[int, str, str, str]]:
    """Line, heading, value and reason of the first refused rows; the label of a column that the table lacks."""
    headings = {column: heading.strip() for heading, column in zip(draft.headings, draft.columns, strict=True)}
    return [
        (line, headings.get(column) or (column_label(column) if column else ""), value, reason)
        for line, column, value, reason in (trial.reasons if trial else ())
    ]


def preview_of(draft: Draft, rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The first rows; cells about persons are not shown."""
    headings = zip(draft.headings, draft.columns, strict=True)
    hidden = {place for place, (heading, column) in enumerate(headings) if _is_of_persons(heading, column)}
    return [
        [
            HIDDEN if place in hidden and row[place].strip() else _short(row[place]) if place < len(row) else ""
            for place in range(len(draft.headings))
        ]
        for row in ([*row, *[""] * len(draft.headings)] for row in rows[:MOST_CELLS])
    ]


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A profile in the list."""

    profile: ImportProfile
    file: object
    actor: str
    may_change: bool


@dataclass(frozen=True, slots=True)
class ProfilesPage:
    """What templates/intake/mapping/profiles.html reads; ``companies``: for which a shared profile may be taken in."""

    nav: dict[str, Any]
    rows: list[ProfileRow]
    shipped: Sequence[object]
    companies: list[Company]
    error: str


def profiles_page(
    nav: dict[str, Any],
    kept: Sequence[ImportProfile],
    names: Mapping[str, str],
    companies: list[Company],
    error: str,
) -> ProfilesPage:
    """The list of profiles; ``companies`` are those whose profiles the person may change."""
    own = {company.pk for company in companies}
    rows = [
        ProfileRow(
            one, FILE_TITLES.get(one.definition.get("file", ""), ""), names.get(one.actor, ""), one.company_id in own
        )
        for one in kept
    ]
    shipped = [profile.label for profile in PROFILES.values() if profile.name not in (RECOGNISED, "canonical")]
    return ProfilesPage(nav, rows, shipped, companies, error)
