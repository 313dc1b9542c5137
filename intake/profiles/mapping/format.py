"""Recognises tables by a profile and converts them: what is asked, what is written, what the report says (IX-06)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext as _

from intake.canonical import FILES
from intake.canonical.columns import Kind
from intake.models.profiles import OWN
from intake.profiles.mapping.declared import EXTRA_COLUMNS, MappingProfile, kind_of_column
from intake.profiles.mapping.layout import Layout, fits
from intake.profiles.mapping.orders import LINE_COLUMNS, PARCEL_COLUMNS, Assembled, Assembler
from intake.profiles.mapping.rows import Skipped, groups_of
from intake.profiles.mapping.survey import Survey, survey_of
from intake.profiles.mapping.values import MONEY, Said, Values, name_key
from intake.reading.annotated import AnnotatedWriter
from intake.reading.answers import LEFT_OUT, Answers, Told
from intake.reading.bundle import Bundle, Source
from intake.reading.dress import Table
from intake.reading.headings import plain_stem
from intake.reading.looks import look_of
from intake.reading.manifest import find_zone
from intake.reading.opening import Opening

_UNKNOWN_STORE = "?"
_WORDS_SHOWN = 5
# Columns of orders that are told by others.
_DERIVED = {"sku": ("items",), "end_unclear": ("status",), "cancelled_at": ("status", "paid_at")}


@dataclass(frozen=True)
class MappedTable:
    """A table to be read, with what is known of it."""

    layout: Layout
    survey: Survey
    said: Answers

    @property
    def profile(self) -> MappingProfile:
        return self.layout.profile

    @cached_property
    def makes_orders(self) -> bool:
        """Whether the file holds enough to make orders; else it brings lines and parcels to those that others bring."""
        needed = [column for column in FILES["orders"].required if column not in ("store_no", "currency")]
        return self.profile.file == "orders" and all(map(self.layout.has, needed))

    def columns(self) -> list[str]:
        """The canonical columns that this table can fill."""
        spec = FILES[self.profile.file]
        told = {one.column for one in self.profile.columns if self.layout.has(one.column)} - {*EXTRA_COLUMNS}
        told |= {"store_no"} | ({"currency"} if "currency" in spec.by_name and told & MONEY else set())
        if self.profile.file == "orders":
            told |= {column for column, sources in _DERIVED.items() if all(map(self.layout.has, sources))}
        return [column for column in spec.by_name if column in told]

    def reader(self) -> Assembler:
        """What turns groups of its rows into canonical ones."""
        said, order = self.said, self.survey.date_order(self.profile.dates) or self.said.date_order
        zone = find_zone(said.zone) if said.zone else None
        stores = {name: "" if number == LEFT_OUT else number for name, number in said.stores.items()}
        return Assembler(self.layout, Values(self.layout, Said(said.store, zone, said.currency, order, stores)))


class MappedFormat:
    """A profile as one of the formats that a bundle is looked through for."""

    def __init__(self, profile: MappingProfile) -> None:
        self.profile = profile
        self.name = profile.name

    def fits(self, headings: Sequence[str]) -> bool:
        """Whether the headings are the profile's."""
        return fits(self.profile, headings)

    def convert(self, tables: Sequence[Table], opening: Opening, bundle: Bundle) -> list[Source]:
        """Write canonical files of all tables that nothing is missing for; later exports come last and win."""
        found = [file for table in tables if (file := self._looked_at(table, opening, bundle)) is not None]
        found.sort(key=lambda file: (file.survey.latest, file.layout.table.label))
        same = [file for file in found if file.columns() == found[0].columns()]
        for file in found:
            if file not in same:
                bundle.rejected[file.layout.table.label] = _("has other columns than %(file)s: import it by itself") % {
                    "file": same[0].layout.table.label
                }
        return _Writer(same, opening, bundle).write() if same else []

    def _looked_at(self, table: Table, opening: Opening, bundle: Bundle) -> MappedTable | None:
        if not self.profile.is_quoted and table.separator == "\t":
            table = replace(table, is_quoted=False)
        layout = Layout(self.profile, table)
        survey = survey_of(layout)
        said = _said(layout, survey, opening)
        needs = list(_needs(layout, survey))
        missing = [need for need in needs if not _is_said(need, said, survey)]
        look = look_of(table, self.name, layout.shown())
        look.title, look.count, look.needs, look.open = title_of(self.profile), survey.rows, needs, missing
        look.names = _names(survey, said, opening)
        look.notes += _notes(layout)
        look.say(said.over(_proposed(layout, opening)))
        bundle.looks.append(look)
        if survey.orders == {"day", "month"}:
            bundle.rejected[table.label] = _(
                "has dates with the day first and dates with the month first: export it again"
            )
            return None
        if not opening.is_look and (reason := _reason(missing, said, survey, opening)):
            bundle.rejected[table.label] = reason
            return None
        bundle.told.append(Told(self.name, stem_of(table), said))
        stores = {key: look.names[name] or _UNKNOWN_STORE for key, name in survey.names.items()}
        guessed = Answers(
            _UNKNOWN_STORE, _UNKNOWN_STORE, "", self.profile.zone or "UTC", self.profile.currency or "USD"
        )
        return MappedTable(layout, survey, said.over(replace(guessed, date_order="day", stores=stores)))


