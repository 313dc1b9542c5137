"""AliExpress's order export from the seller back end, as it is, in its three generations (IX-06, IX-06b)."""

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from intake.canonical.rejections import RejectedCellError
from intake.profiles.aliexpress.cells import read_amount
from intake.profiles.aliexpress.headings import Layout, generation
from intake.profiles.aliexpress.orders import LINE_COLUMNS, PARCEL_COLUMNS, Context, Reader
from intake.reading.annotated import AnnotatedWriter
from intake.reading.answers import Answers, Told
from intake.reading.bundle import Bundle, Source
from intake.reading.dress import Table
from intake.reading.headings import heading_key, plain_stem
from intake.reading.looks import look_of
from intake.reading.manifest import find_zone
from intake.reading.opening import Opening

NAME = "aliexpress-orders"
# The back end shows its times in this zone by default; a person confirms it for each store.
PROPOSED_ZONE = "America/Los_Angeles"
PROPOSED_CURRENCY = "USD"
_UNKNOWN_STORE = "?"
_RUNNING_NUMBER = re.compile(r"(?<=\w)[_\-. ]+\d+$")


@dataclass
class _Survey:
    """What a first reading of a table finds: rows, whether an amount has no sign, which of several total columns
    agrees with goods and freight, the latest creation as written."""

    rows: int = 0
    is_bare: bool = False
    agreeing: Counter[int] = field(default_factory=Counter)
    latest: str = ""


@dataclass(frozen=True)
class _File:
    """A table to be read, with what is known of it."""

    layout: Layout
    survey: _Survey
    said: Answers

    @property
    def table(self) -> Table:
        return self.layout.table

    @property
    def total_place(self) -> int:
        """Where the order's total stands: of several columns the one that agrees with goods and freight."""
        places = self.layout.all_places("total")
        return max(places, key=lambda place: (self.survey.agreeing[place], -place))


class AliExpressOrders:
    """Recognises and converts the export."""

    name = NAME

    def fits(self, headings: Sequence[str]) -> bool:
        """Whether the headings are those of one of its generations."""
        return bool(generation(map(heading_key, headings)))

    def convert(self, tables: Sequence[Table], opening: Opening, bundle: Bundle) -> list[Source]:
        """Write canonical files of all tables that nothing is missing for; later exports come last and win."""
        files = [file for table in tables if (file := self._looked_at(table, opening, bundle)) is not None]
        files.sort(key=lambda file: (file.survey.latest, file.table.label))
        same = [file for file in files if set(_columns(file)) == set(_columns(files[0]))]
        for file in files:
            if file not in same:
                bundle.rejected[file.table.label] = _("is of another generation than %(file)s: import it by itself") % {
                    "file": files[0].table.label
                }
        return _Writer(same, opening, bundle).write() if same else []

    def _looked_at(self, table: Table, opening: Opening, bundle: Bundle) -> _File | None:
        layout = Layout(table)
        survey = _survey(layout)
        stem = _stem(table)
        said = opening.memory.complete(opening.answers.of(table.file), NAME, stem)
        said = said.over(Answers(zone=opening.zone))
        look = look_of(table, NAME, layout.shown())
        look.count = survey.rows
        look.needs = ["store", "zone", *(["currency"] if survey.is_bare else [])]
        look.say(said.over(Answers(zone=PROPOSED_ZONE, currency=PROPOSED_CURRENCY)))
        bundle.looks.append(look)
        missing = look.open = [need for need in look.needs if not getattr(said, need)]
        if missing and not opening.is_look:
            bundle.rejected[table.label] = _question(missing[0])
            return None
        proposed = Answers(store=_UNKNOWN_STORE, zone=PROPOSED_ZONE, currency=PROPOSED_CURRENCY)
        if not opening.is_look and (reason := _unknown_store(said.store, opening)):
            bundle.rejected[table.label] = reason
            return None
        bundle.told.append(Told(NAME, stem, said))
        return _File(layout, survey, said.over(proposed))


def _question(need: str) -> str:
    """What is said where something is missing that only a person knows."""
    questions = {
        "store": _("is an order export of AliExpress and does not name its store: say which with --store"),
        "zone": _(
            "is an order export of AliExpress and does not name the time zone of its times: say which with --zone; the "
            "back end shows America/Los_Angeles unless it was changed"
        ),
        "currency": _("has amounts without a currency sign: say which currency they are in with --currency"),
    }
    return questions[need]


def _unknown_store(store: str, opening: Opening) -> str:
    if store in opening.memory.known or opening.memory.may_make:
        return ""
    return _("store %(store)s is not known: name its company with --company, or bring it in stores.csv first") % {
        "store": store
    }


def _stem(table: Table) -> str:
    """What stays the same in the names of one store's exports: the login before the running number."""
    return _RUNNING_NUMBER.sub("", plain_stem(Path(table.file).stem))


def _columns(file: _File) -> list[str]:
    return Reader(file.layout, Context("", ZoneInfo("UTC"), ""), 0).columns()


