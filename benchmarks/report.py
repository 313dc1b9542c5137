"""What was measured, and how it is shown."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Measurement:
    """``what`` took ``seconds`` (wall) for ``rows`` rows; ``cpu_seconds`` are those of the command and of the database
    server, which other work on the machine disturbs least; ``peak_mb`` is the command's. Pages have median and p95 in
    milliseconds instead; ``note`` says what can't be seen from the numbers."""

    database: str
    orders: int
    what: str
    seconds: float | None = None
    rows: int | None = None
    peak_mb: float | None = None
    cpu_seconds: float | None = None
    median_ms: float | None = None
    p95_ms: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Ratio:
    """A ratio of the table of targets: ``value`` against ``target``, where ``at_least`` says which side is better;
    ``of_cpu`` is the same ratio of CPU seconds."""

    database: str
    orders: int
    what: str
    value: float
    target: float
    at_least: bool
    of_cpu: float | None = None

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.value >= self.target if self.at_least else self.value <= self.target


@dataclass
class Results:
    """Everything measured in one run."""

    measurements: list[Measurement] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, *found: Measurement) -> None:
        """Keep and print measurements as they come: a run takes long."""
        for one in found:
            self.measurements.append(one)
            print("| " + " | ".join(_cells(one)) + " |", flush=True)

    def remark(self, text: str) -> None:
        """Say what was left out, and why."""
        self.remarks.append(text)
        print(text, flush=True)

    def seconds(self, database: str, orders: int, what: str) -> float | None:
        """How long something took, if it was measured."""
        for one in self.measurements:
            if (one.database, one.orders, one.what) == (database, orders, what):
                return one.seconds
        return None

    def data(self) -> dict[str, Any]:
        """Everything, for JSON."""
        ratios = [asdict(ratio) | {"met": ratio.met} for ratio in self.ratios]
        return {"measurements": [asdict(one) for one in self.measurements], "ratios": ratios, "remarks": self.remarks}


COLUMNS = ("database", "orders", "what", "seconds", "CPU s", "rows", "rows/s", "peak MB", "median ms", "p95 ms", "note")


def markdown(results: Results) -> str:
    """Two tables: figures, and ratios against their targets."""
    figures = _table(COLUMNS, map(_cells, results.measurements))
    heads = ("ratio", "database", "orders", "measured", "of CPU time", "target", "met")
    rows = [
        (
            ratio.what,
            ratio.database,
            f"{ratio.orders:,}",
            f"{ratio.value:.2f}",
            "" if ratio.of_cpu is None else f"{ratio.of_cpu:.2f}",
            f"{'≥' if ratio.at_least else '≤'} {ratio.target:g}",
            "yes" if ratio.met else "no",
        )
        for ratio in results.ratios
    ]
    remarks = "".join(f"\n- {text}" for text in results.remarks)
    return f"{figures}\n\n{_table(heads, rows)}\n{remarks}"


def _cells(one: Measurement) -> tuple[str, ...]:
    rate = one.rows / one.seconds if one.rows and one.seconds else None
    return (
        one.database,
        f"{one.orders:,}",
        one.what,
        "" if one.seconds is None else f"{one.seconds:.2f}",
        "" if one.cpu_seconds is None else f"{one.cpu_seconds:.2f}",
        "" if one.rows is None else f"{one.rows:,}",
        "" if rate is None else f"{rate:,.0f}",
        "" if one.peak_mb is None else f"{one.peak_mb:.0f}",
        "" if one.median_ms is None else f"{one.median_ms:.1f}",
        "" if one.p95_ms is None else f"{one.p95_ms:.1f}",
        one.note,
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
