"""The context of the page of all stores (PG-02)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from disputes.services import ANSWER as DISPUTE_ANSWER
from metrics import words
from metrics.catalogue import METRICS, Calendar
from metrics.forms import StoreFilter
from metrics.queries.days import next_run_at
from metrics.queries.stores import (
    MOST_COMPARED,
    OpenNotices,
    StoreRow,
    linked_among,
    sorted_rows,
    store_rows,
    trends,
)
from metrics.rules.days import last_complete_day
from rulebook.queries import policy_at
from stores.access import SignedInRequest, visible_companies, visible_stores
from stores.context import nav
from stores.models import Store
from stores.tables import Column, Sort

PAGE = 25
# What a deadline asks for, by its kind; apps above metrics add theirs.
_DEADLINE_WORDS: dict[str, Any] = {DISPUTE_ANSWER: gettext_lazy("answer a dispute")}
LEVELS = {"red": {"red", "L2", "L3"}, "yellow": {"yellow", "L1"}, "ok": {"ok"}}


def name_deadlines(words: Mapping[str, Any]) -> None:
    """Have the list of stores say what deadlines of these kinds ask for."""
    _DEADLINE_WORDS.update(words)


def deadline_words(kind: str) -> str:
    """What a deadline asks for; empty for a kind that nobody named."""
    return str(_DEADLINE_WORDS.get(kind, ""))


def columns(*, compared: bool) -> list[Column]:
    """The columns; by what stores stand at they are sorted only where all of them are at hand."""
    return [
        Column("name", _("Store"), sortable=True),
        Column("notices", _("Open notices"), sortable=compared, descending=True),
        Column("due", _("Next deadline"), sortable=compared),
        Column("rating", _("Rating"), figure=True, sortable=compared, descending=True),
        Column("trend", _("30 days")),
        Column("worst", _("Worst metric"), sortable=compared),
        Column("shs", _("Health score"), figure=True, sortable=compared, descending=True),
        Column("sla", _("Service level"), figure=True, sortable=compared, descending=True),
        Column("day", _("Figures of"), sortable=compared, descending=True),
    ]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list: its rows and which of their stores are tied to others."""

    page: Page[Any]
    rows: list[StoreRow]
    tied: dict[int, str]


def stores_context(request: SignedInRequest, now: datetime) -> dict[str, Any]:
    """What templates/metrics/stores.html reads."""
    form = StoreFilter(request.GET)
    form.is_valid()
    visible = visible_stores(request.user)
    total = visible.count()
    compared = total <= MOST_COMPARED
    sort = Sort.parse(request.GET.get("sort"), columns(compared=compared), "worst" if compared else "name")
    if compared:
        listing = _compared(request, _searched(visible, form), form.cleaned_data, sort, now)
    else:
        listing = _by_name(request, _searched(visible, form), sort, now)
        for name in ("level", "notices", "due", "linked"):
            del form.fields[name]
    last = last_complete_day(now, Calendar.PERFORMANCE)
    return {
        "nav": nav(request, figures={"day": last, "next_run_at": next_run_at(now)}, now=now),
        "now": now,
        "form": form,
        "columns": columns(compared=compared),
        "sort": sort,
        "sort_given": request.GET.get("sort", ""),
        "page": listing.page,
        "rows": _rows(listing, last, now),
        "has_stores": total > 0,
        "last": last,
        "clear_url": request.path,
    }


def _searched(stores: QuerySet[Store], form: StoreFilter) -> QuerySet[Store]:
    text = form.cleaned_data.get("q", "")
    return stores.filter(Q(name__icontains=text) | Q(store_no__icontains=text)) if text else stores


