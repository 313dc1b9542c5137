"""Which codes a parameter of the policy may name, as far as the code knows them."""

from collections.abc import Iterable, Mapping
from functools import cache

from django.utils.translation import gettext as _

from disputes.models import Dispute
from metrics.catalogue import METRICS
from notifications.ladder import Consequence
from orders.models import Source
from penalties.rules import PenaltyKind
from rulebook.fields import PolicyField
from rulebook.policy.build import Data
from rulebook.policy.check import FACTOR_KINDS
from rulebook.policy.problems import Problem
from rulebook.policy.shapes import CellKind, rows_of
from rulebook.reading import word
from rulebook.shipped import SHIPPED
from stores.models import Store

PENALTIES = tuple(PenaltyKind)
# The other two come from the notice itself.
CONSEQUENCES = [kind for kind in Consequence if kind not in (Consequence.APPEAL_WAIVED, Consequence.APPEAL_CLOSED)]
CHANNELS = ("in_app", "email", "sms", "browser_push", "dingtalk", "feishu", "lark", "wecom")
# Key, or key and column of a table ("*" stands for one part) → codes.
CODES: Mapping[str, Iterable[str]] = {
    "metrics.*.issues": ("notice", "levels", "sla_warning", "advice", "shs"),
    "metrics.*.unit": ("share", "stars", "hours", "days", "count", "usd", "score"),
    "metrics.*.scaled": sorted(FACTOR_KINDS),
    "judging.silent_metrics": tuple(METRICS),
    "notices.suspend_metric": tuple(METRICS),
    "counting.intervened_kinds": tuple(Dispute.Kind.values),
    "counting.performance_sources": tuple(Source.values),
    "counting.rating_sources": tuple(Source.values),
    "appeals.expedited_levels": tuple(Store.Level.values),
    "notices.yellow_channels": CHANNELS,
    "notices.red_channels": CHANNELS,
    "notices.extra_channels": CHANNELS,
    "notices.red_restrictions": CONSEQUENCES,
    "notices.ladder.action": CONSEQUENCES,
    "penalties.two_reviewers": PENALTIES,
    "penalties.points_ladder.actions": PENALTIES,
    "penalties.forbidding.0": tuple(SHIPPED["penalties.forbidding"]["value"]),
    "penalties.forbidding.1": PENALTIES,
    "disputes.level_penalties.1": PENALTIES,
    "feedback.soliciting_ladder": PENALTIES,
    "factors.category.1": tuple(METRICS),
    "transactions.risk_flags.severity": ("yellow", "red"),
}
# Lists whose codes the product's own list names: nothing else has an effect.
AS_SHIPPED = (
    "appeals.exception_evidence.1", "appeals.rejection_reasons", "disputes.evidence_kinds", "disputes.supporting_kinds",
    "disputes.needed_evidence.1", "transactions.refund_refuse_reasons", "notices.rectify_targets.1",
)  # fmt: skip
OF_FLAGS = (
    "counting.unrated_flags", "feedback.second_guide_flags", "reference.categories.flags", "factors.category.0",
)  # fmt: skip
# Steps, of which one follows the other and the same may come twice: rows instead of ticks.
IN_ORDER = frozenset({"feedback.soliciting_ladder"})


def codes_of(field: PolicyField, data: Data) -> dict[int, tuple[str, ...]]:
    """By column: the codes to choose from; columns that take any text are not among them."""
    found = {}
    for place, column in enumerate(field.shape.columns):
        name = column.name or (str(place) if field.shape.is_table else "")
        key = f"{field.key}.{name}" if name else field.key
        if column.kind in (CellKind.TEXT, CellKind.WORDS) and (codes := _codes(key, data)):
            found[place] = codes
    return found


def _codes(key: str, data: Data) -> tuple[str, ...]:
    parts = key.split(".")
    wild = ".".join([parts[0], "*", *parts[2:]])
    for name in (key, wild):
        if name in CODES:
            return tuple(map(str, CODES[name]))
    if key in AS_SHIPPED:
        return _shipped_codes(key)
    return _codes_of_data(key, data)


def _codes_of_data(key: str, data: Data) -> tuple[str, ...]:
    """Codes that other parameters of the same version define."""
    if key in OF_FLAGS:
        return tuple(data["reference.category_flags"]["value"])
    if key in ("feedback.second_guide_categories", "disputes.worst_categories", "disputes.commission_categories.0"):
        return tuple(row["code"] for row in data["reference.categories"]["value"])
    if key == "rating.badge_tier":
        return tuple(row["code"] for row in data["rating.tiers"]["value"])
    if key == "factors.site.0":
        return tuple(row["code"] for row in data["reference.sites"]["value"])
    return ()


@cache
def _shipped_codes(key: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for value in _texts(SHIPPED[key.removesuffix(".1")]["value"]):
        found[value] = None
    return tuple(found)


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def unknown_codes(fields: Mapping[str, PolicyField], base: Data, data: Data) -> list[Problem]:
    """Codes that nothing in the product knows, among those that the base doesn't have."""
    found = []
    for key, field in fields.items():
        if key not in data or data[key] == base.get(key):
            continue
        for place, known in codes_of(field, data).items():
            before = _cells(field, base[key]["value"], place) if key in base else set()
            codes = sorted(_cells(field, data[key]["value"], place) - before - {*known, ""})
            found += [Problem(key, _("“%(name)s” is not known") % {"name": word(code)}) for code in codes]
    return found


def _cells(field: PolicyField, value: object, place: int) -> set[str]:
    cells = [row[place] for row in rows_of(field.shape, value) if len(row) > place]
    return {str(code) for cell in cells for code in (cell if isinstance(cell, list) else [cell])}
