"""Notices for what-if (BX-04): which are open, and how levels change them."""

from collections.abc import Mapping
from datetime import date

from insights.queries.whatif.notices import CurrentNotice
from metrics.catalogue import Calendar
from notifications.models import JudgedDay, Notice
from notifications.queries.notices import open_notices
from notifications.rules import NoticeLevel, State, step_for
from stores.models import Store


class StoreNotices:
    """The book that metrics asks: `insights.queries.whatif.notices.NoticeBook`."""

    def current(self, store: Store) -> Mapping[str, CurrentNotice]:
        """Of a governed store the open notices, of a mirrored one the predicted ones that no day has ended."""
        if self.ends_within(store):
            rows = Notice.objects.filter(store=store, state=State.PREDICTED, ended_day=None)
        else:
            rows = open_notices(store)
        # The worst of a metric stands; red sorts before yellow.
        worst: dict[str, Notice] = {}
        for notice in rows.select_related("replaces").order_by("level", "day"):
            worst.setdefault(notice.metric, notice)
        return {
            code: CurrentNotice(code, notice.level, notice.number, notice.day, _since(notice))
            for code, notice in worst.items()
        }

    def step(self, level: str, current: str | None) -> str:
        """PN-06."""
        return str(step_for(NoticeLevel(level), NoticeLevel(current) if current else None))

    def ends_within(self, store: Store) -> bool:
        """Notices of mirrored stores stand apart until a day within bounds (DM-11a)."""
        return bool(store.mode == Store.Mode.MIRRORED)

    def is_judged(self, store: Store, day: date, calendar: Calendar) -> bool:
        """MX-09."""
        return JudgedDay.objects.filter(store=store, day=day, calendar=calendar).exists()


def _since(notice: Notice) -> date:
    """The day of the notice that an escalated one began with: at most one, as there are two levels."""
    return notice.replaces.day if notice.replaces is not None else notice.day


BOOK = StoreNotices()
