"""Kinds of risk cases: the app that finds something declares how its cases read and what a verdict means::

declare_case_kinds(CaseKind("inducement", "AF-12", _("Inducing reviews"), question=…, confirmed=…, …))
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from core.pages.components import Fact
from orders.models.cases import RiskCase

__all__ = ["CaseKind", "case_kind", "declare_case_kinds", "declared_case_kinds"]

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
