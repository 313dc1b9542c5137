"""What may get a seller misjudged in a dispute (DP-14): numbers, silent traces, absolute claims in the listing."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise


class Risk(StrEnum):
    """What the guard looks for."""

    NUMBER_REUSED = "number_reused"
    NUMBER_MALFORMED = "number_malformed"
    TRACE_SILENT = "trace_silent"
    ABSOLUTE_CLAIM = "absolute_claim"


@dataclass(frozen=True, slots=True)
class GuardFinding:
    """A finding about a tracking number or a listing (``subject``). ``params``: what its words name."""

    risk: Risk
    subject: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Silence:
    """A time without a scan; ``until`` is None while it lasts."""

    since: datetime
    until: datetime | None


def longest_silence(
    shipped_at: datetime | None, scans: Iterable[datetime], ended_at: datetime | None, at: datetime
) -> Silence | None:
    """The longest time without a scan of a parcel from dispatch to its delivery, return or loss, or to ``at``."""
    known = sorted(instant for instant in scans if instant <= at)
    begin = shipped_at or (known[0] if known else None)
    if begin is None or begin > at:
        return None
    stop = ended_at or at
    marks = [begin, *(instant for instant in known if begin < instant < stop), stop]
    gaps = [(later - earlier, earlier, later) for earlier, later in pairwise(marks)]
    span, since, until = max(gaps, key=lambda gap: gap[0])
    if span <= timedelta(0):
        return None
    return Silence(since, None if ended_at is None and until == at else until)


def lasts_longer(silence: Silence | None, limit: timedelta, at: datetime) -> bool:
    """Whether a silence is longer than the limit: a scan in the whole last second of it ends it in time (RL-05)."""
    return silence is not None and (silence.until or at) - silence.since > limit


def absolute_claims(text: str, words: Mapping[str, Sequence[str]]) -> list[str]:
    """The absolute claims of any language in a text, as the word list writes them, in its order."""
    folded = text.casefold()
    return [claim for claim in dict.fromkeys(_all(words)) if _pattern(claim).search(folded)]


def _all(words: Mapping[str, Sequence[str]]) -> Iterable[str]:
    return (claim for claims in words.values() for claim in claims)


@lru_cache(maxsize=1024)
def _pattern(claim: str) -> re.Pattern[str]:
    """The claim as whole words; scripts without spaces, such as Chinese, have no ends of words."""
    parts = r"\s+".join(re.escape(part) for part in claim.casefold().split())
    spaced = claim.isascii() or any("\u0400" <= sign <= "\u04ff" or "\u00c0" <= sign <= "\u024f" for sign in claim)
    return re.compile(rf"(?<!\w){parts}(?!\w)" if spaced else parts)