def title_of(profile: MappingProfile) -> str:
    """What people call a profile; a company's own names stay as they are."""
    return profile.label if profile.name.startswith(OWN) else _(profile.label)


def stem_of(table: Table) -> str:
    """What stays the same in the names of one store's exports."""
    return plain_stem(Path(table.file).stem)


def _said(layout: Layout, survey: Survey, opening: Opening) -> Answers:
    """What was said of a file, and what is remembered of its store. A file's name tells the store only where there is
    no other: back ends call the exports of all stores the same."""
    name, memory = layout.profile.name, opening.memory
    said = opening.answers.of(layout.table.file).over(Answers(zone=opening.zone))
    remembered = {key: memory.names[name, key] for key in survey.names if (name, key) in memory.names}
    exact = {key: text for key, text in survey.names.items() if text in memory.known}
    said = said.over(Answers(stores={**exact, **remembered}))
    if not said.store and len(memory.known) == 1 and not opening.memory.may_make:
        said = said.over(Answers(store=next(iter(memory.known))))
    if len(memory.known) == 1:
        return memory.complete(said, name, stem_of(layout.table))
    stores = [said.store, *sorted(set(said.stores.values()))]
    for store in filter(None, stores):
        said = said.over(memory.stores.get((name, store), Answers()))
    return said


def _proposed(layout: Layout, opening: Opening) -> Answers:
    """What a form shows first."""
    name, memory = layout.profile.name, opening.memory
    only = next(iter(memory.known)) if len(memory.known) == 1 else ""
    store = memory.files.get((name, stem_of(layout.table)), only)
    known = memory.stores.get((name, store), Answers())
    return Answers(store=store).over(known).over(Answers(zone=layout.profile.zone, currency=layout.profile.currency))


def _needs(layout: Layout, survey: Survey) -> Iterator[str]:
    """What only a person knows of the table."""
    profile = layout.profile
    names_store = "store_no" in layout.places
    if "store_no" in FILES[profile.file].by_name:
        yield "stores" if names_store else "store"
    if not profile.has_offsets and _has_moments(layout):
        yield "zone"
    if survey.is_bare:
        yield "currency"
    if survey.has_two_readings and not survey.date_order(profile.dates) and len(survey.orders) < 2:
        yield "date_order"


def _has_moments(layout: Layout) -> bool:
    return any(kind_of_column(layout.profile.file, column) is Kind.INSTANT for column in layout.places)


