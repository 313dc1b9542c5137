"""The context of the page of all stores (PG-02)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.tables import Column, Sort
from dashboard.forms import StoreFilter
from dashboard.presenters.needs import need_part
from dashboard.queries.needs import needs_of, with_first_dues
from dashboard.queries.stores import MOST_COMPARED, StoreRow, linked_among, sorted_rows, store_rows, trends
from metrics import words
from metrics.catalogue import METRICS, Calendar
from metrics.queries.days import next_run_at
from metrics.rules.days import last_complete_day
from notifications.queries.notices import OpenNotices
from rulebook.queries import policy_at
from stores.access import SignedInRequest, visible_companies, visible_stores
from stores.context import nav
from stores.models import Store, User
from stores.numbers import is_usable

PAGE = 25
LEVELS = {"red": {"red", "L2", "L3"}, "yellow": {"yellow", "L1"}, "ok": {"ok"}}


def columns(*, compared: bool) -> list[Column]:
    """The columns; by what stores stand at they are sorted only where all of them are at hand."""
    return [
        Column("name", _("Store"), sortable=True),
        Column("due", _("Next step"), sortable=True),
        Column("notices", _("Open notices"), sortable=compared, descending=True),
        Column("rating", _("Rating"), figure=True, sortable=compared, descending=True),
        Column("trend", _("Rating, 30 days")),
        Column("worst", _("Worst metric"), sortable=compared),
        Column("shs", _("Health score"), figure=True, sortable=compared, descending=True),
        Column("sla", _("Service level"), figure=True, sortable=compared, descending=True),
        Column("day", _("Figures of"), sortable=compared, descending=True),
    ]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list: who reads it, its rows and which of their stores are tied to others."""

    person: User
    page: Page[Any]
    rows: list[StoreRow]
    tied: dict[int, str]


def stores_context(request: SignedInRequest, now: datetime) -> dict[str, Any]:
    """What templates/dashboard/stores.html reads."""
    form = StoreFilter(request.GET)
    form.is_valid()
    visible = visible_stores(request.principal)
    total = visible.count()
    compared = total <= MOST_COMPARED
    sort = Sort.parse(request.GET.get("sort"), columns(compared=compared), "due")
    if compared:
        listing = _compared(request, _searched(visible, form), form.cleaned_data, sort, now)
    else:
        listing = _by_page(request, _searched(visible, form), sort, now)
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
    tied = linked_among([row.store for row in rows], visible_companies(request.principal))
    passing = [row for row in rows if _passes(row, wanted, tied, now)]
    paginator = Paginator(sorted_rows(passing, sort.key, descending=sort.descending), PAGE)
    page = paginator.get_page(request.GET.get("page"))
    return Listing(request.user, page, list(page.object_list), tied)


def _by_page(request: SignedInRequest, stores: QuerySet[Store], sort: Sort, now: datetime) -> Listing:
    """Too many stores to compare: the database sorts them by what falls due first or by name; the page alone is
    loaded."""
    key = "due_first" if sort.key == "due" else "name"
    ordered = with_first_dues(stores, now) if sort.key == "due" else stores
    ordered = ordered.order_by(f"-{key}" if sort.descending else key, "name", "store_no")
    page = Paginator(ordered.values_list("pk", flat=True), PAGE).get_page(request.GET.get("page"))
    places = {pk: place for place, pk in enumerate(page.object_list)}
    rows = sorted(store_rows(stores.filter(pk__in=places), now), key=lambda row: places[row.store.pk])
    return Listing(
        request.user, page, rows, linked_among([row.store for row in rows], visible_companies(request.principal))
    )


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
    return not hours or (row.due is not None and row.due.at < now + timedelta(hours=int(hours), seconds=1))


def _rows(listing: Listing, last: date, now: datetime) -> list[dict[str, Any]]:
    points, language = trends(listing.rows), get_language() or ""
    units = {code: rules.unit for code, rules in policy_at(now).metrics.items()}
    needs = needs_of([row.store.pk for row in listing.rows], now)
    ties = {"licence": _("same business licence"), "controller": _("same actual controller")}
    return [
        {
            **_figures(row, units, language),
            **_addresses(row),
            **need_part(row, needs[row.store.pk]),
            "store": row.store,
            "marks": _marks(row.store),
            "rename_url": _rename_url(row.store, listing.person),
            "linked": ties.get(listing.tied.get(row.store.pk, ""), ""),
            **_trend(points.get(row.store.pk, []), row),
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


def _addresses(row: StoreRow) -> dict[str, str]:
    """Where the row leads, whatever the store is numbered (RL-18)."""
    number = row.store.store_no
    return {
        "url": reverse("dashboard:panel", args=[number]),
        "notices_url": reverse("notifications:list", args=[number]),
        "worst_url": reverse("dashboard:metric", args=[number, row.worst]) if row.worst else "",
    }


def _marks(store: Store) -> list[tuple[str, str]]:
    """What is unusual about a store: closed or restricted, that another platform governs it (DM-11a), that it is
    numbered as none may be any more (IX-05b)."""
    marks = []
    if not is_usable(store.store_no):
        marks.append(("red", _("number to be replaced by operations")))
    if store.status != Store.Status.ACTIVE:
        marks.append(("no_data" if store.status == Store.Status.CLOSED else "yellow", store.get_status_display()))
    if store.mode == Store.Mode.MIRRORED:
        marks.append(("info", store.get_mode_display()))
    return [(level, str(word)) for level, word in marks]


def _rename_url(store: Store, person: User) -> str:
    """Where staff give a store another number, if it needs one."""
    if is_usable(store.store_no) or not (person.is_staff and person.has_perm("stores.change_store")):
        return ""
    return reverse("admin:stores_store_change", args=[store.pk])


def _trend(points: list[Any], row: StoreRow) -> dict[str, Any]:
    """The published rating of 30 days, and how far it moved in them, in words."""
    known = [point for point in points if point is not None]
    if len(known) < 2:
        return {"points": points, "moved": ""}
    moved = known[-1] - known[0]
    arrow = "▲" if moved > 0 else "▼"
    text = f"{arrow} {formats.score(abs(moved))}" if formats.half_up(moved) else _("unchanged")
    lines = words.score_lines("dsr", row.policy) if row.policy else []
    label = _("Rating over 30 days: %(first)s to %(last)s") % {
        "first": formats.score(known[0], lines),
        "last": formats.score(known[-1], lines),
    }
    return {"points": points, "moved": text, "trend_label": label}


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
        "rating_level": row.rating_level,
        "shs": row.shs,
        "sla": row.sla,
        "lines": {code: words.score_lines(code, row.policy) for code in ("dsr", "shs", "sla")} if row.policy else {},
        "grade": row.grade,
        "day": row.day,
    }
