"""The sums of a metric as SQL expressions: what is divided by what (MX, SR-01, TM-02)."""

from collections.abc import Iterable

from core.sql import SQL, Composable, Identifier, Literal, aliased
from insights.packages.plan import Counted
from metrics.catalogue import Kind
from metrics.rules.rating import STARS

# What each part of the rating divides by what (SR-01); marks are added to the orders rated on dispatch (TM-02).
PART_SUMS: dict[str, tuple[Composable, Composable]] = {
    "described": (SQL("described_sum"), SQL("described_n")),
    "communication": (SQL("communication_sum"), SQL("communication_n")),
    "dispatch": (
        SQL("{stars} * r_dispatch_ontime").format(stars=Literal(STARS)),
        SQL("r_dispatch_n + marks"),
    ),
    "delivery": (SQL("{stars} * r_delivery_ontime").format(stars=Literal(STARS)), SQL("r_delivery_n")),
}


def totals(one: Counted) -> Composable:
    """SELECT of a metric's sums side by side, and of the marks for dispatches that were not confirmed in time."""
    sums = {name: _total(one, name) for name in one.counters}
    if one.metric.kind == Kind.STARS:
        sums["marks"] = _marks(one)
    return SQL("SELECT {sums}").format(sums=aliased(sums))


def _marks(one: Counted) -> Composable:
    if "confirmations" not in one.store_day.store.feeds:
        return Literal(0)
    return SQL("{unconfirmed} / {marks_per}").format(
        unconfirmed=_total(one, "unconfirmed"), marks_per=Literal(one.policy.rating.marks_per)
    )


def _total(one: Counted, name: str) -> Composable:
    return SQL("(SELECT total FROM sums WHERE metric = {metric} AND counter = {counter})").format(
        metric=Literal(one.metric.code), counter=Literal(name)
    )


def upper_sql(one: Counted) -> Composable:
    """The upper part of a metric that is not the rating's, as exported, in the columns of `totals`."""
    upper = _added(one.metric.upper)
    if one.metric.kind != Kind.FLOOR:
        return upper
    return SQL("{lower} - ({upper})").format(lower=lower_sql(one), upper=upper)


def lower_sql(one: Counted) -> Composable:
    """Its lower part."""
    return _added(one.metric.lower)


def _added(names: Iterable[str]) -> Composable:
    return SQL(" + ").join(map(Identifier, names))