def _is_said(need: str, said: Answers, survey: Survey) -> bool:
    if need == "stores":
        return all(said.stores.get(key) for key in survey.names)
    return bool(getattr(said, need))


def _names(survey: Survey, said: Answers, opening: Opening) -> dict[str, str]:
    """The store that each name seems to mean."""
    called = {name_key(name): number for number, name in opening.memory.known.items()}
    return {name: said.stores.get(key) or called.get(key, "") for key, name in survey.names.items()}


def _notes(layout: Layout) -> list[str]:
    """What a person should know of the table before it goes in."""
    notes = []
    if unknown := layout.unknown():
        notes.append(_("unknown columns were ignored: %(names)s") % {"names": ", ".join(unknown)})
    if not MappedTable(layout, Survey(), Answers()).makes_orders and layout.profile.file == "orders":
        needed = [column for column in ("created_at", "total_amount") if not layout.has(column)]
        notes.append(
            _("does not tell %(columns)s: its order lines and parcels are taken, the orders come from another file")
            % {"columns": ", ".join(needed)}
        )
    return notes


def _reason(missing: Sequence[str], said: Answers, survey: Survey, opening: Opening) -> str:
    """Why the table can't be taken as it is."""
    if missing:
        unknown = [name for key, name in survey.names.items() if not said.stores.get(key)]
        return _question(missing[0], unknown)
    named = {said.stores.get(key, "") for key in survey.names} - {LEFT_OUT} if survey.names else {said.store}
    strange = sorted(number for number in named if number and number not in opening.memory.known)
    if strange and not opening.memory.may_make:
        return _("store %(store)s is not known: name its company with --company, or bring it in stores.csv first") % {
            "store": strange[0]
        }
    return ""


def _question(need: str, unknown: Sequence[str]) -> str:
    questions = {
        "store": _("does not name its store: say which with --store"),
        "stores": _("names stores that are not known: say which each is with --store-name 'NAME=NUMBER': %(names)s")
        % {"names": ", ".join(unknown)},
        "zone": _("does not name the time zone of its times: say which with --zone"),
        "currency": _("has amounts without a currency sign: say which currency they are in with --currency"),
        "date_order": _("has dates that may be read with the day or the month first: say which with --date-order"),
    }
    return questions[need]


