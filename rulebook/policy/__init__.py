"""The typed policy (DM-30): every threshold, weight, window, deadline and list that code reads, as frozen dataclasses.

Pure: built from the data of a policy version, without database or clock. ``rulebook.queries.policy_at`` gives the one
in force at an instant.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from rulebook.policy.build import Builder, Data, entry_problems
from rulebook.policy.conduct import Appeals, Beyond, Disputes, Feedback, Notices, Penalties, Privacy, Transactions
from rulebook.policy.core import (
    Counting,
    Factors,
    Judging,
    MetricPolicy,
    Rating,
    RatingWeights,
    Section,
    Shs,
    Sla,
    by_name,
)
from rulebook.policy.problems import Problem
from rulebook.policy.reference import Calendar, Reference, Words

__all__ = ["InvalidPolicyError", "MetricPolicy", "Policy", "RatingWeights", "build_policy", "load_policy", "validate"]


class InvalidPolicyError(ValueError):
    """The data does not make a policy; ``problems`` says why, key by key."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(map(str, problems)))


@dataclass(frozen=True, slots=True)
class Policy(Section):
    """One whole policy version."""

    number: int
    counting: Counting
    judging: Judging
    rating: Rating
    factors: Factors
    shs: Shs
    sla: Sla
    notices: Notices
    appeals: Appeals
    penalties: Penalties
    disputes: Disputes
    transactions: Transactions
    feedback: Feedback
    beyond: Beyond
    privacy: Privacy
    reference: Reference
    words: Words
    calendar: Calendar
    metrics: Mapping[str, MetricPolicy] = field(metadata=by_name())

    def fx_usd(self, currency: str, year: int) -> Decimal | None:
        """Mean USD per unit of a currency in a year from the shipped table, or None (IX-05)."""
        if currency == "USD":
            return Decimal(1)
        return self.reference.fx_usd.get(str(year), {}).get(currency)


def _read(data: Data, number: int) -> tuple[Policy | None, Builder]:
    builder = Builder(data)
    return builder.section(Policy, "", number=number), builder


def validate(data: Any) -> list[Problem]:
    """Every reason why the data is not a whole policy; empty when it is one (DM-30)."""
    from rulebook.policy.check import contradictions

    problems = entry_problems(data)
    if problems:
        return problems
    policy, builder = _read(data, number=0)
    problems = builder.problems + [Problem(key, _("no such parameter")) for key in builder.unknown()]
    return problems + (contradictions(policy) if policy is not None else [])


def build_policy(data: Data, *, number: int) -> Policy:
    """The policy of validated data; raises InvalidPolicyError with every reason."""
    problems = validate(data)
    if problems:
        raise InvalidPolicyError(problems)
    return load_policy(data, number=number)


def load_policy(data: Data, *, number: int) -> Policy:
    """The policy of data that was validated when it was stored; only missing or unfit values are refused."""
    policy, builder = _read(data, number)
    if policy is None:
        raise InvalidPolicyError(builder.problems)
    return policy
