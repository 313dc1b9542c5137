"""Pure rules of notices: states, what a judged day brings, numbers (PN-01, PN-06, PN-33, MX-09)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import count, takewhile
from typing import Any

from core.numbering import dated_number


class NoticeLevel(StrEnum):
    """The two levels of a notice (PN-02)."""

    YELLOW = "yellow"
    RED = "red"


class State(StrEnum):
    """The states of a notice (PN-33). ``PLAN``: an appeal was rejected and an improvement plan is due or handed in;
    ``FAILED``: the plan failed and a senior reviewer looks at it. Historical and predicted notices are records that
    nothing follows from."""

    ISSUED = "issued"
    OPENED = "opened"
    APPEALING = "appealing"
    WAIVED = "waived"
    ACCEPTED = "accepted"
    PLAN = "plan"
    FAILED = "failed"
    RESOLVED = "resolved"
    RECTIFIED = "rectified"
    CLEARED = "cleared"
    ESCALATED = "escalated"
    HISTORICAL = "historical"
    PREDICTED = "predicted"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.ISSUED: frozenset({State.OPENED, State.WAIVED, State.RECTIFIED, State.CLEARED, State.ESCALATED}),
    State.OPENED: frozenset({State.APPEALING, State.RECTIFIED, State.CLEARED, State.ESCALATED}),
    # Back to opened: the seller withdrew the appeal.
    State.APPEALING: frozenset({State.OPENED, State.ACCEPTED, State.PLAN, State.ESCALATED}),
    State.WAIVED: frozenset({State.RECTIFIED}),
    State.PLAN: frozenset(
        {State.APPEALING, State.FAILED, State.RESOLVED, State.RECTIFIED, State.CLEARED, State.ESCALATED}
    ),
    State.FAILED: frozenset({State.RESOLVED, State.RECTIFIED, State.ESCALATED}),
    State.ACCEPTED: frozenset(),
    State.RESOLVED: frozenset(),
    State.RECTIFIED: frozenset(),
    State.CLEARED: frozenset(),
    State.ESCALATED: frozenset(),
    State.HISTORICAL: frozenset(),
    State.PREDICTED: frozenset(),
}
# Only yellow notices are cleared or escalated, only red ones waived.
YELLOW_ONLY = frozenset({State.CLEARED, State.ESCALATED})
RED_ONLY = frozenset({State.WAIVED})
# While a notice is in one of these, the same level of its metric adds nothing (PN-06).
OPEN_STATES = frozenset({State.ISSUED, State.OPENED, State.APPEALING, State.WAIVED, State.PLAN, State.FAILED})
# A notice in one of these keeps the store out of promotions for a time from its trigger (PN-12, PN-33).
BLOCKING_STATES = OPEN_STATES | {State.RESOLVED, State.RECTIFIED}
# Shown apart from the performance record.
APART_STATES = frozenset({State.HISTORICAL, State.PREDICTED})
# Levels of a metric without its threshold crossed; one that does not apply (any more) can't cross any (DM-31).
WITHIN_LEVELS = frozenset({"ok", "na"})
# Levels that say where a metric stands; those of too few orders or incomplete data don't (MX-05, MX-07).
SAYING_LEVELS = WITHIN_LEVELS | frozenset(NoticeLevel)


def may_move(level: NoticeLevel, state: State, to: State) -> bool:
    """Whether a notice of this level may change from one state to another (PN-33)."""
    if (to in YELLOW_ONLY and level != NoticeLevel.YELLOW) or (to in RED_ONLY and level != NoticeLevel.RED):
        return False
    return to in TRANSITIONS[state]


class AppealResult(StrEnum):
    """What became of the appeal against a notice, as its history tells (PN-13)."""

    NONE = ""
    UNDER_REVIEW = "under_review"
    WAIVED = "waived"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


def appeal_result(state: State, *, has_plan: bool) -> AppealResult:
    """A plan is what a rejected appeal leaves, whatever came of it later."""
    by_state = {
        State.APPEALING: AppealResult.UNDER_REVIEW,
        State.WAIVED: AppealResult.WAIVED,
        State.ACCEPTED: AppealResult.ACCEPTED,
    }
    return by_state.get(state, AppealResult.REJECTED if has_plan else AppealResult.NONE)


class Step(StrEnum):
    """The effect of an evaluated level on the open notice."""

    NOTHING = "nothing"
    ISSUE = "issue"
    ESCALATE = "escalate"


def step_for(level: NoticeLevel, standing: NoticeLevel | None) -> Step:
    """A first level issues, a worse one escalates, the same or a lesser one adds nothing (PN-06)."""
    if standing is None:
        return Step.ISSUE
    return Step.ESCALATE if (standing, level) == (NoticeLevel.YELLOW, NoticeLevel.RED) else Step.NOTHING


def is_within(level: NoticeLevel, published: Mapping[str, Any]) -> bool:
    """Whether a published result lies within the threshold of a notice's level (PN-18, PN-33). A yellow notice is over
    once the value is back, not while only the days before hold its yellow level back (MX-10). What says nothing is not
    within."""
    found = published.get("level")
    if level == NoticeLevel.RED and found == NoticeLevel.YELLOW:
        return True
    return found in WITHIN_LEVELS and (level == NoticeLevel.RED or not published.get("held_back", False))


def streak_length(day: date, within: Collection[date]) -> int:
    """How many consecutive days around ``day`` are among ``within``; 0 where it isn't itself."""
    if day not in within:
        return 0
    return 1 + sum(
        sum(1 for _day in takewhile(within.__contains__, (day + step * timedelta(n) for n in count(1))))
        for step in (-1, 1)
    )


