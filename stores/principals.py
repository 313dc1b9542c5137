"""Who acts: a person, a program with what an owner granted it, or the system itself (DM-01 … DM-04).

`stores.access` answers what a principal may see and change. Events name it by ``actor``, which never changes and holds
no personal data: the audit trail can't be edited afterwards (DM-33).
"""

from dataclasses import dataclass
from enum import StrEnum

from django.contrib.auth.models import AnonymousUser

from core.events import SYSTEM
from stores.models import User


class Area(StrEnum):
    """What scopes of programs speak of (IX-20)."""

    ORDERS = "orders"
    METRICS = "metrics"
    NOTICES = "notices"
    APPEALS = "appeals"


class Act(StrEnum):
    """What a scope allows in its area."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Scope:
    """One permission of a program, written ``orders:read``."""

    area: Area
    act: Act

    @classmethod
    def parse(cls, text: str) -> "Scope":
        """Read ``area:act``. Raises ValueError for anything else."""
        area, _, act = text.partition(":")
        return cls(Area(area), Act(act))

    def __str__(self) -> str:
        return f"{self.area}:{self.act}"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Nobody: not signed in, or an account that was closed."""

    actor = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account; memberships and permissions tell what they may do (DM-01, DM-02)."""

    user: User

    @property
    def actor(self) -> str:
        """How events name the person."""
        return f"person:{self.user.pk}"


@dataclass(frozen=True, slots=True)
class Program:
    """An ERP or another program: stores of one company that its owner granted, and scopes (DM-03)."""

    program_id: str
    company_id: int
    store_ids: frozenset[int]
    scopes: frozenset[Scope]

    @property
    def actor(self) -> str:
        """How events name the program."""
        return f"program:{self.program_id}"

    def may(self, act: Act | None, area: Area | None) -> bool:
        """Whether a scope allows the act in the area; without an area, in any."""
        return any(scope.act == act and area in (None, scope.area) for scope in self.scopes)


@dataclass(frozen=True, slots=True)
class System:
    """Nightly runs, timers and deliveries (DM-04). What operations staff decide on a case that they may judge is
    carried out by the system in their name, which is ``actor`` then."""

    actor: str = SYSTEM


Principal = Visitor | Person | Program | System


def principal_of_user(user: User | AnonymousUser | None) -> Person | Visitor:
    """The principal of a session."""
    if isinstance(user, User) and user.is_active:
        return Person(user)
    return Visitor()
