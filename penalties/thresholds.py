"""Which published results are near a threshold (DP-05)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from metrics.catalogue import METRICS
from rulebook.policy import Policy

UNSAID = frozenset({"few", "stale", "no_data", "na"})


def near_thresholds(scorecard: Mapping[str, Mapping[str, Any]], policy: Policy) -> Iterator[dict[str, str]]:
    """The results whose failures are at least the share in policy of what their yellow threshold allows, those over it
    included, in the order of the catalogue; each with metric, value and threshold."""
    for code in METRICS:
        result = scorecard.get(code, {})
        if "value" not in result or "yellow" not in result or result["level"] in UNSAID:
            continue
        top = policy.metrics[code].floor_top
        value, threshold = Decimal(result["value"]), Decimal(result["yellow"])
        failures, allowed = (value, threshold) if top is None else (top - value, top - threshold)
        if failures >= policy.disputes.linked_near_share * allowed:
            yield {"metric": code, "value": result["value"], "threshold": result["yellow"]}
