"""What a counter is: the anchor that dates it, what it filters and what it adds (MX-02)."""

from dataclasses import dataclass
from enum import StrEnum

from core.sql import SQL, Composable
from metrics.conditions import Condition, all_of, sql_of

PERFORMANCE_DAY = "(({at}) + 28800) / 86400"
RATING_DAY = "({at}) / 86400"


class Subject(StrEnum):
    """What contributes to counters (MX-02)."""

    ORDER = "order"
    WAIT = "wait"
    DISPUTE = "dispute"
    COMPLAINT = "complaint"


@dataclass(frozen=True)
class Counter:
    """What a subject that passes the anchor's filter adds: ``total`` (default 1) where ``when`` holds, the event that
    the counter speaks of, and all conditions of ``where``, which leave out some of these events. ``failure`` marks the
    counters whose subjects are listed as problem orders, ``large`` those whose amount may not fit into 32 bits."""

    name: str
    total: str = ""
    when: str = ""
    where: tuple[Condition, ...] = ()
    failure: bool = False
    rule: str = "MX-02"
    large: bool = False

    @property
    def amount(self) -> Composable | None:
        """SQL for what a subject adds; None where that is always 1."""
        filter_sql = all_of(self.when, sql_of(self.where))
        if not filter_sql:
            return SQL(self.total) if self.total else None
        return SQL("CASE WHEN {filter} THEN {total} ELSE 0 END").format(
            filter=SQL(filter_sql), total=SQL(self.total or "1")
        )


@dataclass(frozen=True)
class Anchor:
    """``E @ at | when and where``: the instant and filter that a group of counters shares. ``when`` is the event
    itself, ``where`` names what leaves events out; ``would`` gives the instant of an event that is left out because
    it has no ``at`` (default: ``at``)."""

    name: str
    subject: Subject
    at: str
    counters: tuple[Counter, ...]
    when: str = ""
    where: tuple[Condition, ...] = ()
    would: str = ""
    day: str = PERFORMANCE_DAY

    @property
    def filter_sql(self) -> str:
        """SQL for what counts."""
        return all_of(self.when, sql_of(self.where))

    @property
    def day_sql(self) -> Composable:
        """SQL for the day number, NULL where the subject does not count."""
        return SQL("CASE WHEN {filter} THEN {day} END").format(
            filter=SQL(self.filter_sql), day=SQL(self.day).format(at=SQL(self.at))
        )

    @property
    def would_day_sql(self) -> Composable:
        """SQL for the day number on which the subject counts or would, were it not left out."""
        return SQL(self.day).format(at=SQL(self.would or self.at))

    @property
    def day_column(self) -> str:
        return f"{self.name}_day"


def unit(counter: Counter) -> bool:
    """Whether the counter is 1 wherever its anchor holds, so that its state needs no column."""
    return counter.amount is None
