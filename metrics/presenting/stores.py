"""The context of the page of all stores (PG-02)."""

from datetime import date, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from metrics import words
from metrics.catalogue import METRICS, Calendar
from metrics.forms import StoreFilter
from metrics.queries.days import next_run_at
from metrics.queries.stores import (
    MOST_COMPARED,
    StoreRow,
    linked_among,
    sorted_rows,
    store_rows,
    trends,
)
from metrics.services.night import last_complete_day
from rulebook.queries import policy_at
from stores.access import SignedInRequest, visible_companies, visible_stores
from stores.context import nav
from stores.tables import Column, Sort

PAGE = 25
LEVELS = {"red": {"red", "L2", "L3"}, "yellow": {"yellow", "L1"}, "ok": {"ok"}}


def columns(*, compared: bool) -> list[Column]:
    """The columns; by what stores stand at they are sorted only where all of them are at hand."""
    return [
        Column("name", _("Store"), sortable=True),
        Column("rating", _("Rating"), figure=True, sortable=compared, descending=True),
        Column("trend", _("30 days")),
        Column("worst", _("Worst metric"), sortable=compared),
        Column("shs", _("Health score"), figure=True, sortable=compared, descending=True),
        Column("sla", _("Service level"), figure=True, sortable=compared, descending=True),
        Column("day", _("Figures of"), sortable=compared, descending=True),
    ]


def stores_context(request: SignedInRequest, now: datetime) -> dict[str, Any]:
    """What templates/metrics/stores.html reads."""
    form = StoreFilter(request.GET)
    form.is_valid()
    wanted = form.cleaned_data
    visible = visible_stores(request.user)
    chosen = visible
    if text := wanted.get("q", "").replace("\x00", ""):
        chosen = visible.filter(Q(name__icontains=text) | Q(store_no__icontains=text))
    total = visible.count()
    compared = total <= MOST_COMPARED
    sort = Sort.parse(request.GET.get("sort"), columns(compared=compared), "worst" if compared else "name")
    page: Page[Any]
    if compared:
        rows = store_rows(chosen.order_by("name", "store_no"), now)
        tied = linked_among([row.store for row in rows], visible_companies(request.user))
        rows = [row for row in rows if _passes(row, wanted, tied)]
        page = Paginator(sorted_rows(rows, sort.key, descending=sort.descending), PAGE).get_page(
            request.GET.get("page")
        )
        shown = list(page.object_list)
    else:
        for name in ("level", "linked"):
            del form.fields[name]
        order = "-name" if sort.descending else "name"
        page = Paginator(chosen.order_by(order, "store_no"), PAGE).get_page(request.GET.get("page"))
        shown = store_rows(
            visible.filter(pk__in=[store.pk for store in page.object_list]).order_by(order, "store_no"), now
        )
        tied = linked_among([row.store for row in shown], visible_companies(request.user))
    points = trends(shown)
    last, language = last_complete_day(now, Calendar.PERFORMANCE), get_language() or ""
    units = {code: rules.unit for code, rules in policy_at(now).metrics.items()}
    return {
        "nav": nav(request, figures={"day": last, "next_run_at": next_run_at(now)}, now=now),
        "now": now,
        "form": form,
        "columns": columns(compared=compared),
        "sort": sort,
        "sort_given": request.GET.get("sort", ""),
        "page": page,
        "rows": [_row(row, points, tied, last, language, units) for row in shown],
        "has_stores": total > 0,
        "last": last,
        "clear_url": request.path,
    }


def _passes(row: StoreRow, wanted: dict[str, Any], tied: dict[int, str]) -> bool:
    if wanted.get("linked") and row.store.pk not in tied:
        return False
    level = wanted.get("level")
    return not level or row.level in LEVELS[level]


def _row(
    row: StoreRow, points: dict[int, Any], tied: dict[int, str], last: date, language: str, units: dict[str, str]
) -> dict[str, Any]:
    unit = units[row.worst] if row.worst else ""
    tier = row.tier
    return {
        "store": row.store,
        "linked": {"licence": _("same business licence"), "controller": _("same actual controller")}.get(
            tied.get(row.store.pk, ""), ""
        ),
        "rating": row.rating,
        "tier": (tier.name_zh if language.startswith("zh") else tier.name_en) if tier else "",
        "points": points.get(row.store.pk, []),
        "worst": METRICS[row.worst].title if row.worst else "",
        "worst_code": row.worst,
        "worst_value": words.value_text(row.worst_value, unit) if row.worst_value is not None else "",
        "level": row.level,
        "shs": row.shs,
        "sla": row.sla,
        "grade": row.grade,
        "day": row.day,
        "stale": row.known is not None and row.known < last,
        "has_feeds": row.known is not None,
    }
