"""What a data package says of itself to machines: the number, its parts, its parameters (DM-32)."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from core.models import DirtySubject
from insights.explanation.absence import why_no_value
from insights.explanation.explaining import formula_of
from insights.packages.plan import Counted, Plan
from metrics.catalogue import Calendar, Kind
from rulebook.models import PolicyVersion
from rulebook.queries import policies, whole_data
from rulebook.rules import rounded

PLACES = 10


def manifest_of(plan: Plan) -> dict[str, Any]:
    """The manifest but for its files and their number of orders. ``no_value``: why there is no value; ``parts``: of a
    composite score, each with its own window, sums and sub-score, or why it is left out."""
    value = plan.value
    data: dict[str, Any] = {
        "format": 1,
        "store_no": plan.store.store_no,
        "metric": plan.metric.code,
        "rule": plan.metric.rule,
        "day": plan.day.isoformat(),
        "window": _window(plan),
        "formula": formula_of(plan.metric),
        "policy_version": plan.policy.number,
        "numerator": value.numerator,
        "denominator": value.denominator,
        "value": number_data(value.value),
        "no_value": why_no_value(plan.store_day, plan.metric.code) or None,
        "changes_waiting": DirtySubject.objects.filter(store_id=plan.store.pk).count(),
    }
    return data | ({"parts": _parts(plan)} if plan.is_composite else {"sums": plan.counted[0].sums()})


def _window(one: Plan | Counted) -> dict[str, str]:
    return {"first": one.first.isoformat(), "last": one.day.isoformat(), "calendar": str(one.metric.calendar)}


def _parts(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "metric": row.code,
            "window": _window(one),
            "numerator": row.value.numerator,
            "denominator": row.value.denominator,
            "value": number_data(row.value.value),
            "sums": one.sums(),
            "weight": number_data(row.weight),
            "rescaled_weight": number_data(row.share),
            "sub_score": number_data(row.score),
            "left_out": row.why or None,
        }
        for one, row in zip(plan.counted, plan.composition, strict=True)
    ]


def number_data(value: Fraction | None) -> dict[str, str] | None:
    """An exact number as fraction and with ten decimals, half up."""
    if value is None:
        return None
    return {"fraction": f"{value.numerator}/{value.denominator}", "decimal": format(rounded(value, PLACES), "f")}


def policy_data(plan: Plan) -> dict[str, Any]:
    """The parameters that the number depends on, with rule, source and assumption flag: those it is judged by, and the
    counting parameters of every version, of which an order takes the one in force at its creation (MX)."""
    versions = {row.number: row for row in PolicyVersion.objects.all()}
    counting = [
        {
            "version": period.policy.number,
            "orders_created_from": period.start.isoformat(),
            "orders_created_before": period.end.isoformat() if period.end else None,
            "parameters": _parameters(versions[period.policy.number], ("counting", "feedback.late_review_days")),
        }
        for period in policies()
    ]
    return {
        "judging_version": plan.policy.number,
        "judging": _parameters(versions[plan.policy.number], _judged_by(plan)),
        "counting": counting,
    }


def _judged_by(plan: Plan) -> tuple[str, ...]:
    """The names of the parameters that judge: of a composite score, also those of its parts and their thresholds."""
    metrics = (plan.metric, *(one.metric for one in plan.counted))
    keys = [f"metrics.{metric.code}" for metric in metrics]
    if any(metric.calendar == Calendar.RATING and metric.kind != Kind.COMPOSITE for metric in metrics):
        keys.append("rating")
    if plan.is_composite:
        keys += [plan.metric.code, "factors"]
    return tuple(dict.fromkeys(keys))


def _parameters(version: PolicyVersion, keys: tuple[str, ...]) -> Mapping[str, Any]:
    return {
        key: dict(entry)
        for key, entry in sorted(whole_data(version).items())
        if any(key == wanted or key.startswith(f"{wanted}.") for wanted in keys)
    }
