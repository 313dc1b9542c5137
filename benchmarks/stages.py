"""What is measured of one size on one database, in the order in which a year happens."""

from collections.abc import Callable, Collection
from datetime import timedelta
from pathlib import Path

from benchmarks.bundles import REFERENCE, REST, Bundles
from benchmarks.deployment import Deployment, Ended
from benchmarks.report import Measurement, Results

STAGES = ("import", "reimport", "night", "pages", "export", "explain")


class Bench:
    """One size on one database. Without the stage import there is nothing to measure, so it always runs."""

    def __init__(self, place: Deployment, bundles: Bundles, results: Results) -> None:
        self.place, self.bundles, self.results = place, bundles, results
        # Days that no night has closed yet; every night closes one.
        self.days = iter([bundles.today - timedelta(days=n) for n in (1, 0, 2, 3, 4, 5)])

    def run(self, only: Collection[str]) -> None:
        """The stages asked for."""
        self.take_in_orders()
        if "reimport" in only:
            self.take_in_again()
        self.take_in_rest()
        stages: dict[str, Callable[[], None]] = {
            "night": self.nights,
            "pages": self.pages,
            "export": self.exports,
            "explain": self.explain,
        }
        if "night" not in only:
            self.night("first night")
        for name, act in stages.items():
            if name in only:
                act()

    # ── Import ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def take_in_orders(self) -> None:
        """Stores, then the orders' file."""
        self.take_in("import of reference data", self.bundles.reference, self.bundles.rows(REFERENCE))
        self.take_in("import of orders", self.bundles.only_orders, self.bundles.orders)

    def take_in(self, what: str, folder: Path, rows: int) -> None:
        """One import."""
        ended = self.place.manage("import_bundle", str(folder), "--json")
        counts = ended.json()["counts"].values()
        taken = sum(count[verdict] for count in counts for verdict in ("new", "changed", "same"))
        if taken != rows:
            raise AssertionError(f"{what}: {taken:,} of {rows:,} rows came in")
        self.add(what, ended, rows)

    def take_in_again(self) -> None:
        """The same orders again; the same with every row written; staging and upsert alone."""
        orders = self.bundles.orders
        self.take_in("re-import of orders, nothing changed", self.bundles.only_orders, orders)
        ended = self.place.module("benchmarks.unguarded", str(self.bundles.only_orders))
        self.add("re-import of orders, unguarded", ended, orders)
        bare = self.place.module("benchmarks.baselines", "stage").json()
        self.add_plain("bare staging + ON CONFLICT of orders", bare["first_seconds"], orders)
        self.add_plain("bare staging + ON CONFLICT of orders, again", bare["again_seconds"], orders)

    def take_in_rest(self) -> None:
        """What hangs on the orders."""
        self.take_in(
            "import of scans, reviews, disputes, refunds, messages", self.bundles.rest, self.bundles.rows(REST)
        )
        self.place.module("benchmarks.baselines", "vacuum")

    # ── Nights ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def nights(self) -> None:
        """The first night, a rebuild, nights after changes, one after none; DuckDB's scan of the same rows."""
        self.night("first night")
        self.scan()
        self.night("full rebuild", "--rebuild")
        for changes, count in (self.bundles.many, self.bundles.few):
            self.place.manage("import_bundle", str(changes), "--json")
            self.night(f"night after {count:,} changed orders")
        self.night("night after no change")

    def night(self, what: str, *options: str) -> None:
        """Both runs of a day; seconds of the stages alone, CPU seconds of the whole command."""
        ended = self.place.manage("nightly", "--json", "--day", next(self.days).isoformat(), *options)
        stages = [stage for run in ended.json()["runs"] for stage in run["stages"]]
        seconds = {name: sum(s["seconds"] for s in stages if s["stage"] == name) for name in _names(stages)}
        rows = sum(stage["rows"] for stage in stages if stage["stage"] == "facts")
        note = ", ".join(f"{name} {value:.2f}" for name, value in seconds.items())
        self.results.add(
            Measurement(
                *self._key(), what, sum(seconds.values()), rows or None, ended.peak_mb, ended.cpu_seconds,
                note=f"{note}; whole command {ended.seconds:.2f}",
            )
        )  # fmt: skip

    def scan(self) -> None:
        """DuckDB over the CSV files; its totals must be ours."""
        target = self.place.folder / "scan.duckdb"
        ended = self.place.module("benchmarks.duck", str(self.bundles.whole), str(target))
        target.unlink()
        found = ended.json()
        self.add_plain("DuckDB: load the CSV files", found["load_seconds"], None)
        self.results.add(
            Measurement(
                *self._key(), "DuckDB: full scan", found["scan_seconds"], self.bundles.orders, ended.peak_mb,
                found["scan_cpu_seconds"],
                note=f"facts and windows of {found['stores']:,} stores; peak includes the load",
            )
        )  # fmt: skip
        ours = self.place.module("benchmarks.baselines", "totals", *found["totals"]).json()
        differing = [name for name, total in found["totals"].items() if ours[name] != total]
        if differing:
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
                    *self._key(), f"page: {name}", median_ms=page["median_ms"], p95_ms=page["p95_ms"], note=note
                )
            )
        naive = self.place.module("benchmarks.baselines", "naive").json()
        note = f"store of {naive['orders']:,} orders; database only"
        self.results.add(
            Measurement(
                *self._key(), "problem page by joins, OFFSET and count", median_ms=naive["median_ms"], note=note
            )
        )

    def exports(self) -> None:
        """Facts as CSV, and the same straight from the database; the last day's scorecards."""
        file = self.place.folder / "facts.csv"
        ended = self.place.manage("export", "facts", "--out", str(file), "--json")
        rows = ended.json()["rows"]
        self.add("export of facts", ended, rows)
        plain = self.place.module("benchmarks.baselines", "copy").json()
        self.add_plain("facts straight from the database", plain["seconds"], plain["rows"])
        day = (self.bundles.today - timedelta(days=1)).isoformat()
        ended = self.place.manage("export", "scorecards", "--out", str(file), "--from", day, "--to", day, "--json")
        self.add("export of a day's scorecards", ended, ended.json()["rows"])
        file.unlink()

    def explain(self) -> None:
        """One metric of the largest store: the whole command, and the work alone."""
        day = (self.bundles.today - timedelta(days=1)).isoformat()
        number = self.place.module("benchmarks.baselines", "largest").json()["store_no"]
        arguments = ("--store", number, "--metric", "late_dispatch", "--day", day)
        self.add("explain, whole command", self.place.manage("explain", *arguments), None)
        found = self.place.module("benchmarks.baselines", "explain", number, day).json()
        self.results.add(
            Measurement(*self._key(), "explain, without starting", median_ms=found["median_ms"], p95_ms=found["p95_ms"])
        )

    # ── Keeping ────────────────────────────────────────────────────────────────────────────────────────────────────

    def add(self, what: str, ended: Ended, rows: int | None) -> None:
        """Keep what a command took."""
        self.results.add(Measurement(*self._key(), what, ended.seconds, rows, ended.peak_mb, ended.cpu_seconds))

    def add_plain(self, what: str, seconds: float, rows: int | None) -> None:
        """Keep what a part of a process took."""
        self.results.add(Measurement(*self._key(), what, seconds, rows))

    def _key(self) -> tuple[str, int]:
        return self.place.kind, self.bundles.orders


def _names(stages: list[dict[str, object]]) -> list[str]:
    return list(dict.fromkeys(str(stage["stage"]) for stage in stages))
