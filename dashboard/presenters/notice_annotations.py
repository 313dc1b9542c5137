"""Notices as marks on the charts of metrics (PG-04)."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from dashboard.presenters.happening import Happening
from notifications.models import Notice
from notifications.presenters.parts import notice_url, threshold_of, unit_of
from notifications.queries.notices import notices_between
from notifications.rules import Level
from notifications.texts import figure
from stores.models import Store


def notice_happenings(*, store: Store, code: str, first: date, last: date) -> Sequence[Happening]:
    """The notices of a metric's days; those that nothing follows from in a calm colour."""
    return [
        Happening(
            day=notice.day,
            text=_text(notice),
            tone="muted" if notice.is_apart else str(notice.level),
            url=notice_url(notice, store.store_no),
        )
        for notice in notices_between(store, code, first, last)
    ]


def _text(notice: Notice) -> str:
    title = _("Red notice %(number)s") if notice.level == Level.RED else _("Yellow notice %(number)s")
    value = figure(notice.value, unit_of(notice), threshold_of(notice))
    return f"{title % {'number': notice.number}}: {value} · {notice.get_state_display()}"
