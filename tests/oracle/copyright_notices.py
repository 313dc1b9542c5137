"""The copyright notices of a governed store from its complaints and the times at which listings were down, written from
the rules alone (PN-24, PN-33). Slow on purpose: after everything that happens all is looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

DAY = timedelta(days=1)
SHANGHAI = timedelta(hours=8)
RED_COUNT, WINDOW, RECTIFIED_AFTER = 2, 90, 7 * DAY
# A red notice that nobody opened in time: its appeal is waived, and nothing lifts it any more (PN-02).
WAIVED_AFTER = timedelta(hours=72)

# Level, state, day, when it ended.
Row = tuple[str, str, date, "datetime | None"]


@dataclass(frozen=True)
class Deed:
    """What happens at an instant: a complaint is ``upheld`` or decided the other way (``overturned``), its listing goes
    ``offline`` or ``online``. ``about``: the complaint's number, or the listing."""

    at: datetime
    what: str
    about: str
    sku: str = ""


@dataclass
class Notice:
    level: str
    since: datetime
    snapshot: dict[str, tuple[datetime, str]]
    named: set[str]
    state: str = "issued"
    ended_at: datetime | None = None


@dataclass
class Store:
    """What is known at an instant. ``upheld``: complaints that stand, by number: when and about what; ``down``: since
    when a listing is down."""

    upheld: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    down: dict[str, datetime] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    def open(self) -> Notice | None:
        return next((one for one in self.notices if one.state in ("issued", "waived")), None)

    def uphold(self, number: str, at: datetime, sku: str) -> None:
        self.upheld[number] = (at, sku)
        first = day_of(at) - (WINDOW - 1) * DAY
        counted = {one: about for one, about in self.upheld.items() if first <= day_of(about[0])}
        level = "red" if len(counted) >= RED_COUNT else "yellow"
        present = self.open()
        if present is not None and (present.level == "red" or level == "yellow"):
            present.named.add(number)
            return
        if any(one.level == level and day_of(one.since) == day_of(at) for one in self.notices):
            return
        if present is not None:
            present.state, present.ended_at = "escalated", at
        self.notices.append(Notice(level, at, counted, set(counted)))

    def overturn(self, number: str, at: datetime) -> None:
        self.upheld.pop(number, None)
        present = self.open()
        lifted = present is not None and present.state == "issued"
        if present is not None and lifted and len(present.named & self.upheld.keys()) < needed(present):
            present.state, present.ended_at = "accepted", at

    def due(self) -> datetime | None:
        """When the open notice is rectified if nothing changes."""
        present = self.open()
        if present is None:
            return None
        standing = [self.upheld[number] for number in present.named & self.upheld.keys()]
        lasting = standing if len(standing) >= needed(present) else present.snapshot.values()
        latest = sorted((day_of(at) for at, _sku in lasting), reverse=True)
        left = start_of(latest[needed(present) - 1] + WINDOW * DAY)
        downs = [self.down.get(sku) for _at, sku in standing]
        mended = [left] if None in downs or not downs else [left, max(at for at in downs if at is not None)]
        return max(min(mended) + RECTIFIED_AFTER, present.since)

    def rectify(self, until: datetime) -> None:
        """What the clock brought before an instant."""
        due, present = self.due(), self.open()
        if present is not None and present.level == "red" and present.since + WAIVED_AFTER <= until:
            present.state = "waived"
        if due is not None and present is not None and due <= until:
            present.state, present.ended_at = "rectified", due


def needed(notice: Notice) -> int:
    return RED_COUNT if notice.level == "red" else 1


def day_of(at: datetime) -> date:
    return (at + SHANGHAI).date()


def start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - SHANGHAI


def copyright_rows(deeds: Sequence[Deed], end: datetime) -> list[Row]:
    """The notices in the order in which they were issued, as they are at ``end``."""
    store = Store()
    for deed in sorted(deeds, key=lambda one: one.at):
        store.rectify(deed.at)
        if deed.what == "upheld":
            store.uphold(deed.about, deed.at, deed.sku)
        elif deed.what == "overturned":
            store.overturn(deed.about, deed.at)
        elif deed.what == "offline":
            store.down.setdefault(deed.about, deed.at)
        else:
            store.down.pop(deed.about, None)
        store.rectify(deed.at)
    store.rectify(end)
    return [(one.level, one.state, day_of(one.since), one.ended_at) for one in store.notices]
