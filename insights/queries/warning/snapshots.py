"""Orders at fixed ages with what became of them: what the early-warning model learns from (TM-06)."""

from dataclasses import dataclass

import numpy as np

from insights.queries.warning.history import DAY, NEVER, History, Ints
from insights.rules.warning import HORIZON_DAYS

# Days after payment at which an order that is not shipped is looked at, and days after dispatch.
BEFORE_DISPATCH = (1,)
AFTER_DISPATCH = (0, 2, 5, 10, 20)
HORIZON = HORIZON_DAYS * DAY
# So long after a company's first order its records of stores, carriers and buyers are thin because its data begin
# there, as they never are again: what is learned from them would weigh records wrongly.
WARM_UP = 60 * DAY


@dataclass(frozen=True)
class Snapshots:
    """Open orders (their places in the history) at instants, and whether they got into trouble within the horizon."""

    places: Ints
    at: Ints
    troubled: Ints

    def __len__(self) -> int:
        return len(self.places)

    def between(self, first: int, last: int) -> "Snapshots":
        """Those from an instant on up to and including another."""
        inside = (self.at >= first) & (self.at <= last)
        return Snapshots(self.places[inside], self.at[inside], self.troubled[inside])


def snapshots_of(history: History, *, until: int, ahead: int) -> Snapshots:
    """The snapshots whose horizon is over at ``until``, from the end of each company's `WARM_UP` on.

    Orders in trouble already are left out, and so are those that get into it within ``ahead`` seconds: no warning
    would have come in time.
    """
    instants = [history.shipped_at + days * DAY for days in AFTER_DISPATCH]
    for days in BEFORE_DISPATCH:
        at = history.paid_at + days * DAY
        instants.append(np.where(at < history.shipped_at, at, NEVER))
    places = np.tile(np.arange(len(history), dtype=np.int64), len(instants))
    at = np.concatenate(instants)
    trouble = history.trouble_at[places]
    usable = (at + HORIZON <= until) & (history.ended_at[places] > at) & (trouble > at + ahead)
    usable &= at >= _warm_from(history)[places]
    places, at, trouble = places[usable], at[usable], trouble[usable]
    order = np.argsort(at, kind="stable")
    places, at, trouble = places[order], at[order], trouble[order]
    return Snapshots(places, at, (trouble <= at + HORIZON).astype(np.int64))


def _warm_from(history: History) -> Ints:
    """When the warm-up of each order's company ends."""
    companies, of_order = np.unique(history.companies, return_inverse=True)
    first = np.full(len(companies), NEVER)
    np.minimum.at(first, of_order, history.created_at)
    return (first + WARM_UP)[of_order].astype(np.int64)
