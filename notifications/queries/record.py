"""The performance record of a store, page by page (PG-10)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.paginator import Page, Paginator

from notifications.models import Notice
from notifications.queries.notices import NoticeQuery, count_parts, find_notices

NOTICES_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of a part of the record, and how many notices each part holds."""

    page: Page[Notice]
    counts: Mapping[str, int]


def record_page(query: NoticeQuery, page: str | None) -> RecordPage:
    """The page of this number."""
    notices = find_notices(query).select_related("opened_by")
    return RecordPage(Paginator(notices, NOTICES_A_PAGE).get_page(page), count_parts(query.store))
