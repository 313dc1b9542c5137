"""The sums of a metric as SQL expressions: what is divided by what (MX, SR-01, TM-02)."""

from insights.packages.plan import Counted
from metrics.catalogue import Kind
from metrics.rules.rating import STARS

# What each part of the rating divides by what (SR-01); marks are added to the orders rated on dispatch (TM-02).
PART_SUMS: dict[str, tuple[str, str]] = {
    "described": ("described_sum", "described_n"),
    "communication": ("communication_sum", "communication_n"),
    "dispatch": (f"{STARS} * r_dispatch_ontime", "r_dispatch_n + marks"),
    "delivery": (f"{STARS} * r_delivery_ontime", "r_delivery_n"),
}


def totals(one: Counted) -> str:
    """SELECT of a metric's sums side by side, and of the marks for dispatches that were not confirmed in time."""
    columns = [f"{_total(one, name)} AS {name}" for name in one.counters]
    if one.metric.kind == Kind.STARS:
        confirmed = "confirmations" in one.store_day.store.feeds
        marks = f"{_total(one, 'unconfirmed')} / {one.policy.rating.marks_per}" if confirmed else "0"
        columns.append(f"{marks} AS marks")
    return f"SELECT {', '.join(columns)}"


def _total(one: Counted, name: str) -> str:
    return f"(SELECT total FROM sums WHERE metric = '{one.metric.code}' AND counter = '{name}')"


def upper_sql(one: Counted) -> str:
    """The upper part of a metric that is not the rating's, as exported, in the columns of `totals`."""
    upper = " + ".join(one.metric.upper)
    return f"{lower_sql(one)} - ({upper})" if one.metric.kind == Kind.FLOOR else upper


def lower_sql(one: Counted) -> str:
    """Its lower part."""
    return " + ".join(one.metric.lower)
