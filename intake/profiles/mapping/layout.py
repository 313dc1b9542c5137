"""Where a profile's columns stand in a table (IX-06)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from intake.canonical import nothing
from intake.profiles.mapping.declared import BEGINS, ColumnMapping, MappingProfile
from intake.reading.dress import Table
from intake.reading.headings import MOST_HEADINGS, heading_key

_CURRENCY = re.compile(r"\(([a-z]{3})\)$")
_CHOICES_OF_ITEMS = frozenset({"quantity", "line_amount", "items"})


def keys_of(headings: Sequence[str]) -> list[str]:
    """Headings without what varies."""
    return [heading_key(heading) for heading in headings[:MOST_HEADINGS]]


def is_heading(key: str, wanted: str) -> bool:
    """Whether a heading is the one that a profile names: as it is, with a currency behind it, or beginning so."""
    if wanted.endswith(BEGINS):
        return key.startswith(heading_key(wanted.removesuffix(BEGINS)))
    return key == heading_key(wanted) or _CURRENCY.sub("", key) == heading_key(wanted)


def fits(profile: MappingProfile, headings: Sequence[str]) -> bool:
    """Whether the headings are those of a profile."""
    keys = keys_of(headings)

    def has(wanted: str) -> bool:
        return any(is_heading(key, wanted) for key in keys)

    return any(all(map(has, one)) for one in profile.recognised_by) and not any(map(has, profile.lacks))


@dataclass(frozen=True)
class Layout:
    """A table with the profile that it is read by."""

    profile: MappingProfile
    table: Table

    @cached_property
    def keys(self) -> list[str]:
        """The headings without what varies."""
        return keys_of(self.table.headings)

    def place(self, headings: Iterable[str]) -> int:
        """Where the first of some headings stands that the table has; -1 for none."""
        for wanted in headings:
            found = next((place for place, key in enumerate(self.keys) if is_heading(key, wanted)), -1)
            if found >= 0:
                return found
        return -1

    @cached_property
    def places(self) -> dict[str, int]:
        """Where the canonical columns stand that the table has."""
        return {column: places[0] for column, places in self.all_places.items()}

    @cached_property
    def all_places(self) -> dict[str, list[int]]:
        """Every place of each canonical column, the one that counts first."""
        found = {one.column: self._all(one.headings) for one in self.profile.columns}
        return {column: places for column, places in found.items() if places}

    @cached_property
    def further(self) -> dict[str, tuple[list[int], list[int]]]:
        """Where the amounts stand that are added to and subtracted from a column's."""
        return {
            one.column: (self._all(one.adds), self._all(one.subtracts))
            for one in self.profile.columns
            if one.adds or one.subtracts
        }

    def _all(self, headings: Iterable[str]) -> list[int]:
        return [place for heading in headings if (place := self.place([heading])) >= 0]

    def has(self, column: str) -> bool:
        """Whether the table, or a default, tells the column."""
        mapping = self.profile.mapping_of(column)
        return column in self.places or (mapping is not None and bool(mapping.default))

    @cached_property
    def own_places(self) -> frozenset[int]:
        """Columns of rows below merged cells that are empty because they are: an item's own."""
        own = {place for column, place in self.places.items() if self._is_of_items(self.profile.mapping_of(column))}
        # A row without its own SKU has none: the one above is another item's.
        own.update(self.all_places.get("sku", ()))
        return frozenset(own | {place for parts in self.further.values() for part in parts for place in part})

    def _is_of_items(self, mapping: ColumnMapping | None) -> bool:
        return mapping is not None and (mapping.sums or mapping.column in _CHOICES_OF_ITEMS)

    def told(self, cells: Sequence[str], column: str) -> str:
        """A column's text: the first of its places that is filled; a word for nothing counts only where no other is."""
        texts = [text for place in self.all_places.get(column, ()) if (text := self.cell(cells, place))]
        return next((text for text in texts if not nothing.is_word(text)), next(iter(texts), ""))

    def cell(self, cells: Sequence[str], place: int) -> str:
        """A cell's text, '' where the row is shorter or the column isn't there."""
        return cells[place].strip() if 0 <= place < len(cells) else ""

    def heading(self, column: str) -> str:
        """The heading under which a column stands."""
        place = self.places.get(column, -1)
        return self.table.headings[place].strip() if place >= 0 else column

    def currency_of_heading(self, column: str) -> str:
        """The currency that an amount's heading names: `Total Amount (PHP)`."""
        place = self.places.get(column, -1)
        found = _CURRENCY.search(self.keys[place]) if place >= 0 else None
        return found[1].upper() if found and heading_key(found[0]) else ""

    def shown(self) -> list[int]:
        """Places that a preview and a report of rejected rows may show: none about persons."""
        hidden = {self.place([heading]) for heading in self.profile.persons} | {self.places.get("buyer_ref", -1)}
        hidden |= {self.places.get("ship_address", -1), self.places.get("buyer_ip_hash", -1)}
        return sorted(set(self.places.values()) - hidden)

    def unknown(self) -> list[str]:
        """Headings that the profile doesn't know."""
        profile = self.profile
        known = [*profile.persons, *profile.ignored, *profile.copies, *profile.group_by, *profile.item_key]
        known += [profile.erp_number, profile.version, profile.summary, *(rule.heading for rule in profile.skip)]
        known += [heading for one in profile.columns for heading in (*one.headings, *one.adds, *one.subtracts)]
        return [
            heading.strip()
            for heading, key in zip(self.table.headings, self.keys, strict=False)
            if key and not any(is_heading(key, one) for one in known if one)
        ]

    def missing(self) -> list[str]:
        """Mapped headings that the table lacks: the first that each column could have."""
        return [one.headings[0] for one in self.profile.columns if one.headings and one.column not in self.places]