def _compared(
    request: SignedInRequest, stores: QuerySet[Store], wanted: dict[str, Any], sort: Sort, now: datetime
) -> Listing:
    """All stores at hand, so that they sort and filter by what they stand at."""
    rows = store_rows(stores.order_by("name", "store_no"), now)
    tied = linked_among([row.store for row in rows], visible_companies(request.user))
    passing = [row for row in rows if _passes(row, wanted, tied, now)]
    paginator = Paginator(sorted_rows(passing, sort.key, descending=sort.descending), PAGE)
    page = paginator.get_page(request.GET.get("page"))
    return Listing(page, list(page.object_list), tied)


def _by_name(request: SignedInRequest, stores: QuerySet[Store], sort: Sort, now: datetime) -> Listing:
    """Too many stores to compare: the page alone is loaded."""
    ordered = stores.order_by("-name" if sort.descending else "name", "store_no")
    page = Paginator(ordered, PAGE).get_page(request.GET.get("page"))
    shown = ordered.filter(pk__in=[store.pk for store in page.object_list])
    rows = store_rows(shown, now)
    return Listing(page, rows, linked_among([row.store for row in rows], visible_companies(request.user)))


def _passes(row: StoreRow, wanted: dict[str, Any], tied: dict[int, str], now: datetime) -> bool:
    if wanted.get("linked") and row.store.pk not in tied:
        return False
    if not _has_notices(row, wanted.get("notices", "")) or not _is_due(row, wanted.get("due", ""), now):
        return False
    level = wanted.get("level")
    return not level or row.level in LEVELS[level]


def _has_notices(row: StoreRow, wanted: str) -> bool:
    return {"any": row.notices.total, "red": row.notices.red}.get(wanted, 1) > 0


def _is_due(row: StoreRow, hours: str, now: datetime) -> bool:
    return not hours or (row.due is not None and row.due.at <= now + timedelta(hours=int(hours)))


def _rows(listing: Listing, last: date, now: datetime) -> list[dict[str, Any]]:
    points, language = trends(listing.rows), get_language() or ""
    units = {code: rules.unit for code, rules in policy_at(now).metrics.items()}
    ties = {"licence": _("same business licence"), "controller": _("same actual controller")}
    return [
        {
            **_figures(row, units, language),
            "store": row.store,
            "linked": ties.get(listing.tied.get(row.store.pk, ""), ""),
            "points": points.get(row.store.pk, []),
            "stale": row.known is not None and row.known < last,
            "has_feeds": row.known is not None,
        }
        for row in listing.rows
    ]


def _notices(found: OpenNotices) -> list[tuple[str, str]]:
    """Level and words of each kind of open notices, red ones first."""
    counted = (
        ("red", found.red, _("%(count)s red") % {"count": found.red}),
        ("yellow", found.yellow, _("%(count)s yellow") % {"count": found.yellow}),
    )
    return [(level, text) for level, count, text in counted if count]


def _predicted(found: OpenNotices) -> str:
    """That all of them are predicted, or how many; empty if none is."""
    if not found.predicted:
        return ""
    if found.predicted == found.total:
        return pgettext("state of a notice", "predicted")
    return _("%(count)s predicted") % {"count": found.predicted}


def _figures(row: StoreRow, units: dict[str, str], language: str) -> dict[str, Any]:
    tier = row.tier
    return {
        "notices": _notices(row.notices),
        "predicted": _predicted(row.notices),
        "due": row.due.at if row.due else None,
        "due_word": deadline_words(row.due.kind) if row.due else "",
        "rating": row.rating,
        "computed": row.computed,
        "frozen": row.frozen,
        "tier": (tier.name_zh if language.startswith("zh") else tier.name_en) if tier else "",
        "worst": METRICS[row.worst].title if row.worst else "",
        "worst_code": row.worst,
        "worst_value": ""
        if row.worst_value is None
        else words.value_text(row.worst_value, units[row.worst], row.worst_lines),
        "level": row.level,
        "shs": row.shs,
        "sla": row.sla,
        "lines": {code: words.score_lines(code, row.policy) for code in ("dsr", "shs", "sla")} if row.policy else {},
        "grade": row.grade,
        "day": row.day,
    }