def _writing(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", errors="surrogateescape", newline="")


class _Writer:
    """Writes the rows of the profile's file, the lines and parcels of orders, and stores that aren't there yet."""

    def __init__(self, files: Sequence[MappedTable], opening: Opening, bundle: Bundle) -> None:
        self.files, self.opening, self.bundle = files, opening, bundle
        self.profile = files[0].profile
        self.label = ", ".join(file.layout.table.label for file in files)
        self.folder = opening.workspace / "canonical" / self.profile.name
        self.folder.mkdir(parents=True, exist_ok=True)
        table = files[0].layout.table
        self.originals = [table.headings[place] for place in files[0].layout.shown()]

    def write(self) -> list[Source]:
        """The canonical files."""
        names = (self.profile.file, *(("order_lines", "shipments") if self.profile.file == "orders" else ()))
        columns = {"order_lines": LINE_COLUMNS, "shipments": PARCEL_COLUMNS}
        several = 0
        with ExitStack() as stack:
            writers = {
                name: AnnotatedWriter(
                    stack.enter_context(_writing(self._path(name))),
                    columns.get(name) or self.files[0].columns(),
                    self.originals if name == self.profile.file else (),
                )
                for name in names
            }
            for file in self.files:
                several += self._write_file(file, writers)
        made = [name for name in names if self._is_wanted(name, several)]
        return [*self._new_stores(), *(Source(name, self.label, self._path(name), annotated=True) for name in made)]

    def _is_wanted(self, name: str, several: int) -> bool:
        first = self.files[0]
        if name == "orders":
            return first.makes_orders
        if name == "order_lines":
            return first.layout.has("sku") or first.layout.has("items")
        if name == "shipments":
            return several > 0 or (not first.makes_orders and first.layout.has("tracking_no"))
        return True

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.csv"

    def _write_file(self, file: MappedTable, writers: Mapping[str, AnnotatedWriter]) -> int:
        """Write a file's rows; returns how many orders have several parcels."""
        reader, skipped = file.reader(), Skipped()
        for group in groups_of(file.layout, skipped, self.folder / "sorting.sqlite3"):
            made = reader.assemble(group)
            self._write_rows(file, made, writers)
        self.bundle.warnings += [f"{file.layout.table.label}: {text}" for text in remarks(reader, skipped)]
        return reader.seen["parcels"]

    def _write_rows(self, file: MappedTable, made: Assembled, writers: Mapping[str, AnnotatedWriter]) -> None:
        line, layout = made.source.line, file.layout
        if made.bad is not None or not made.is_left:
            told = dict(zip(layout.table.headings, made.source.cells, strict=False))
            original = [told.get(heading, "") for heading in self.originals]
            writers[self.profile.file].write(line, made.order, made.bad, original)
        if made.bad is not None or "shipments" not in writers:
            return
        for item in made.lines:
            writers["order_lines"].write(line, item, None)
        for parcel in made.parcels[1:] if file.makes_orders and not made.is_left else made.parcels:
            writers["shipments"].write(line, parcel, None)

    def _new_stores(self) -> list[Source]:
        """Stores that a person named and that aren't there yet."""
        new: dict[str, str] = {}
        for file in self.files:
            named = {
                number: file.survey.names[key] for key, number in file.said.stores.items() if key in file.survey.names
            }
            new |= named if file.survey.names else {file.said.store: file.said.store_name or file.said.store}
        new = {
            store: name for store, name in new.items() if store not in self.opening.memory.known and store != LEFT_OUT
        }
        if not new or self.opening.is_look or any(source.name == "stores" for source in self.bundle.sources):
            return []
        with _writing(self._path("stores")) as stream:
            writer = AnnotatedWriter(stream, ("store_no", "name"))
            for store, name in new.items():
                writer.write(1, {"store_no": store, "name": name}, None)
        return [Source("stores", self.label, self._path("stores"), annotated=True)]


def remarks(reader: Assembler, skipped: Skipped) -> list[str]:
    """What the report says of the file as a whole."""
    texts = {
        "parcels": _("%(count)s orders have several parcels"),
        "unclear": _("%(count)s orders ended, and the file does not say how: they are marked as data issues"),
        "copies": _(
            "%(count)s orders appear only as split, merged, re-sent or gift rows: only their parcels were taken"
        ),
        "repeated": _("%(count)s rows repeat an item; the latest of each counts"),
        "left_out": _("%(count)s rows of stores that were left out"),
    }
    said = [text % {"count": reader.seen[name]} for name, text in texts.items() if reader.seen[name]]
    said += [f"{_(note)}: {count}{f' ({word})' if word else ''}" for (note, word), count in skipped.items()]
    said += _day_remarks(reader)
    words: dict[str, list[str]] = {}
    for (heading, word), count in reader.values.words.most_common():
        words.setdefault(heading, []).append(f"{word} ({count})")
    for heading, found in words.items():
        names = {"column": heading, "words": ", ".join(found[:_WORDS_SHOWN])}
        said.append(_("unknown words in the column %(column)s were left empty: %(words)s") % names)
    return said


def _day_remarks(reader: Assembler) -> Iterator[str]:
    for column, count in reader.values.days.items():
        mapping = reader.layout.profile.mapping_of(column)
        numbers = {"count": count, "column": reader.layout.heading(column)}
        if mapping is not None and mapping.day_stands_for == "none":
            yield (
                _("%(count)s cells of %(column)s name only a day: too vague to judge by, they were left empty")
                % numbers
            )
        else:
            yield _("%(count)s cells of %(column)s name only a day") % numbers