def _survey(layout: Layout) -> _Survey:
    found, places = _Survey(), layout.all_places("total")
    for _line, cells, bad in layout.table.rows():
        found.rows += 1
        if bad is None:
            found.latest = max(found.latest, layout.cell(cells, "created_at"))
            _survey_amounts(found, places, layout, cells)
    return found


def _survey_amounts(found: _Survey, places: list[int], layout: Layout, cells: list[str]) -> None:
    read = [_amount(cells[place] if place < len(cells) else "") for place in places]
    found.is_bare = found.is_bare or any(one is not None and not one[1] for one in read)
    if len(places) > 1:
        goods, freight = _amount(layout.cell(cells, "goods")), _amount(layout.cell(cells, "freight"))
        for place, one in zip(places, read, strict=True):
            if one and goods and freight and one[0] == goods[0] + freight[0]:
                found.agreeing[place] += 1


def _amount(text: str) -> tuple[Decimal, str] | None:
    try:
        return read_amount(text)
    except RejectedCellError:
        return None


class _Writer:
    """Writes orders, their lines, and stores that aren't there yet."""

    def __init__(self, files: Sequence[_File], opening: Opening, bundle: Bundle) -> None:
        self.files = files
        self.opening = opening
        self.bundle = bundle
        first = files[0]
        self.originals = [first.table.headings[place] for place in first.layout.shown()]
        self.label = ", ".join(file.table.label for file in files)
        self.folder = opening.workspace / "canonical" / NAME
        self.folder.mkdir(parents=True, exist_ok=True)

    def write(self) -> list[Source]:
        """The canonical files."""
        columns = _columns(self.files[0])
        names = ("orders", "order_lines", "shipments")
        sources = [Source(name, self.label, self._path(name), annotated=True) for name in names]
        with ExitStack() as stack:
            orders, lines, parcels = (stack.enter_context(_writing(self._path(name))) for name in names)
            order_rows = AnnotatedWriter(orders, columns, self.originals)
            line_rows = AnnotatedWriter(lines, LINE_COLUMNS)
            parcel_rows = AnnotatedWriter(parcels, PARCEL_COLUMNS)
            several = [self._write_file(file, order_rows, line_rows, parcel_rows) for file in self.files]
        return [*self._new_stores(), *(sources if any(several) else sources[:2])]

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.csv"

    def _write_file(
        self, file: _File, orders: AnnotatedWriter, lines: AnnotatedWriter, parcels: AnnotatedWriter
    ) -> bool:
        """Write a file's rows; returns whether an order has several parcels."""
        context = Context(file.said.store, find_zone(file.said.zone), file.said.currency)
        reader = Reader(file.layout, context, file.total_place)
        for line, cells, bad in file.table.rows():
            row, items, rejected = reader.order(cells)
            orders.write(line, row, bad or rejected, self._original(file, cells))
            for item in items if bad is None else ():
                lines.write(line, item, None)
            for parcel in reader.further_parcels(row, cells) if (bad or rejected) is None else ():
                parcels.write(line, parcel, None)
        self.bundle.warnings += [f"{file.table.label}: {text}" for text in _warnings(reader, file)]
        return reader.seen["parcels"] > 0

    def _original(self, file: _File, cells: Sequence[str]) -> Sequence[str]:
        """The row's cells as they stand, without those about persons."""
        said = dict(zip(file.table.headings, cells, strict=False))
        return [said.get(heading, "") for heading in self.originals]

    def _new_stores(self) -> list[Source]:
        """Stores that a person named and that aren't there yet."""
        new = {file.said.store: file.said.store_name or file.said.store for file in self.files}
        new = {store: name for store, name in new.items() if store not in self.opening.memory.known}
        if not new or self.opening.is_look or any(source.name == "stores" for source in self.bundle.sources):
            return []
        with _writing(self._path("stores")) as stream:
            writer = AnnotatedWriter(stream, ("store_no", "name"))
            for store, name in new.items():
                writer.write(1, {"store_no": store, "name": name}, None)
        return [Source("stores", self.label, self._path("stores"), annotated=True)]


def _writing(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", errors="surrogateescape", newline="")


def _warnings(reader: Reader, file: _File) -> list[str]:
    """What the report says of the file as a whole."""
    texts = {
        "parcels": _("%(count)s orders have several parcels"),
        "day_only": _("%(count)s orders name only the day of dispatch; its beginning was taken"),
        "buyers": _("buyers of %(count)s orders are known by name only: buyers of the same name count as one"),
        "unclear": _("%(count)s orders ended, and the file does not say how: they are marked as data issues"),
    }
    said = [text % {"count": reader.seen[name]} for name, text in texts.items() if reader.seen[name]]
    places = file.layout.all_places("total")
    if len(places) > 1:
        agreeing = {"place": places.index(file.total_place) + 1, "count": file.survey.agreeing[file.total_place]}
        said.append(
            _("two columns of order totals; number %(place)s was used: in %(count)s rows it equals goods plus freight")
            % agreeing
        )
    return said
