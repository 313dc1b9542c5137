"""The page of all stores (PG-02)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.paginator import Page
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.tables import Column, Sort
from dashboard.forms.stores import StoreFilter
from dashboard.presenters.needs import NextStep, next_step
from dashboard.presenters.parts import Freshness
from dashboard.queries.store_list import StoreList
from dashboard.queries.stores import StoreRow
from metrics import words
from metrics.catalogue import METRICS, Calendar
from metrics.queries.days import next_run_at
from metrics.rules.days import last_complete_day
from notifications.queries.notices import OpenNotices
from stores.access import SignedInRequest
from stores.context_processors import nav
from stores.models import Store, User
from stores.numbering import is_usable


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
class Trend:
    """The published rating of 30 days as points; ``moved``: how far, in words; ``label``: from where to where."""

    points: Sequence[Decimal | None]
    moved: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class StoreItem:
    """A row of the list. ``marks``: what is unusual about the store, as level and word; ``notices``: open ones, as
    level and text; ``linked``: why it is linked to another store; ``thresholds``: what shown scores must stay on their
    side of, by metric."""

    store: Store
    url: str
    marks: list[tuple[str, str]]
    rename_url: str
    linked: str
    need: NextStep
    notices: list[tuple[str, str]]
    notices_url: str
    predicted: str
    day: date | None
    stale: bool
    has_feeds: bool
    rating: Decimal | None
    computed: Decimal | None
    frozen: bool
    tier: str
    rating_level: str
    trend: Trend
    level: str
    worst: str
    worst_value: str
    worst_url: str
    shs: Decimal | None
    sla: Decimal | None
    grade: str
    thresholds: Mapping[str, Sequence[words.Number]]


@dataclass(frozen=True, slots=True)
class StoresPage:
    """What templates/dashboard/stores.html reads."""

    nav: dict[str, Any]
    now: datetime
    form: StoreFilter
    columns: list[Column]
    sort: Sort
    sort_given: str
    page: Page[Any]
    rows: list[StoreItem]
    has_stores: bool
    last: date
    clear_url: str


def stores_page(
    request: SignedInRequest,
    form: StoreFilter,
    found: StoreList,
    shown: list[Column],
    sort: Sort,
    *,
    total: int,
    now: datetime,
) -> StoresPage:
    """The list with the columns ``shown``; ``total``: how many stores the person sees in all."""
    last = last_complete_day(now, Calendar.PERFORMANCE)
    return StoresPage(
        nav=nav(request, figures=Freshness(last, None, next_run_at(now), stale=False), now=now),
        now=now,
        form=form,
        columns=shown,
        sort=sort,
        sort_given=request.GET.get("sort", ""),
        page=found.page,
        rows=[_item(row, found, request.user, last) for row in found.rows],
        has_stores=total > 0,
        last=last,
        clear_url=request.path,
    )


def _item(row: StoreRow, found: StoreList, person: User, last: date) -> StoreItem:
    store, number = row.store, row.store.store_no
    return StoreItem(
        store=store,
        # By number, whatever the store is numbered (RL-18).
        url=reverse("dashboard:panel", args=[number]),
        marks=_marks(store),
        rename_url=_rename_url(store, person),
        linked=_link_text(found.linked.get(store.pk, "")),
        need=next_step(row, found.needs[store.pk]),
        notices=_notices(row.notices),
        notices_url=reverse("notifications:list", args=[number]),
        predicted=_predicted(row.notices),
        day=row.day,
        stale=row.known is not None and row.known < last,
        has_feeds=row.known is not None,
        rating=row.rating,
        computed=row.computed,
        frozen=row.frozen,
        tier=_tier_name(row),
        rating_level=row.rating_level,
        trend=_trend(found.trends.get(store.pk, []), row),
        level=row.level,
        worst=str(METRICS[row.worst].title) if row.worst else "",
        worst_value=_worst_value(row, found.units),
        worst_url=reverse("dashboard:metric", args=[number, row.worst]) if row.worst else "",
        shs=row.shs,
        sla=row.sla,
        grade=row.grade,
        thresholds={code: words.score_thresholds(code, row.policy) for code in ("dsr", "shs", "sla")}
        if row.policy
        else {},
    )


def _link_text(kind: str) -> str:
    return {"licence": _("same business licence"), "controller": _("same actual controller")}.get(kind, "")


def _tier_name(row: StoreRow) -> str:
    if row.tier is None:
        return ""
    return row.tier.name_zh if (get_language() or "").startswith("zh") else row.tier.name_en


def _worst_value(row: StoreRow, units: Mapping[str, str]) -> str:
    if row.worst_value is None:
        return ""
    return words.value_text(row.worst_value, units[row.worst], row.worst_thresholds)


def _notices(found: OpenNotices) -> list[tuple[str, str]]:
    """Level and words of each kind of open notices, red ones first."""
    counted = (
        ("red", found.red, _("%(count)s red") % {"count": found.red}),
        ("yellow", found.yellow, _("%(count)s yellow") % {"count": found.yellow}),
    )
    return [(level, text) for level, count, text in counted if count]


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


def _trend(points: Sequence[Decimal | None], row: StoreRow) -> Trend:
    known = [point for point in points if point is not None]
    if len(known) < 2:
        return Trend(points)
    moved = known[-1] - known[0]
    arrow = "▲" if moved > 0 else "▼"
    text = f"{arrow} {formats.score(abs(moved))}" if formats.half_up(moved) else _("unchanged")
    thresholds = words.score_thresholds("dsr", row.policy) if row.policy else []
    label = _("Rating over 30 days: %(first)s to %(last)s") % {
        "first": formats.score(known[0], thresholds),
        "last": formats.score(known[-1], thresholds),
    }
    return Trend(points, text, label)


def _predicted(found: OpenNotices) -> str:
    """That all of them are predicted, or how many; empty if none is."""
    if not found.predicted:
        return ""
    if found.predicted == found.total:
        return pgettext("state of a notice", "predicted")
    return _("%(count)s predicted") % {"count": found.predicted}
