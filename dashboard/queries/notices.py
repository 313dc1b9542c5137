"""The notices of a store that stand, as work that waits for the seller (PG-03, PN-07)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.models import Deadline
from notifications.models import Notice
from notifications.queries.notices import clocks_of, standing_notices
from notifications.queries.rectify import Rectification, rectification_of
from stores.models import Store


@dataclass(frozen=True, slots=True)
class NoticeWork:
    """A notice with its deadlines by kind, and what of its problem orders can still be mended."""

    notice: Notice
    clocks: Mapping[str, Deadline]
    rectification: Rectification


def notice_work(store: Store, at: datetime) -> list[NoticeWork]:
    """The notices that stand, predicted ones too, red ones first."""
    notices = list(standing_notices(store).select_related("opened_by"))
    clocks = clocks_of(store, [notice.number for notice in notices]) if notices else {}
    return [NoticeWork(notice, clocks[notice.number], rectification_of(store, notice, at)) for notice in notices]
