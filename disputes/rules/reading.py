"""What the automatic first reading of an arbitration recommends, and why (DP-19). It advises; a reviewer decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

ZERO = Decimal(0)
SELLER, CARRIER, NONE = "seller", "carrier", "none"
WITHDRAWAL = "withdrawal"
NOT_RECEIVED = "not_received"


class Because(StrEnum):
    """Why a reading recommends what it does."""

    NO_EVIDENCE = "no_evidence"
    WITHDRAWN = "withdrawn"
    PARCEL_LOST = "parcel_lost"
    CONTRADICTED = "contradicted"
    NOT_DELIVERED = "not_delivered"
    DELIVERED = "delivered"
    KINDS_MISSING = "kinds_missing"
    KINDS_COMPLETE = "kinds_complete"
    BUYER_PROVES = "buyer_proves"
    OFFERED = "offered"


@dataclass(frozen=True, slots=True)
class Sides:
    """What is known of a dispute when it goes to arbitration. ``contradictions``: how many grave findings the Smart
    Check has about the seller's files; ``offered_usd``: what the seller's answer offers."""

    kind: str
    claimed_usd: Decimal
    has_evidence: bool
    given: frozenset[str]
    needed: tuple[str, ...]
    contradictions: int
    delivered: bool
    lost: bool
    buyer_gave: bool
    offered_usd: Decimal


@dataclass(frozen=True, slots=True)
class Reading:
    """A recommended verdict with its reasons, each with what its words name."""

    liability: str
    outcome_usd: Decimal
    reasons: Sequence[tuple[Because, Mapping[str, Any]]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the arbitration."""
        return {
            "liability": self.liability,
            "outcome_usd": str(self.outcome_usd),
            "reasons": [{"code": code.value, "params": dict(params)} for code, params in self.reasons],
        }


def read_sides(sides: Sides) -> Reading:
    """The recommendation: a seller without evidence, or whose evidence contradicts itself or lacks a needed kind, is
    liable for what is claimed; a lost parcel is the carrier's; a delivery answers that nothing came."""
    if not sides.has_evidence:
        return Reading(SELLER, sides.claimed_usd, [(Because.NO_EVIDENCE, {})])
    if WITHDRAWAL in sides.given:
        return Reading(NONE, ZERO, [(Because.WITHDRAWN, {})])
    if sides.lost:
        return Reading(CARRIER, sides.claimed_usd, [(Because.PARCEL_LOST, {})])
    if sides.contradictions:
        return Reading(SELLER, sides.claimed_usd, [(Because.CONTRADICTED, {"count": sides.contradictions})])
    if sides.kind == NOT_RECEIVED:
        return _about_delivery(sides)
    missing = [kind for kind in sides.needed if kind not in sides.given]
    if missing:
        return Reading(SELLER, sides.claimed_usd, [(Because.KINDS_MISSING, {"kinds": missing})])
    return _complete(sides)


def _about_delivery(sides: Sides) -> Reading:
    if sides.delivered:
        return Reading(NONE, ZERO, [(Because.DELIVERED, {})])
    return Reading(CARRIER, sides.claimed_usd, [(Because.NOT_DELIVERED, {})])


def _complete(sides: Sides) -> Reading:
    reasons: list[tuple[Because, Mapping[str, Any]]] = [(Because.KINDS_COMPLETE, {})]
    if sides.buyer_gave:
        reasons.append((Because.BUYER_PROVES, {}))
    if sides.offered_usd:
        reasons.append((Because.OFFERED, {"amount": str(sides.offered_usd)}))
    return Reading(NONE, sides.offered_usd, reasons)
