"""The penalties and cases of a governed store from the lives of its red notices and its points, written from the rules
alone (PN-14, PN-42, PN-43). Slow on purpose: every instant at which something may change is looked at in turn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHANGHAI = 8 * HOUR
RESTRICTIONS = ("promotion_block", "search_demotion")
# From which states people and the clock lead where.
MOVES = {
    "open": ({"issued"}, "opened"),
    "appeal": ({"opened", "plan"}, "appealing"),
    "withdraw": ({"appealing"}, "opened"),
    "accept": ({"appealing"}, "accepted"),
    "reject": ({"appealing"}, "plan"),
    "rectify": ({"issued", "opened", "waived", "plan", "failed"}, "rectified"),
    "resolve": ({"failed"}, "resolved"),
}
ENDED = {"accepted", "rectified", "resolved"}
ACTING = {"appealing", "plan"}
POINTS = ((12, 7, RESTRICTIONS[1:]), (24, 14, RESTRICTIONS[1:]), (36, 30, RESTRICTIONS))

# Kind, cause, begin, end, how it ended.
Row = tuple[str, str, datetime, "datetime | None", str]


@dataclass
class Red:
    """A red notice and what people do about it, in order of time."""

    number: str
    triggered_at: datetime
    doings: Sequence[tuple[datetime, str]] = ()
    state: str = "issued"
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    plan_since: datetime | None = None
    begun: dict[str, datetime] = field(default_factory=dict)
    closing_at: datetime | None = None

    def live(self, until: datetime) -> None:
        """Let it live until an instant, which is not looked at itself."""
        instants = {self.triggered_at + hours * HOUR for hours in (0, 72, 168, 720)} | {at for at, _ in self.doings}
        while instants:
            at = min(instants)
            instants.remove(at)
            if at >= until or self.ended_at is not None:
                break
            for when, what in self.doings:
                if when == at:
                    self.do(what, at)
            self.clock(at)
            if self.plan_since is not None:
                instants |= {due for due in (self.plan_since + 7 * DAY,) if due > at}

    def do(self, what: str, at: datetime) -> None:
        before, to = MOVES[what]
        if self.state not in before:
            return
        self.state = to
        if what == "open":
            self.opened_at = at
        self.plan_since = at if to == "plan" else None
        if to in ENDED:
            self.ended_at = at

    def clock(self, at: datetime) -> None:
        """What comes by the clock; the second in which something is due is still in time for people."""
        if self.plan_since is not None and at == self.plan_since + 7 * DAY:
            self.state, self.plan_since = "failed", None
        if self.ended_at is not None:
            return
        since = at - self.triggered_at
        if since >= 0 * HOUR:
            for kind in RESTRICTIONS:
                self.begun.setdefault(kind, at)
        if since >= 72 * HOUR and self.state == "issued":
            self.state = "waived"
            self.begun["flash_deals_block"] = at
        if since >= 168 * HOUR and self.state not in ACTING:
            self.begun.setdefault("funds_hold", at)
        if since >= 720 * HOUR and self.state not in ACTING and self.closing_at is None:
            self.closing_at = at


def notice_rows(reds: Iterable[Red]) -> list[Row]:
    """What red notices brought that have lived."""
    return [
        (kind, red.number, at, red.ended_at, "" if red.ended_at is None else ending(red))
        for red in reds
        for kind, at in red.begun.items()
    ]


def ending(red: Red) -> str:
    return "lifted" if red.state == "accepted" else "met"


def notice_cases(reds: Sequence[Red]) -> list[tuple[str, str, datetime]]:
    """Closing reviews, and a licence re-check per month of three red notices."""
    found = [("closing_review", red.number, red.closing_at) for red in reds if red.closing_at is not None]
    months: set[str] = set()
    for last in sorted(reds, key=lambda one: one.triggered_at):
        month = f"{last.triggered_at + SHANGHAI:%Y-%m}"
        counting = [
            one
            for one in reds
            if f"{one.triggered_at + SHANGHAI:%Y-%m}" == month
            and one.triggered_at <= last.triggered_at
            and not (one.state == "accepted" and one.ended_at is not None and one.ended_at <= last.triggered_at)
        ]
        if len(counting) >= 3 and month not in months:
            months.add(month)
            found.append(("licence_recheck", month, last.triggered_at))
    return found


@dataclass(frozen=True)
class Points:
    points: int
    cause: str
    at: datetime
    lifted_at: datetime | None = None


def points_rows(entries: Sequence[Points], until: datetime) -> tuple[list[Row], list[tuple[str, str, datetime]]]:
    """What points brought, as they counted at each change: a row begins with the entry that reaches its step, and ends
    by its days, or when lifting points takes it below."""
    rows: dict[tuple[str, str], Row] = {}
    cases: dict[str, datetime] = {}
    instants = sorted({one.at for one in entries} | {one.lifted_at for one in entries if one.lifted_at is not None})
    for now in [at for at in instants if at < until]:
        there = {
            (kind, cause): (at, end)
            for kind, cause, at, end in reached([one for one in entries if one.at <= now and not is_lifted(one, now)])
        }
        for key, (at, end) in there.items():
            rows.setdefault(key, (*key, at, end, "expired") if end < until else (*key, at, None, ""))
        for key, (kind, cause, at, end, _how) in list(rows.items()):
            if key not in there and (end is None or end > now):
                rows[key] = (kind, cause, at, now, "lifted")
        total = 0
        for one in sorted(entries, key=lambda one: (one.at, one.cause)):
            if one.at <= now and not is_lifted(one, now):
                total += one.points
                if total >= 48:
                    cases.setdefault("2026", one.at)
    return list(rows.values()), [("store_closing", year, at) for year, at in cases.items()]


def is_lifted(one: Points, now: datetime) -> bool:
    return one.lifted_at is not None and one.lifted_at <= now


def reached(entries: Sequence[Points]) -> Iterable[tuple[str, str, datetime, datetime]]:
    total = 0
    for one in sorted(entries, key=lambda one: (one.at, one.cause)):
        before, total = total, total + one.points
        for least, days, kinds in POINTS:
            if before < least <= total:
                yield from ((kind, f"{least} verdict {one.cause}", one.at, one.at + days * DAY) for kind in kinds)
