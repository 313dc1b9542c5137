"""The notices of one metric of a governed store over days, written from the table of states alone (PN-05, PN-06, PN-10,
PN-18, PN-33, BX-06). Slow on purpose: every night looks at every window of days anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

CLEAR_DAYS, CLEAR_WITHIN, RECTIFY_DAYS = 3, 7, 7
OVER = {"yellow", "red"}
OPEN = {"issued", "opened", "appealing", "waived", "plan", "failed"}
# What people, reviewers and clocks do to an open notice: from which states, and where it leads.
DOINGS = {
    "open": ({"issued"}, "opened"),
    "waive": ({"issued"}, "waived"),
    "appeal": ({"opened", "plan"}, "appealing"),
    "withdraw": ({"appealing"}, "opened"),
    "accept": ({"appealing"}, "accepted"),
    "reject": ({"appealing"}, "plan"),
    "fail": ({"plan"}, "failed"),
    "resolve": ({"failed"}, "resolved"),
}


@dataclass(frozen=True)
class Known:
    """What was published of a day: its word, its value, and whether that lies beyond the yellow line; ``late``: it was
    judged too late to act (MX-09)."""

    level: str
    value: Fraction | None = None
    past_yellow: bool = False
    late: bool = False


@dataclass
class Told:
    """A notice: level, performance day, state; ``begun``: its plan was handed in, at which value."""

    level: str
    day: date
    state: str = "issued"
    begun: bool = False
    value: Fraction | None = None


class Metric:
    """One metric of a store. More is worse."""

    def __init__(self) -> None:
        self.known: dict[date, Known] = {}
        self.told: list[Told] = []

    def standing(self) -> Told | None:
        return next((one for one in self.told if one.state in OPEN), None)

    def judge(self, day: date, known: Known) -> None:
        """A night: first notices end, then a notice is issued or escalated."""
        self.known[day] = known
        standing = self.standing()
        if standing is not None and (to := self.ends(standing, day)):
            standing.state = to
        # reading: what is caught up ends notices, and issues none that act.
        if known.level not in OVER or known.late or self.is_immune(known):
            return
        standing = self.standing()
        if standing is None:
            self.told.append(Told(known.level, day))
        elif (standing.level, known.level) == ("yellow", "red"):
            standing.state = "escalated"
            self.told.append(Told("red", day))

    def ends(self, one: Told, day: date) -> str:
        """Where the day leads an open notice, empty if nowhere."""
        # reading: any window of consecutive performance days after the notice's that holds the day just judged.
        soon = [day for day in self.good_days(one) if day <= one.day + timedelta(days=CLEAR_WITHIN)]
        if one.level == "yellow" and one.state in {"issued", "opened", "plan"} and holds(soon, day, CLEAR_DAYS):
            return "cleared"
        if one.state != "appealing" and holds(self.good_days(one), day, RECTIFY_DAYS):
            return "rectified"
        return ""

    def good_days(self, one: Told) -> list[date]:
        """The days after a notice's on which the metric was within its line."""
        # reading: na can't cross a line; few, stale, silent and unknown days are no good days.
        good = {"red": {"ok", "na", "yellow"}, "yellow": {"ok", "na"}}[one.level]
        return [
            day
            for day, known in self.known.items()
            if day > one.day and known.level in good and not (one.level == "yellow" and known.past_yellow)
        ]

    def is_immune(self, known: Known) -> bool:
        """BX-06, while a plan that was handed in runs."""
        standing = self.standing()
        if standing is None or standing.state != "plan" or not standing.begun:
            return False
        if known.level == "yellow":
            return True
        return standing.value is not None and known.value is not None and known.value <= standing.value

    def do(self, what: str) -> bool:
        """Something happens to the open notice, if its state allows it; whether it did."""
        one = self.standing()
        if one is None:
            return False
        if what == "hand in":
            if one.state != "plan" or one.begun:
                return False
            one.begun, one.value = True, self.last_value()
            return True
        before, to = DOINGS[what]
        if one.state not in before or (what == "waive" and one.level != "red"):
            return False
        one.state = to
        return True

    def last_value(self) -> Fraction | None:
        """The value of the last day that says something."""
        # reading: published by then; a day on which the metric doesn't apply has a value that is shown.
        said = [day for day, known in self.known.items() if known.level in OVER | {"ok", "na"}]
        return self.known[max(said)].value if said else None


def holds(days: Iterable[date], day: date, length: int) -> bool:
    """Whether some window of so many consecutive days that holds ``day`` is among ``days``."""
    among = set(days)
    windows = ({day + timedelta(days=place - back) for place in range(length)} for back in range(length))
    return any(window <= among for window in windows)


def notices(nights: Iterable[tuple[date, Known]], doings: Mapping[date, list[str]]) -> list[tuple[str, date, str]]:
    """Level, day and state of each notice after nights in their order, each followed by what is done."""
    metric = Metric()
    for day, known in nights:
        metric.judge(day, known)
        for what in doings.get(day, ()):
            metric.do(what)
    return [(one.level, one.day, one.state) for one in metric.told]