def is_backfill(day_end: datetime, at: datetime, hours: int) -> bool:
    """Whether a day first judged at ``at`` is judged too late for its notices to act (MX-09)."""
    return at > day_end + timedelta(hours=hours)


def number_of(day: date, place: int, mark: str = "") -> str:
    """The number of the ``place``-th notice of a performance day (PN-01) in the cell of the mark."""
    return dated_number("PN", day, place, mark=mark)


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of an improvement plan; ``cause`` is the key of a root cause, ``owner_id`` a member of the company."""

    kind: str
    text: str = ""
    cause: str = ""
    owner_id: int | None = None
    day: date | None = None
    proof: str = ""


@dataclass(frozen=True, slots=True)
class PlanContent:
    """What a seller answers to the three questions: cause, done, prevention (PN-10)."""

    causes: Sequence[Mapping[str, Any]] = ()
    explanation: str = ""
    measures: Sequence[Measure] = ()


class PlanGap(StrEnum):
    """What keeps a plan from being handed in."""

    NO_CAUSE = "no_cause"
    NO_EXPLANATION = "no_explanation"
    NOTHING_DONE = "nothing_done"
    MEASURE_INCOMPLETE = "measure_incomplete"
    CAUSE_WITHOUT_PREVENTION = "cause_without_prevention"


DONE, PREVENTION = "done", "prevention"


def cause_key(cause: Mapping[str, Any]) -> str:
    """How measures name a root cause."""
    return f"{cause['dimension']}:{cause['value']}"


def plan_gaps(content: PlanContent) -> list[PlanGap]:
    """What is missing: a cause with its explanation, something done, and against each cause a prevention; every measure
    with its words, its cause, the person responsible and a day (PN-10)."""
    causes = {cause_key(cause) for cause in content.causes}
    whole = [one for one in content.measures if one.text and one.cause in causes and one.owner_id and one.day]
    prevented = {one.cause for one in whole if one.kind == PREVENTION}
    found = {
        PlanGap.NO_CAUSE: not causes,
        PlanGap.NO_EXPLANATION: not content.explanation.strip(),
        PlanGap.NOTHING_DONE: not any(one.kind == DONE for one in whole),
        PlanGap.MEASURE_INCOMPLETE: len(whole) < len(content.measures),
        PlanGap.CAUSE_WITHOUT_PREVENTION: not prevented or bool(causes - prevented),
    }
    return [gap for gap, missing in found.items() if missing]


# ── Telling people ─────────────────────────────────────────────────────────────────────────────────────────────────


class MessageGroup(StrEnum):
    """What messages are about, as far as people choose whether and how they are sent (PN-02, BX-08)."""

    RED = "red"
    PENALTY = "penalty"
    DEADLINE = "deadline"
    CASE = "case"
    ASSIGNED = "assigned"
    YELLOW = "yellow"
    RISK = "risk"
    SYSTEM = "system"
    NEWS = "news"


class ChannelName(StrEnum):
    """How messages leave the product."""

    MAIL = "mail"
    SMS = "sms"
    PUSH = "push"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    LARK = "lark"
    WECOM = "wecom"


# A chat that a company connected; the others reach a person.
TEAM_CHANNELS = frozenset({ChannelName.DINGTALK, ChannelName.FEISHU, ChannelName.LARK, ChannelName.WECOM})


def target_key(kind: str, pk: int) -> str:
    """How a delivery names where it goes: a ``person``, a ``browser`` or a ``connection``."""
    return f"{kind}:{pk}"


class Pace(StrEnum):
    """How messages of a group are sent by a channel; those of an hour or a day go as one."""

    NOW = "now"
    HOURLY = "hourly"
    DIGEST = "digest"
    NEVER = "never"


# Quiet hours don't hold them up (PN-02).
RED_GROUPS = frozenset({MessageGroup.RED, MessageGroup.PENALTY})
# Mailed at once, whatever the person prefers.
URGENT_GROUPS = RED_GROUPS | {MessageGroup.DEADLINE}
_MAIL: dict[MessageGroup, Pace] = {
    MessageGroup.RED: Pace.NOW,
    MessageGroup.PENALTY: Pace.NOW,
    MessageGroup.DEADLINE: Pace.NOW,
    MessageGroup.CASE: Pace.NOW,
    MessageGroup.ASSIGNED: Pace.NOW,
    MessageGroup.YELLOW: Pace.DIGEST,
    MessageGroup.RISK: Pace.DIGEST,
    MessageGroup.SYSTEM: Pace.NOW,
    MessageGroup.NEWS: Pace.DIGEST,
}
_SMS = dict.fromkeys(URGENT_GROUPS, Pace.NOW)
_PUSH = {**_MAIL, MessageGroup.RISK: Pace.HOURLY, MessageGroup.YELLOW: Pace.NOW, MessageGroup.NEWS: Pace.NEVER}
_TEAM = {**_PUSH, MessageGroup.ASSIGNED: Pace.NEVER}
# What is not named is not sent.
DEFAULT_PACES: dict[ChannelName, dict[MessageGroup, Pace]] = {
    ChannelName.MAIL: _MAIL,
    ChannelName.SMS: _SMS,
    ChannelName.PUSH: _PUSH,
    **dict.fromkeys(TEAM_CHANNELS, _TEAM),
}
# When the daily digest goes out, by the clock of whom it is for, unless they chose another time.
DIGEST_AT = time(9)


# Channels that policy calls otherwise; messages in the product are always there.
POLICY_NAMES = {"email": ChannelName.MAIL, "browser_push": ChannelName.PUSH}


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """What policy asks of channels (PN-02): ``red`` carry red notices and penalties whatever anybody chooses,
    ``yellow`` carry yellow notices unless somebody chooses otherwise, ``extra`` are those that a company can add."""

    red: frozenset[ChannelName]
    yellow: frozenset[ChannelName]
    extra: frozenset[ChannelName]

    def is_mandatory(self, group: MessageGroup, channel: ChannelName) -> bool:
        """Whether nobody can switch a group off. Deadlines are always mailed."""
        if group in RED_GROUPS:
            return channel in self.red
        return group in URGENT_GROUPS and channel == ChannelName.MAIL

    def may_add(self, channel: ChannelName) -> bool:
        """Whether messages may go by a channel at all."""
        return channel in self.red | self.yellow | self.extra

    def pace(self, channel: ChannelName, group: MessageGroup, chosen: Pace | None) -> Pace:
        """How messages of a group are sent by a channel, where somebody chose a pace, or nobody did (None)."""
        if self.is_mandatory(group, channel):
            return Pace.NOW
        if chosen is not None:
            return chosen
        usual = DEFAULT_PACES[channel].get(group, Pace.NEVER)
        if group != MessageGroup.YELLOW or channel in self.extra:
            return usual
        if channel not in self.yellow:
            return Pace.NEVER
        return Pace.NOW if usual == Pace.NEVER else usual


def channel_rules(red: Collection[str], yellow: Collection[str], extra: Collection[str]) -> ChannelRules:
    """The rules, by the names that policy uses."""
    known = {**{name.value: name for name in ChannelName}, **POLICY_NAMES}
    sets = [frozenset(known[name] for name in names if name in known) for names in (red, yellow, extra)]
    return ChannelRules(*sets)


@dataclass(frozen=True, slots=True)
class Hours:
    """Quiet hours, from ``quiet_from`` up to ``quiet_until``, and the time of the digest, by the clock of ``zone``."""

    zone: tzinfo
    quiet_from: time | None = None
    quiet_until: time | None = None
    digest_at: time = DIGEST_AT

    def quiet_end(self, at: datetime) -> datetime | None:
        """When the quiet hours end within which an instant lies; None outside of them."""
        if self.quiet_from is None or self.quiet_until is None or self.quiet_from == self.quiet_until:
            return None
        now = at.astimezone(self.zone).time()
        spans_midnight = self.quiet_from > self.quiet_until
        is_late, is_early = now >= self.quiet_from, now < self.quiet_until
        is_quiet = (is_late or is_early) if spans_midnight else (is_late and is_early)
        return self._next(self.quiet_until, at) if is_quiet else None

    def digest_due(self, at: datetime) -> datetime:
        """The first time of the digest after an instant."""
        return self._next(self.digest_at, at)

    def _next(self, clock: time, at: datetime) -> datetime:
        local = at.astimezone(self.zone)
        due = local.replace(hour=clock.hour, minute=clock.minute, second=clock.second, microsecond=0)
        return (due if due > local else due + timedelta(days=1)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Due:
    """When a message goes, and whether it goes with others of the same time as one."""

    at: datetime
    is_digest: bool = False


def due_of(group: MessageGroup, pace: Pace, at: datetime, hours: Hours, *, ends_at: datetime | None = None) -> Due:
    """When a message of an instant goes (PN-02). What quiet hours hold up goes as one when they end. Red messages
    never wait, nor does what would be over by then: a deadline that ends (``ends_at``) within the quiet hours."""
    if pace == Pace.DIGEST:
        return Due(hours.digest_due(at), True)
    due = Due(_full_hour(at), True) if pace == Pace.HOURLY else Due(at)
    quiet_end = None if group in RED_GROUPS else hours.quiet_end(due.at)
    if quiet_end is None or (ends_at is not None and ends_at <= quiet_end):
        return due
    return Due(quiet_end, True)


def _full_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def reminder_due(due_at: datetime, hours_before: Sequence[int], after: datetime) -> datetime | None:
    """The first reminder of a deadline that comes after an instant; None where none is left."""
    later = [due_at - timedelta(hours=hours) for hours in hours_before]
    return min((instant for instant in later if instant > after), default=None)


def last_reminder_due(due_at: datetime, hours_before: Sequence[int], until: datetime) -> datetime | None:
    """The last reminder of a deadline that was due until an instant: a late sweep sends this one only (BX-08)."""
    earlier = [due_at - timedelta(hours=hours) for hours in hours_before]
    return max((instant for instant in earlier if instant <= until), default=None)
