"""What a risk flag is (TM-14). The finders beside this module say which orders raise each; `disputes` has one more."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from django.db.models import QuerySet

from orders.models import Order, OrderState
from stores.models import Feed

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# The orders that somebody can still do something about. An open dispute or refund keeps any order on the board.
OPEN_STATES = (OrderState.PAID, OrderState.SHIPPED, OrderState.DELIVERED)


Rows = TypeVar("Rows", bound="QuerySet[Any]")


@dataclass(frozen=True, slots=True)
class Scope:
    """The orders that a check looks at: those of some stores, or some of these (``order_ids``)."""

    store_ids: tuple[int, ...]
    order_ids: tuple[int, ...] | None = None

    def orders(self) -> QuerySet[Order]:
        return self.narrow(Order.objects.all(), order="pk")

    def traced(self) -> QuerySet[Order]:
        """Those of stores whose scans are reported: where none are, a missing scan tells nothing (MX-07)."""
        return self.orders().filter(store__in=Feed.objects.filter(kind=Feed.Kind.TRACKING).values("store"))

    def narrow(self, rows: Rows, *, order: str = "order_id") -> Rows:
        """Those of the rows that belong to its orders; ``order`` is the column of the order's id."""
        rows = rows.filter(store_id__in=self.store_ids)
        return rows if self.order_ids is None else rows.filter(**{f"{order}__in": self.order_ids})


def columns_of(rows: QuerySet[Any], *names: str) -> Iterable[Any]:
    """Columns of rows whose filter leaves no empty ones, which types can't tell."""
    return rows.values_list(*names)


class Condition(NamedTuple):
    """An order that raises a flag: since when, and when the flag's own clock ends (None: it has none)."""

    flag: str
    order_id: int
    store_id: int
    since: datetime
    due_at: datetime | None = None


class FlagGroup(StrEnum):
    """Where the board shows a flag."""

    DISPATCH = "dispatch"
    TRACE = "trace"
    BUYER = "buyer"


@dataclass(frozen=True)
class Flag:
    """One of the seventeen flags. ``own_clock``: its finder says when it is due; other flags are due after the hours
    that policy gives, if any. Severity and what to do are policy too (``transactions.risk_flags``)."""

    code: str
    group: FlagGroup
    label: "StrPromise"
    rule: str
    own_clock: bool = False


@dataclass(frozen=True)
class Finder:
    """The only definition of which orders raise some flags: ``find`` yields those of a scope's orders that do at an
    instant, each once per flag. Flags that come of one look at the orders share a finder."""

    flags: tuple[Flag, ...]
    find: Callable[[Scope, datetime], Iterable[Condition]]
