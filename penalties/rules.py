"""Pure rules of penalties: kinds, what they reach, how they end (PN-42)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any


class PenaltyKind(StrEnum):
    """The kinds of penalties (PN-42)."""

    SEARCH_DEMOTION = "search_demotion"
    PROMOTION_BLOCK = "promotion_block"
    FLASH_DEALS_BLOCK = "flash_deals_block"
    FUNDS_HOLD = "funds_hold"
    WITHDRAWAL_FREEZE = "withdrawal_freeze"
    NEW_STORE_BLOCK = "new_store_block"
    LISTING_DELISTED = "listing_delisted"
    AD_PREMIUM_CAP = "ad_premium_cap"
    COMMISSION_SURCHARGE = "commission_surcharge"
    INSURANCE_SURCHARGE = "insurance_surcharge"
    PENALTY_POINTS = "penalty_points"
    SEARCH_BONUS_SUSPENDED = "search_bonus_suspended"
    WARNING = "warning"
    ACCOUNT_FROZEN = "account_frozen"
    STORE_CLOSED = "store_closed"


class Scope(StrEnum):
    """What a penalty reaches (PN-42)."""

    ACCOUNT = "account"
    LISTING = "listing"
    BENEFIT = "benefit"


SCOPES: Mapping[PenaltyKind, Scope] = {
    PenaltyKind.SEARCH_DEMOTION: Scope.ACCOUNT,
    PenaltyKind.PROMOTION_BLOCK: Scope.BENEFIT,
    PenaltyKind.FLASH_DEALS_BLOCK: Scope.BENEFIT,
    PenaltyKind.FUNDS_HOLD: Scope.ACCOUNT,
    PenaltyKind.WITHDRAWAL_FREEZE: Scope.ACCOUNT,
    PenaltyKind.NEW_STORE_BLOCK: Scope.ACCOUNT,
    PenaltyKind.LISTING_DELISTED: Scope.LISTING,
    PenaltyKind.AD_PREMIUM_CAP: Scope.BENEFIT,
    PenaltyKind.COMMISSION_SURCHARGE: Scope.ACCOUNT,
    PenaltyKind.INSURANCE_SURCHARGE: Scope.ACCOUNT,
    PenaltyKind.PENALTY_POINTS: Scope.ACCOUNT,
    PenaltyKind.SEARCH_BONUS_SUSPENDED: Scope.BENEFIT,
    PenaltyKind.WARNING: Scope.ACCOUNT,
    PenaltyKind.ACCOUNT_FROZEN: Scope.ACCOUNT,
    PenaltyKind.STORE_CLOSED: Scope.ACCOUNT,
}


# Kinds that the state of the store shows, the graver first.
STATUS_KINDS = (PenaltyKind.STORE_CLOSED, PenaltyKind.ACCOUNT_FROZEN)


class Ending(StrEnum):
    """Why a penalty is over. ``EXPIRED``: its period ran out. ``MET``: what lifts it came about. ``LIFTED``: its ground
    fell away, by an appeal or a correction, or people lifted it."""

    EXPIRED = "expired"
    MET = "met"
    LIFTED = "lifted"


# Store, kind, subject and cause: what is applied once.
Key = tuple[int, str, str, str]


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a store has a penalty, as an app finds it in stored rows.

    ``cause`` names the cause among those of its source: with the kind and ``subject`` (the SKU of a listing, else
    empty) it is applied once, whatever runs twice. ``starts_at`` is the due instant, not that of the run. ``ends_at``:
    when it ends or ended, None for until lifted; ``ending`` says which. ``facts`` are JSON, read by the source's words.
    A ground that was there and is found no more lifts its penalty.
    """

    store_id: int
    kind: PenaltyKind
    cause: str
    rule: str
    starts_at: datetime
    ends_at: datetime | None = None
    ending: Ending = Ending.EXPIRED
    subject: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return self.store_id, self.kind, self.subject, self.cause


def lifted_at(ground: Ground, at: datetime | None) -> Ground:
    """The ground that people lifted at an instant; as it is where it ended before, or was not lifted."""
    if at is None or (ground.ends_at is not None and ground.ends_at <= at):
        return ground
    return replace(ground, ends_at=at, ending=Ending.LIFTED)


@dataclass(frozen=True, slots=True)
class CaseGround:
    """Why operations look at a store (PN-14, PN-43): a risk case of a declared kind (`orders.cases`) is opened at an
    instant, once per ``cause``, for governed stores. It stays when its ground falls away: a person decides it.

    ``subject_kind`` and ``subject_key`` name what the case is about; ``facts`` are JSON, as the kind reads them."""

    store_id: int
    kind: str
    cause: str
    opened_at: datetime
    subject_kind: str
    subject_key: str
    facts: Mapping[str, Any] = field(default_factory=dict)


Found = Ground | CaseGround


# ── Proposals ──────────────────────────────────────────────────────────────────────────────────────────────────────


class ProposalGap(StrEnum):
    """What a proposed penalty lacks, or has too much of."""

    LISTING = "listing"
    POINTS = "points"
    PERIOD = "period"


def proposal_gaps(kind: PenaltyKind, *, subject: str, days: int | None, points: int) -> set[ProposalGap]:
    """A delisting names its listing, points have a number and no period, a closed store is closed until lifted."""
    gaps = set()
    if (kind == PenaltyKind.LISTING_DELISTED) != bool(subject):
        gaps.add(ProposalGap.LISTING)
    if (kind == PenaltyKind.PENALTY_POINTS) != bool(points):
        gaps.add(ProposalGap.POINTS)
    if days is not None and (days < 1 or kind in (PenaltyKind.PENALTY_POINTS, PenaltyKind.STORE_CLOSED)):
        gaps.add(ProposalGap.PERIOD)
    return gaps
