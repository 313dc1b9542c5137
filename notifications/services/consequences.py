"""What hangs on a store's figures and is looked at again when they are corrected (BX-03): notices, freezes, and what
apps add.

A kind of consequence is declared with the function that re-evaluates it::

    @reevaluates("penalty")
    def end_groundless_penalties(correction: Correction) -> list[Outcome]: ...
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from core.events import SYSTEM
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.streaks import crosses_threshold
from metrics.services.freezing import end_groundless_freezes
from notifications.complaints import COPYRIGHT
from notifications.models import Notice
from notifications.queries.notices import open_notices
from notifications.rules import TRANSITIONS, NoticeLevel, State
from notifications.services.lifecycle import move_notice
from notifications.services.plans import open_plan
from stores.models import Store


@dataclass(frozen=True, slots=True)
class Correction:
    """A store whose figures were corrected at ``at`` because of ``cause_no``: ``span`` has its days as they are now,
    ``changed`` the days and metrics whose results differ. ``appealed``: the notice whose appeal was accepted, if one
    was."""

    store: Store
    span: StoreSpan
    cause_no: str
    at: datetime
    changed: frozenset[tuple[date, str]]
    appealed: Notice | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a consequence: its kind and key, and its state before and after."""

    kind: str
    key: str
    before: str
    after: str

    def as_data(self) -> dict[str, str]:
        """For storage as JSON."""
        return asdict(self)


Reevaluation = Callable[[Correction], list[Outcome]]
_kinds: dict[str, Reevaluation] = {}


def reevaluates(kind: str) -> Callable[[Reevaluation], Reevaluation]:
    """Have consequences of a kind re-evaluated by a function. Raises ValueError for a kind that is taken."""

    def register(reevaluate: Reevaluation) -> Reevaluation:
        if _kinds.setdefault(kind, reevaluate) is not reevaluate:
            raise ValueError(f"two kinds of consequence {kind!r}")
        return reevaluate

    return register


def reevaluate_consequences(correction: Correction) -> list[Outcome]:
    """Re-evaluate every kind, in the order in which they were declared; returns what changed. Call it in the
    transaction of the correction, with the store's row held."""
    return [outcome for reevaluate in _kinds.values() for outcome in reevaluate(correction)]


# ── Notices ────────────────────────────────────────────────────────────────────────────────────────────────────────


@reevaluates("notice")
def end_groundless_notices(correction: Correction) -> list[Outcome]:
    """End the open notices whose metric no longer crosses their threshold on their day, as an accepted appeal does
    (AP-05, PN-33). The appealed one gets an improvement plan where it still stands (PN-10). Notices that the correction
    does not reach stay, whatever late data made of their days (MX-08)."""
    return list(_ended(correction))


def _ended(correction: Correction) -> Iterator[Outcome]:
    appealed = None if correction.appealed is None else correction.appealed.pk
    for notice in open_notices(correction.store):
        notice.store = correction.store
        before = State(notice.state)
        if notice.pk != appealed and (notice.day, notice.metric) not in correction.changed:
            continue
        if not still_stands(correction.span, notice):
            after = {"correction": correction.cause_no}
            accept_notice(notice=notice, at=correction.at, cause="BX-03", after=after)
        elif notice.pk == appealed:
            # The appeal was accepted in part, which is not enough.
            open_plan(notice=notice, at=correction.at, actor=SYSTEM, cause="PN-10")
        if notice.state != before:
            yield Outcome("notice", notice.number, before.value, State(notice.state).value)


def still_stands(span: StoreSpan, notice: Notice) -> bool:
    """Whether the metric still crosses the notice's own threshold on its day. Without the data streams that it needs
    nothing can be said, so it does; with too few orders it does not (MX-05)."""
    if notice.metric == COPYRIGHT:
        # No figure was judged: an appeal that is accepted in any part ends it.
        return False
    day = span.on(notice.day)
    value, terms = day.value(notice.metric), day.terms[notice.metric]
    if not value.has_feeds:
        return True
    if value.exact is None or not value.sufficient:
        return False
    threshold = notice.red if notice.level == NoticeLevel.RED else notice.yellow
    return threshold is None or crosses_threshold(terms, value.exact, Fraction(threshold))


def accept_notice(*, notice: Notice, at: datetime, cause: str, after: Mapping[str, Any]) -> None:
    """Move a notice that no longer stands to accepted, on the way that PN-33 has; one whose appeal was waived or whose
    plan failed has none, and stays as it is. ``after``: what its events tell besides the new state."""
    for state in _way_to_accepted(State(notice.state)):
        move_notice(notice=notice, to=state, at=at, actor=SYSTEM, cause=cause, after=after)


def _way_to_accepted(state: State) -> tuple[State, ...]:
    """The moves from an open state to accepted: a correction counts as an accepted appeal."""
    way: tuple[State, ...] = (State.ACCEPTED,)
    for step in (State.APPEALING, State.OPENED):
        if way[0] in TRANSITIONS[state]:
            return way
        way = (step, *way)
    return way if way[0] in TRANSITIONS[state] else ()


# ── Freezes ────────────────────────────────────────────────────────────────────────────────────────────────────────


@reevaluates("freeze")
def end_freezes(correction: Correction) -> list[Outcome]:
    """End the freezes of the rating that no anomaly holds up any more (SR-06)."""
    ended = end_groundless_freezes(store=correction.store, reason=correction.cause_no, at=correction.at)
    return [Outcome("freeze", freeze.start_day.isoformat(), "open", "ended") for freeze in ended]
