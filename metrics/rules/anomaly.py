"""What is an anomaly of a rating day, and how long a freeze is expected to last (SR-06). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from rulebook.calendar import add_working_days
from rulebook.policy import Policy

# The counters that anomalies are found in, by rating day.
ANOMALY_COUNTERS = ("u_reviews", "u_negative", "u_delivery_due", "u_delivery_late")


class AnomalyKind(StrEnum):
    """The two anomalies."""

    NEGATIVE = "negative"
    DELAY = "delay"


# The kinds of data that must be known to the end of the day, else it says nothing (MX-07).
NEEDED_FEEDS = {AnomalyKind.NEGATIVE: ("orders", "reviews"), AnomalyKind.DELAY: ("orders",)}


@dataclass(frozen=True, slots=True)
class Anomaly:
    """``part`` of ``whole`` in the rating days ``first`` … ``last`` is more than the share ``threshold`` allows."""

    kind: AnomalyKind
    part: int
    whole: int
    threshold: Decimal
    first: date
    last: date

    def as_data(self) -> dict[str, Any]:
        """For storage as JSON."""
        return {
            "kind": str(self.kind),
            "part": self.part,
            "whole": self.whole,
            "line": str(self.threshold),
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
        }


def anomalies_of(days: Sequence[tuple[date, Mapping[str, int]]], policy: Policy) -> list[Anomaly]:
    """The anomalies of the last of some rating days, which come in order, each with its `ANOMALY_COUNTERS`.

    Negative reviews are those of the last day; delays are pooled over all of them, at most the policy's number.
    """
    if not days:
        return []
    last, counts = days[-1]
    rules = policy.rating
    pooled = days[-rules.anomaly_delay_days :]
    found = [
        Anomaly(
            AnomalyKind.NEGATIVE, counts["u_negative"], counts["u_reviews"], rules.anomaly_negative_share, last, last
        ),
        Anomaly(
            AnomalyKind.DELAY,
            sum(one["u_delivery_late"] for _day, one in pooled),
            sum(one["u_delivery_due"] for _day, one in pooled),
            rules.anomaly_delay_share,
            pooled[0][0],
            last,
        ),
    ]
    least = {
        AnomalyKind.NEGATIVE: rules.anomaly_min_reviews,
        AnomalyKind.DELAY: policy.metrics["delivery_late"].min_denominator,
    }
    return [one for one in found if one.whole >= max(least[one.kind], 1) and _is_over(one)]


def _is_over(found: Anomaly) -> bool:
    return Fraction(found.part, found.whole) > Fraction(found.threshold)


def expected_recovery(opened_at: datetime, policy: Policy) -> datetime:
    """When a freeze is expected to be over: the end of the working day in which the mean duration falls (DM-26)."""
    days = int(policy.rating.anomaly_recovery_working_days.to_integral_value(ROUND_CEILING))
    return add_working_days(opened_at, max(days, 1), plans=policy.calendar.years)
