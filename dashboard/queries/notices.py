"""The notices of a store that stand, as work that waits for the seller (PG-03, PN-07)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.models import Deadline
from notifications.models import Notice
from notifications.queries.notices import active_notices, deadlines_of
from notifications.queries.rectify import Rectification, rectification_of
from stores.models import Store


@dataclass(frozen=True, slots=True)
class NoticeWork:
    """A notice with its deadlines by kind, and what of its problem orders can still be mended."""

    notice: Notice
    deadlines: Mapping[str, Deadline]
    rectification: Rectification


def notice_work(store: Store, at: datetime) -> list[NoticeWork]:
    """The notices that stand, predicted ones too, red ones first."""
    notices = list(active_notices(store).select_related("opened_by"))
    deadlines = deadlines_of(store, [notice.number for notice in notices]) if notices else {}
    return [NoticeWork(notice, deadlines[notice.number], rectification_of(store, notice, at)) for notice in notices]
