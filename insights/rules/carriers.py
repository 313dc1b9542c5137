"""Carriers compared (DP-18): counts by carrier added up by group, and what is too few stores' own to be shown. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from metrics.catalogue import METRICS, Kind
from metrics.rules.values import NO_DATA, Value, ratio


@dataclass(frozen=True, slots=True)
class Cell:
    """What a metric is made of for one carrier, and how many stores contributed to it."""

    upper: int
    lower: int
    stores: int

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(self.upper + other.upper, self.lower + other.lower, self.stores + other.stores)


Cells = Mapping[str, Cell]
NOTHING = Cell(0, 0, 0)


def added(rows: Iterable[Cells]) -> dict[str, Cell]:
    """The cells of several rows, metric by metric."""
    total: dict[str, Cell] = {}
    for cells in rows:
        for code, cell in cells.items():
            total[code] = total.get(code, NOTHING) + cell
    return total


def shareable(by_carrier: Mapping[str, Cells], least_stores: int) -> dict[str, dict[str, Cell]]:
    """What stores may see of all stores: the cells to which at least so many contributed. Sums by group are made of
    these alone, so that no difference between a group and its carriers tells a store's own figures."""
    kept = {
        carrier: {code: cell for code, cell in cells.items() if cell.stores >= least_stores}
        for carrier, cells in by_carrier.items()
    }
    return {carrier: cells for carrier, cells in kept.items() if cells}


def value_of(code: str, cell: Cell | None, least: int) -> Value:
    """A metric's value for a carrier; not sufficient below the metric's least denominator (MX-05)."""
    if cell is None:
        return NO_DATA
    metric = METRICS[code]
    upper = cell.lower - cell.upper if metric.kind == Kind.FLOOR else cell.upper
    value = ratio(upper, cell.lower * metric.per)
    return Value(upper, cell.lower, value, sufficient=0 < cell.lower >= least, count=cell.lower)


def lowers(official: Value, other: Value) -> Fraction | None:
    """By which share the official carriers' rate is below the others'; None where one is missing or too few."""
    if not (official.sufficient and other.sufficient) or official.value is None or not other.value:
        return None
    return (other.value - official.value) / other.value
