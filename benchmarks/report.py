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
    stores: int
    what: str
    seconds: float | None = None
    rows: int | None = None
    peak_mb: float | None = None
    cpu_seconds: float | None = None
    median_ms: float | None = None
    p95_ms: float | None = None
    note: str = ""


@dataclass
class Results:
    """Everything measured in one run."""

    measurements: list[Measurement] = field(default_factory=list)
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

    def data(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {"measurements": [asdict(one) for one in self.measurements], "remarks": self.remarks}

    def take(self, data: dict[str, Any]) -> None:
        """Add what another run has written as JSON."""
        self.measurements += [Measurement(**one) for one in data["measurements"]]
        self.remarks += data["remarks"]


COLUMNS = (
    *("database", "orders", "stores", "what", "seconds", "CPU s", "rows", "rows/s"),
    *("peak MB", "median ms", "p95 ms", "note"),
)


def figures(results: Results) -> str:
    """All figures as a Markdown table, and what was left out."""
    remarks = "".join(f"\n- {text}" for text in results.remarks)
    return table(COLUMNS, map(_cells, results.measurements)) + (f"\n{remarks}" if remarks else "")


def _cells(one: Measurement) -> tuple[str, ...]:
    rate = one.rows / one.seconds if one.rows and one.seconds else None
    return (
        one.database,
        f"{one.orders:,}",
        f"{one.stores:,}",
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


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
