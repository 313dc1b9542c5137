"""Pure rules of pickup proofs and logistics claims (TM-11, AF-08). No database, no clock, no request."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from core.timebase import SHANGHAI
from evidence.dates import dates_in


class ClaimKind(StrEnum):
    """What a seller hands in about a parcel. ``PICKUP``: the carrier's proof that it has the parcel (TM-11)."""

    PICKUP = "pickup"
    FALSE_DELIVERY = "false_delivery"
    LOSS = "loss"
    DAMAGE = "damage"


class ClaimState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


# What may follow from each state. A refused or withdrawn one stays as it is; the seller hands in another.
CLAIM_TRANSITIONS: Mapping[ClaimState, frozenset[ClaimState]] = {
    ClaimState.OPEN: frozenset({ClaimState.ACCEPTED, ClaimState.REFUSED, ClaimState.WITHDRAWN}),
    ClaimState.ACCEPTED: frozenset(),
    ClaimState.REFUSED: frozenset(),
    ClaimState.WITHDRAWN: frozenset(),
}

# Faults of the carrier; each revokes the automatic review and records the shipping compensation (AF-08).
FAULTS = frozenset({ClaimKind.FALSE_DELIVERY, ClaimKind.LOSS, ClaimKind.DAMAGE})


class Refusal(StrEnum):
    """Why something can't be handed in."""

    MIRRORED = "mirrored"
    NO_PARCEL = "no_parcel"
    NOT_ABNORMAL = "not_abnormal"
    NOT_DELIVERED = "not_delivered"
    DELIVERED = "delivered"
    WAITING = "waiting"
    NO_FILE = "no_file"
    NO_PDF = "no_pdf"
    TIME_MISSING = "time_missing"
    TIME_AHEAD = "time_ahead"
    TIME_BEFORE_ORDER = "time_before_order"


@dataclass(frozen=True, slots=True)
class ClaimedParcel:
    """The parcel that something is handed in about. ``abnormal``: in the pool or held for its trace."""

    created_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    abnormal: bool


def refusal_of(kind: ClaimKind, parcel: ClaimedParcel) -> Refusal | None:
    """Why a kind can't be handed in about a parcel, None where it can."""
    if parcel.shipped_at is None:
        return Refusal.NO_PARCEL
    if kind is ClaimKind.PICKUP:
        return None if parcel.abnormal else Refusal.NOT_ABNORMAL
    if kind is ClaimKind.LOSS:
        return Refusal.DELIVERED if parcel.delivered_at is not None else None
    return Refusal.NOT_DELIVERED if parcel.delivered_at is None else None


def time_refusal(happened_at: datetime | None, parcel: ClaimedParcel, at: datetime) -> Refusal | None:
    """What is wrong with the stated time of a pickup."""
    if happened_at is None:
        return Refusal.TIME_MISSING
    if happened_at > at:
        return Refusal.TIME_AHEAD
    return Refusal.TIME_BEFORE_ORDER if happened_at < parcel.created_at else None


# ── What the files say ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class FileSays:
    """Whether what the form states stands in a file, too: tracking number, carrier and day of the pickup. None: the
    file was not read, or nothing was stated."""

    number: bool | None = None
    carrier: bool | None = None
    day: bool | None = None


def file_says(
    lines: Sequence[str] | None, *, tracking_no: str, carriers: Iterable[str], happened_at: datetime | None
) -> FileSays:
    """Compare a file's lines of text (None: not read) with the form; ``carriers`` are the carrier's code and name."""
    if not lines:
        return FileSays()
    text = _compact(" ".join(lines))
    names = [name for name in map(_compact, carriers) if name]
    return FileSays(
        number=_compact(tracking_no) in text if tracking_no else None,
        carrier=any(name in text for name in names) if names else None,
        day=_names_day(lines, happened_at) if happened_at is not None else None,
    )


def _names_day(lines: Iterable[str], happened_at: datetime) -> bool:
    """A time in China's zone may be of another day than in UTC: either is right."""
    wanted = {happened_at.astimezone(zone).date() for zone in (SHANGHAI, UTC)}
    return any(_within(seen.first, seen.last, wanted) for line in lines for seen in dates_in(line))


def _within(first: date, last: date, wanted: Iterable[date]) -> bool:
    return any(day in (first, last) for day in wanted)


def _compact(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).upper()
