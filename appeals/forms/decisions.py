"""The decisions of a reviewer as one form: of each order a radio, and what a refusal names (BX-18)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict

from appeals.presenters.decisions import recorded_value
from appeals.queries.review_case import CaseOrder
from appeals.rules import EvidenceField, FailingField, OrderDecision, Verdict

MOST_LETTERS, MOST_OF_FIELD = 1000, 200
# The names of an order's fields begin with these, followed by its id.
DECISION, REASON, FIELDS, EVIDENCE, REMEDY = PREFIXES = ("decision", "why", "failing", "says", "remedy")
OVERALL = "reason"
# What a form or a draft holds: lists of texts by name.
Given = Mapping[str, list[str]]


def given_fields(data: QueryDict) -> dict[str, list[str]]:
    """The fields of decisions in a request that are filled in, to be read or kept as a draft."""
    names = [name for name in data if name == OVERALL or name.partition("-")[0] in PREFIXES]
    given = {name: [value[:MOST_LETTERS].replace("\x00", "") for value in data.getlist(name)] for name in names}
    return {name: values for name, values in given.items() if any(values)}


def fields_of_row(order: CaseOrder) -> dict[str, list[str]]:
    """An order's decision of an earlier round as fields of the form."""
    row, key = order.row, order.row.pk
    if row.decision == OrderDecision.PENDING:
        return {}
    found = {
        f"{DECISION}-{key}": [row.decision],
        f"{REASON}-{key}": [row.reason_code],
        f"{REMEDY}-{key}": [row.remedy],
        f"{FIELDS}-{key}": [one["field"] for one in row.fields],
    }
    return found | {f"{EVIDENCE}-{key}-{one['field']}": [one["evidence"]] for one in row.fields}


def verdicts_of(given: Given, orders: Iterable[CaseOrder]) -> dict[int, Verdict]:
    """The decision on each order, as far as it is filled in."""
    return {order.row.pk: _verdict(given, order) for order in orders}


def accept_supported(given: Given, orders: Iterable[CaseOrder]) -> dict[str, list[str]]:
    """The fields with all orders accepted that the data support; the others stay."""
    return {
        **given,
        **{f"{DECISION}-{order.row.pk}": [OrderDecision.ACCEPTED.value] for order in orders if order.is_supported},
    }


def _verdict(given: Given, order: CaseOrder) -> Verdict:
    key = order.row.pk
    decision = _one(given, f"{DECISION}-{key}")
    ticked = [field for field in EvidenceField if field in given.get(f"{FIELDS}-{key}", ())]
    return Verdict(
        OrderDecision(decision) if decision in set(OrderDecision) else OrderDecision.PENDING,
        _one(given, f"{REASON}-{key}"),
        tuple(_failing(given, order, field) for field in ticked),
        _one(given, f"{REMEDY}-{key}"),
    )


def _failing(given: Given, order: CaseOrder, field: EvidenceField) -> FailingField:
    evidence = _one(given, f"{EVIDENCE}-{order.row.pk}-{field}")[:MOST_OF_FIELD]
    return FailingField(field, evidence.strip(), recorded_value(order.row.order, field, order.needed))


def _one(given: Mapping[str, Any], name: str) -> str:
    values = given.get(name) or [""]
    return str(values[-1])
