"""Reference data that ships as policy: sites, categories, carriers, rates, words, calendar (DM-12 to DM-15, DM-26)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from rulebook.policy.core import Row, Section, by_name


@dataclass(frozen=True, slots=True)
class Site(Row):
    """A country site: ISO 3166 code (GB and UA as such), its names, and the languages of its buyers (ISO 639-1)."""

    code: str
    name_en: str
    name_zh: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Category(Row):
    """A first-level category with its flags (DM-12)."""

    code: str
    name_en: str
    name_zh: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Carrier(Row):
    """A carrier (DM-15). ``number_pattern``: a regular expression of its tracking numbers, empty if it has none."""

    code: str
    name: str
    approved: bool
    official: bool
    scan_interval_hours: int
    number_pattern: str


@dataclass(frozen=True, slots=True)
class Reference(Section):
    """Tables of reference data. ``fx_usd``: year → currency → mean USD per unit (IX-05)."""

    sites: tuple[Site, ...]
    category_flags: tuple[str, ...]
    categories: tuple[Category, ...]
    carriers: tuple[Carrier, ...]
    fx_usd: Mapping[str, Mapping[str, Decimal]] = field(metadata=by_name())


@dataclass(frozen=True, slots=True)
class Words(Section):
    """Word lists by language (ISO 639-1), matched without regard to case."""

    absolute_claims: Mapping[str, tuple[str, ...]]
    soliciting: Mapping[str, tuple[str, ...]]
    low_star: Mapping[str, tuple[str, ...]]
    po_box: tuple[str, ...]
    size_tolerance: tuple[str, ...]
    colour_note: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class YearPlan(Section):
    """A year's calendar: weekdays off and weekend days worked; it stands in place of the announced calendar (DM-26)."""

    off: tuple[date, ...]
    work: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar(Section):
    """Working-day tables by year (``calendar.years.2027.off``)."""

    years: Mapping[str, YearPlan] = field(metadata=by_name())
