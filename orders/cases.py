"""Kinds of risk cases: the app that finds something declares how its cases read and what a verdict means::

declare_case_kinds(CaseKind("inducement", "AF-12", _("Inducing reviews"), question=…, confirmed=…, …))

What a confirmation brings is declared by the app that carries it out, in its module ``case_consequences``::

declare_consequence("inducement", CaseConsequence(outcome=…, words=…, carry_out=…))
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from core.pages.components import Fact
from orders.models.cases import RiskCase
from stores.models import Store, User

__all__ = [
    "CaseConsequence",
    "CaseKind",
    "PastEvent",
    "case_kind",
    "consequence_of",
    "declare_case_kinds",
    "declare_consequence",
    "declared_case_kinds",
    "past_of",
    "tell_past",
]

Text = str | Promise


@dataclass(frozen=True, slots=True)
class CaseKind:
    """``question`` is what a person decides, ``confirmed`` and ``dismissed`` what follows from either verdict;
    ``facts`` are what the page shows of a case, in the reader's language, ``subject_url`` the page of its subject."""

    name: str
    rule: str
    label: Text
    question: Text
    confirmed: Text
    dismissed: Text
    facts: Callable[[RiskCase], Sequence[Fact]]
    subject_url: Callable[[RiskCase], str]


_kinds: dict[str, CaseKind] = {}


def declare_case_kinds(*kinds: CaseKind) -> None:
    """Make kinds known. Raises ValueError for a name that is declared already."""
    for kind in kinds:
        if _kinds.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"two declarations of risk cases {kind.name!r}")


def case_kind(name: str) -> CaseKind:
    """The kind of a name. Raises LookupError where no app declares it."""
    return _kinds[name]


def declared_case_kinds() -> list[CaseKind]:
    return list(_kinds.values())


# ── What a confirmation brings ─────────────────────────────────────────────────────────────────────────────────────

Outcome = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseConsequence:
    """``outcome(case, at)``: what a confirmation at that instant brings, as JSON, which the case then keeps;
    ``words``: how that reads, before and after. ``carry_out(case, reviewer, at)`` runs in the verdict's transaction.
    ``choices``: consequences among which the reviewer chooses, by name; the chosen one is ``choice`` in the outcome."""

    outcome: Callable[[RiskCase, datetime], Outcome]
    words: Callable[[Outcome], Sequence[str]]
    carry_out: Callable[[RiskCase, User, datetime], object]
    choices: Mapping[str, Text] | None = None


_consequences: dict[str, CaseConsequence] = {}


def declare_consequence(kind: str, consequence: CaseConsequence) -> None:
    """Say what a confirmed case of a kind brings. Raises ValueError for a kind that has a consequence already."""
    if _consequences.setdefault(kind, consequence) is not consequence:
        raise ValueError(f"two consequences of risk cases {kind!r}")


def consequence_of(kind: str) -> CaseConsequence | None:
    """What a confirmed case of a kind brings; None where nothing follows from it."""
    return _consequences.get(kind)


# ── What a store's past shows beside its cases ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class PastEvent:
    """Something that happened to a store: when, in words, how serious (a level, or empty) and the page about it."""

    at: datetime
    title: str
    text: str
    level: str = ""
    url: str = ""


# The latest events of a store, at most so many.
Past = Callable[[Store, int], Sequence[PastEvent]]
_pasts: list[Past] = []


def tell_past(past: Past) -> None:
    """Have a page of a case show what an app knows of the store's past."""
    _pasts.append(past)


def past_of(store: Store, most: int) -> list[PastEvent]:
    """The latest of what all apps tell of a store's past, the latest first."""
    found = [event for past in _pasts for event in past(store, most)]
    return sorted(found, key=lambda event: event.at, reverse=True)[:most]
