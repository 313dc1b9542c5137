"""The published figures that penalties hang on, and how bad a day's result is (DP-02, DP-04, DP-06, DP-11, DP-12,
TM-10)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from core.sql import InJson
from metrics.catalogue import METRICS, Calendar
from penalties.rules import PenaltyKind
from penalties.spells import GradedDay, Spell, grade_spells, month_end, month_end_spells, whole_month_spells
from rulebook.policy import Policy

# Levels that say nothing about where a figure stands (MX-05, MX-07).
SAYS_NOTHING = frozenset({"few", "stale", "no_data", "silent"})
LIABILITY = "liability_rate"
# Grades of the health score.
BLOCKED, REVIEWED = 1, 2
HARD_LINES = ("slow_fulfilment", "sla_dispute_rate", "positive_rate")

Result = Mapping[str, Any]
PolicyOn = Callable[[date], Policy]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: ``grade`` judges a metric's published result, ``spells`` finds what lasts in its days, by the grade
    that begins it. ``tests``: what a published row passes whose grade is not 0. ``month_ends``: only the last day of a
    month counts."""

    name: str
    metric: str
    grade: Callable[[Result, Policy], int]
    tests: Callable[[Policy], Sequence[InJson]]
    spells: Callable[[Sequence[GradedDay], PolicyOn], Iterator[tuple[int, Spell]]]
    month_ends: bool = False

    @property
    def calendar(self) -> Calendar:
        return METRICS[self.metric].calendar

    def counts_on(self, day: date) -> bool:
        return not self.month_ends or day == month_end(day)

    def grade_of(self, result: Result, policy: Policy) -> int | None:
        """The grade of a published result, 0 where the metric does not apply (DM-31); None where it says nothing."""
        if result.get("level") == "na":
            return 0
        if "value" not in result or result["level"] in SAYS_NOTHING:
            return None
        return self.grade(result, policy)

    def is_watched(self, days: Sequence[GradedDay], policy_on: PolicyOn) -> bool:
        """Whether something lasts, so that the next day matters even if it is good."""
        return any(spell.last is None for _grade, spell in self.spells(days, policy_on))


def level_names(policy: Policy) -> list[str]:
    """The levels of the liability rate, the mildest first."""
    return [name for name, _threshold in policy.metrics[LIABILITY].levels]


def level_of_kind(policy: Policy, kind: PenaltyKind) -> int:
    """The mildest level that brings a kind of penalty, counted from 1; 0 where none does (DP-04)."""
    names = level_names(policy)
    brings = [place for place, name in enumerate(names, 1) if kind in policy.disputes.level_penalties.get(name, ())]
    return min(brings, default=0)


def brought_newly(policy: Policy, name: str) -> list[str]:
    """The kinds of penalties that a level brings and none before it."""
    level = level_names(policy).index(name) + 1
    brings = policy.disputes.level_penalties.get(name, ())
    return [kind for kind in brings if level_of_kind(policy, PenaltyKind(kind)) == level]


def _liability_grade(result: Result, policy: Policy) -> int:
    names = level_names(policy)
    return names.index(result["level"]) + 1 if result["level"] in names else 0


def _at_levels(policy: Policy) -> list[InJson]:
    return [InJson((LIABILITY, "level"), values=level_names(policy))]


def _liability_spells(days: Sequence[GradedDay], policy_on: PolicyOn) -> Iterator[tuple[int, Spell]]:
    for grade in range(1, max((one.grade or 0 for one in days), default=0) + 1):
        for spell in grade_spells(days, grade, lambda day: policy_on(day).disputes.level_end_days):
            yield grade, spell


def _insurance_grade(result: Result, policy: Policy) -> int:
    least = level_of_kind(policy, PenaltyKind.INSURANCE_SURCHARGE)
    return int(0 < least <= _liability_grade(result, policy))


def _insurance_spells(days: Sequence[GradedDay], _policy_on: PolicyOn) -> Iterator[tuple[int, Spell]]:
    for spell in whole_month_spells(days):
        yield 1, spell


def _commission_grade(result: Result, policy: Policy) -> int:
    return int(Fraction(result["numerator"], result["denominator"]) >= Fraction(policy.disputes.commission_line))


def _with_share(_policy: Policy) -> list[InJson]:
    """Any that has a value: month-ends are few."""
    return [InJson((LIABILITY, "value"))]


def _commission_spells(days: Sequence[GradedDay], policy_on: PolicyOn) -> Iterator[tuple[int, Spell]]:
    for spell in month_end_spells(days, lambda day: policy_on(day).disputes.commission_months):
        yield 1, spell


def _health_grade(result: Result, policy: Policy) -> int:
    score = Decimal(result["value"])
    return (score < policy.shs.promotion_block_below) + (score < policy.shs.manual_review_below)


def _low_scores(policy: Policy) -> list[InJson]:
    least = max(policy.shs.promotion_block_below, policy.shs.manual_review_below)
    return [InJson(("shs", "value"), at_most=least)]


def _health_spells(days: Sequence[GradedDay], _policy_on: PolicyOn) -> Iterator[tuple[int, Spell]]:
    for grade in (BLOCKED, REVIEWED):
        for spell in grade_spells(days, grade, lambda _day: 1):
            yield grade, spell


def _red(result: Result, _policy: Policy) -> int:
    return int(result["level"] == "red")


def _reds_of(code: str, _policy: Policy) -> list[InJson]:
    return [InJson((code, "level"), values=["red"])]


def _red_spells(days: Sequence[GradedDay], _policy_on: PolicyOn) -> Iterator[tuple[int, Spell]]:
    for spell in grade_spells(days, 1, lambda _day: 1):
        yield 1, spell


LEVELS = Figure("liability", LIABILITY, _liability_grade, _at_levels, _liability_spells)
INSURANCE = Figure("insurance", LIABILITY, _insurance_grade, _at_levels, _insurance_spells)
COMMISSION = Figure("commission", LIABILITY, _commission_grade, _with_share, _commission_spells, month_ends=True)
HEALTH = Figure("shs", "shs", _health_grade, _low_scores, _health_spells)
SERVICE = {code: Figure(code, code, _red, partial(_reds_of, code), _red_spells) for code in HARD_LINES}
FIGURES: Mapping[str, Figure] = {
    figure.name: figure for figure in (LEVELS, INSURANCE, COMMISSION, HEALTH, *SERVICE.values())
}
