"""What is measured of one size on one database, in the order in which a year happens."""

import itertools
from collections.abc import Callable, Collection, Iterator
from datetime import date, timedelta
from pathlib import Path

from benchmarks import names
from benchmarks.bundles import FEW, MANY, REFERENCE, REST, SEED, Bundles
from benchmarks.deployment import Deployment, Ended
from benchmarks.report import Measurement, Results
from benchmarks.workers import Workers

STAGES = ("load", "reimport", "rebuild", "scan", "night", "pages", "export", "explain", "workers")
WORKERS = (1, 2)
# So often DuckDB scans, but once where a scan takes minutes.
SCANS, LARGE = 3, 5_000_000
# The first night is that of so many days before the last one that bundles know all of.
DAYS_BEFORE = 12


class PageBenchmarks:
    """One size on one database. Without rows there is nothing to measure, so they are loaded unless they are there;
    ``direct`` has them COPYed instead of imported."""

    def __init__(self, place: Deployment, bundles: Bundles, results: Results, *, direct: bool = False) -> None:
        self.place, self.bundles, self.results, self.direct = place, bundles, results, direct
        self.loaded, self.counted = place.folder / "loaded.json", place.folder / "counted.json"
        self.days = self._days()

    def run(self, only: Collection[str]) -> None:
        """The stages asked for; re-imports alone take in the orders and nothing else."""
        if set(only) == {"reimport"}:
            self.take_in("import of reference data", self.bundles.reference, self.bundles.rows(REFERENCE))
            self.take_in(names.IMPORT, self.bundles.only_orders, self.bundles.orders)
            self.take_in_again()
            return
        if not self.loaded.exists():
            self.load("reimport" in only)
            self.loaded.write_text("{}")
        stages: dict[str, Callable[[], None]] = {
            "rebuild": self.rebuild,
            "scan": self.scan,
            "night": self.nights,
            "pages": self.pages,
            "export": self.exports,
            "explain": self.explain,
            "workers": self.workers,
        }
        wanted = [name for name in stages if name in only]
        if wanted and not self.counted.exists():
            self.first_night()
            if self.direct and "rebuild" in wanted:
                wanted.remove("rebuild")
        for name in wanted:
            stages[name]()

    def _days(self) -> Iterator[date]:
        """The days after the last one that a night has closed, in order: what a night judges goes on from there."""
        closed = self.closed()
        first = closed[-1] + timedelta(days=1) if closed else self.bundles.today - timedelta(days=DAYS_BEFORE)
        for days in itertools.count():
            yield first + timedelta(days=days)

    def closed(self) -> list[date]:
        """The days that nights have closed."""
        return [date.fromisoformat(day) for day in self.place.module("benchmarks.baselines", "closed").json()["days"]]

    # ── Import ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def load(self, reimport: bool) -> None:
        """Stores, then orders, then related records."""
        self.take_in("import of reference data", self.bundles.reference, self.bundles.rows(REFERENCE))
        if self.direct:
            self.load_directly()
            return
        self.take_in(names.IMPORT, self.bundles.only_orders, self.bundles.orders)
        if reimport:
            self.take_in_again()
        what = "import of scans, reviews, disputes, refunds, messages"
        self.take_in(what, self.bundles.rest, self.bundles.rows(REST))
        self.place.module("benchmarks.baselines", "vacuum")

    def load_directly(self) -> None:
        """COPY rows into the tables."""
        b = self.bundles
        ended = self.place.module(
            "benchmarks.direct", str(b.orders), str(b.stores), str(SEED), b.today.isoformat()
        )  # fmt: skip
        found = ended.json()
        rows = sum(found["rows"].values())
        expected = b.rows(("orders", *REST))
        if rows != expected:
            raise AssertionError(f"{rows:,} of {expected:,} rows came in")
        note = f"rows {found['load_seconds']:.0f} s, indexes {found['index_seconds']:.0f} s"
        self.results.add(
            Measurement(*self._key(), "load by COPY", ended.seconds, rows, None, ended.cpu_seconds, note=note)
        )

    def take_in(self, what: str, folder: Path, rows: int) -> None:
        ended = self.place.manage("import_bundle", str(folder), "--json")
        counts = ended.json()["counts"].values()
        taken = sum(count[verdict] for count in counts for verdict in ("new", "changed", "same"))
        if taken != rows:
            raise AssertionError(f"{what}: {taken:,} of {rows:,} rows came in")
        self.add(what, ended, rows)

    def take_in_again(self) -> None:
        """The same orders again; the same with every row written; staging and upsert alone."""
        orders = self.bundles.orders
        self.take_in(names.AGAIN, self.bundles.only_orders, orders)
        ended = self.place.module("benchmarks.unguarded", str(self.bundles.only_orders))
        self.add(names.UNGUARDED, ended, orders)
        bare = self.place.module("benchmarks.baselines", "stage").json()
        self.add_plain(names.BARE, bare["first_seconds"], orders, bare["first_cpu_seconds"])
        self.add_plain(f"{names.BARE}, again", bare["again_seconds"], orders, bare["again_cpu_seconds"])

    # ── Nights ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def first_night(self) -> None:
        """Everything that came in is counted; rows that were COPYed are in no dirty log, so that takes a rebuild."""
        if self.direct:
            self.rebuild()
        else:
            self.night("first night")
            self.place.module("benchmarks.baselines", "vacuum")
        self.counted.write_text("{}")

    def rebuild(self) -> None:
        """A rebuild of all facts, then a night."""
        self.night(names.REBUILD, "--rebuild")
        self.place.module("benchmarks.baselines", "vacuum")

    def nights(self) -> None:
        """Nights after many changes, after few, after none."""
        for wanted in (MANY, FEW):
            changes, count = self.bundles.changes(wanted)
            self.place.manage("import_bundle", str(changes), "--json")
            self.night(names.night_after(count))
        self.night(names.NO_CHANGE)

    def night(self, what: str, *options: str) -> None:
        """Both runs of a day, from the command's start to its end, without starting Python; once more from facts to
        scorecards, without what other apps do then."""
        day = next(self.days).isoformat()
        ended = self.place.module("benchmarks.timed_night", str(self.place.server or 0), "--day", day, *options)
        found = ended.json()
        note = ", ".join(
            f"{name} {stage['seconds']:.2f} ({stage['cpu_seconds']:.2f})" for name, stage in found["stages"].items()
        )
        rows = found["rows"] or None
        self.results.add(
            Measurement(
                *self._key(), what, found["seconds"], rows, ended.peak_mb, found["cpu_seconds"],
                note=note,
            )
        )  # fmt: skip
        self.add_plain(f"{what}{names.TO_CARDS}", found["to_cards_seconds"], rows, found["to_cards_cpu_seconds"])

    def scan(self) -> None:
        """DuckDB over the CSV files; its totals must be ours, unless orders have changed since."""
        target = self.place.folder / "scan.duckdb"
        scans = SCANS if self.bundles.orders < LARGE else 1
        ended = self.place.module("benchmarks.duck", str(self.bundles.whole), str(target), str(scans))
        target.unlink()
        found = ended.json()
        self.add_plain("DuckDB: load the CSV files", found["load_seconds"], None)
        self.results.add(
            Measurement(
                *self._key(), names.SCAN, found["scan_seconds"], self.bundles.orders, ended.peak_mb,
                found["scan_cpu_seconds"],
                note=f"facts and windows of {found['stores']:,} stores; peak includes the load",
            )
        )  # fmt: skip
        ours = self.place.module("benchmarks.baselines", "totals", *found["totals"]).json()
        differing = [name for name, total in found["totals"].items() if ours[name] != total]
        if differing and not self.bundles.changed:
            raise AssertionError(f"DuckDB counts otherwise: {', '.join(differing)}")

    # ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────

    def pages(self) -> None:
        """Every page of the largest store, and its problem orders found by joins."""
        ended = self.place.module("benchmarks.pages")
        found = ended.json()
        for name, page in found["pages"].items():
            if "skipped" in page:
                self.results.remark(
                    f"{self.place.kind}, {self.bundles.orders:,} orders: {name} skipped: {page['skipped']}"
                )
                continue
            note = f"{page['cpu_ms']:.0f} ms of CPU in the web process, {page['bytes'] / 1024:.0f} KB"
            self.results.add(
                Measurement(
                    *self._key(), f"{names.PAGE}{name}", median_ms=page["median_ms"], p95_ms=page["p95_ms"], note=note
                )
            )
        naive = self.place.module("benchmarks.baselines", "naive").json()
        note = f"store of {naive['orders']:,} orders; database only"
        self.results.add(Measurement(*self._key(), names.BY_JOINS, median_ms=naive["median_ms"], note=note))

    def exports(self) -> None:
        """Facts as CSV, and the same straight from the database; the last day's scorecards."""
        file = self.place.folder / "facts.csv"
        ended = self.place.manage("export", "facts", "--out", str(file), "--json")
        rows = ended.json()["rows"]
        self.add("export of facts", ended, rows)
        plain = self.place.module("benchmarks.baselines", "copy").json()
        self.add_plain(names.COPIED_FACTS, plain["seconds"], plain["rows"], plain["cpu_seconds"])
        ours, cpu = plain["export_seconds"], plain["export_cpu_seconds"]
        self.add_plain(names.EXPORTED_FACTS, ours, plain["rows"], cpu)
        day = self.closed()[-1].isoformat()
        ended = self.place.manage("export", "scorecards", "--out", str(file), "--from", day, "--to", day, "--json")
        self.add("export of a day's scorecards", ended, ended.json()["rows"])
        plain = self.place.module("benchmarks.baselines", "copy_cards", str(file), day).json()
        self.add_plain(names.COPIED_CARDS, plain["seconds"], plain["rows"], plain["cpu_seconds"])
        self.add_plain(names.EXPORTED_CARDS, plain["export_seconds"], plain["rows"], plain["export_cpu_seconds"])
        file.unlink()

    def workers(self) -> None:
        """A full rebuild by task-worker processes with a real broker, from the first hint to the last shard."""
        for count in WORKERS:
            found = Workers(self.place, count).rebuild()
            note = ", ".join(f"{name} {value:.2f}" for name, value in found.stages.items())
            self.results.add(
                Measurement(
                    *self._key(), names.night_over(count), found.seconds,
                    peak_mb=found.peak_mb, cpu_seconds=found.cpu_seconds, note=f"seconds of work: {note}",
                )
            )  # fmt: skip

    def explain(self) -> None:
        """One metric of the largest store: the whole command, and the work alone."""
        day = self.closed()[-1].isoformat()
        number = self.place.module("benchmarks.baselines", "largest").json()["store_no"]
        arguments = ("--store", number, "--metric", "late_dispatch", "--day", day)
        self.add("explain, whole command", self.place.manage("explain", *arguments), None)
        found = self.place.module("benchmarks.baselines", "explain", number, day).json()
        self.results.add(
            Measurement(*self._key(), names.EXPLAINED, median_ms=found["median_ms"], p95_ms=found["p95_ms"])
        )

    # ── Keeping ────────────────────────────────────────────────────────────────────────────────────────────────────

    def add(self, what: str, ended: Ended, rows: int | None) -> None:
        """Keep what a command took."""
        self.results.add(Measurement(*self._key(), what, ended.seconds, rows, ended.peak_mb, ended.cpu_seconds))

    def add_plain(self, what: str, seconds: float, rows: int | None, cpu: float | None = None) -> None:
        """Keep what a part of a process took."""
        self.results.add(Measurement(*self._key(), what, seconds, rows, cpu_seconds=cpu))

    def _key(self) -> tuple[str, int, int]:
        return self.place.kind, self.bundles.orders, self.bundles.stores
