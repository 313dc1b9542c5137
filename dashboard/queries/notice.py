"""Everything that the page of one notice shows (PN-30)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator

from core.models import Deadline
from insights.queries.causes import Causes, causes_of
from insights.queries.metric import metric_page
from insights.queries.status import MetricStatus
from insights.rules.causes import has_causes
from metrics.reasons.lookup import Reason
from notifications.models import Notice, NoticeOrder
from notifications.queries.notices import Orders, deadlines_of, present_status, similar_notices
from notifications.queries.reasons import with_reasons
from notifications.queries.rectify import Rectification, rectification_of

ORDERS_A_PAGE = 20
# The print version shows all problem orders, at most so many (PG-21).
ORDERS_PRINTED = 2_000


@dataclass(frozen=True, slots=True)
class NoticePage:
    """``deadlines``: those of the notice by kind; ``present``: how its metric stands now; ``similar``: earlier notices
    of the metric; ``orders``: a page of the problem orders with their reasons; ``causes``: of the print version, which
    has everything in the first answer."""

    notice: Notice
    deadlines: Mapping[str, Deadline]
    replaced_by: Notice | None
    rectification: Rectification
    present: MetricStatus
    similar: Sequence[Notice]
    page: Page[NoticeOrder]
    orders: Sequence[tuple[NoticeOrder, Reason]]
    causes: Causes | None


def notice_details(notice: Notice, orders: Orders, page: str | None, at: datetime, *, whole: bool) -> NoticePage:
    """Load the page; ``whole``: its print version with every problem order and the causes (PG-21)."""
    shown = Paginator(orders, ORDERS_PRINTED if whole else ORDERS_A_PAGE).get_page(page)
    return NoticePage(
        notice=notice,
        deadlines=deadlines_of(notice.store, [notice.number])[notice.number],
        replaced_by=notice.replaced_by.first(),
        rectification=rectification_of(notice.store, notice, at),
        present=present_status(notice, at),
        similar=similar_notices(notice),
        page=shown,
        orders=list(with_reasons(notice, list(shown))),
        causes=_causes(notice, at) if whole and has_causes(notice.metric) else None,
    )


def _causes(notice: Notice, at: datetime) -> Causes:
    """The root causes as of the notice's day (MX-15)."""
    found = metric_page(store=notice.store, code=notice.metric, at=at, asked=notice.day, span=1)
    return causes_of(found.store_day, notice.metric)
