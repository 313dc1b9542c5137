"""The performance record and the open notices of a store (PG-10, PG-03)."""

from collections.abc import Mapping
from datetime import datetime

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from metrics import words
from metrics.catalogue import METRICS
from notifications.forms import NoticeFilter
from notifications.models import Notice
from notifications.presenting.parts import Part, notice_url, rectify_url, threshold_of, unit_of
from notifications.queries.notices import VIEW, NoticeQuery, clocks_of, count_parts, open_notices
from notifications.rules import State
from notifications.texts import figure
from stores.access import StoreRequest
from stores.context import nav
from stores.models import Deadline
from stores.tables import Column

NOTICES_A_PAGE = 50
PART_WORDS = {
    "record": gettext_lazy("Performance record"),
    "predicted": pgettext_lazy("notices", "Predicted"),
    "historical": pgettext_lazy("notices", "Historical"),
}


def list_context(
    request: StoreRequest, form: NoticeFilter, query: NoticeQuery, notices: QuerySet[Notice], now: datetime
) -> Part:
    """What templates/notifications/list.html reads."""
    store_no, path = request.store.store_no, request.path
    counts = count_parts(request.store)
    page = Paginator(notices.select_related("opened_by"), NOTICES_A_PAGE).get_page(request.GET.get("page"))
    asked = request.GET.copy()
    asked.pop("page", None)
    files = {
        suffix: f"{reverse(f'notifications:list_{suffix}', args=[store_no])}?{asked.urlencode()}"
        for suffix in ("csv", "xlsx")
    }
    return {
        "store": request.store,
        "nav": nav(request, current="notices"),
        "now": now,
        "form": form,
        "part": query.part,
        "tabs": [
            {"label": label, "url": f"{path}?part={part}", "current": part == query.part, "count": counts[part]}
            for part, label in PART_WORDS.items()
        ],
        "columns": [
            Column("number", _("Number")),
            Column("level", _("Level")),
            Column("metric", _("Metric")),
            Column("trigger", _("Trigger")),
            Column("value", _("Value"), figure=True),
            Column("opened", pgettext("notice", "Opened")),
            Column("state", _("State")),
        ],
        "rows": [list_row(notice, store_no) for notice in page],
        "page": page,
        "clear_url": f"{path}?part={query.part}",
        "files": files,
    }


def list_row(notice: Notice, store_no: str) -> Part:
    """A line of the record."""
    return {
        "notice": notice,
        "url": notice_url(notice, store_no),
        "metric": METRICS[notice.metric].title,
        "value": figure(notice.value, unit_of(notice), threshold_of(notice)),
        "line": words.line_text(threshold_of(notice), unit_of(notice)),
    }


def panel_context(request: StoreRequest, now: datetime) -> Part:
    """What templates/notifications/panel.html reads: the open notices with the clock that ends first."""
    store_no = request.store.store_no
    notices = list(open_notices(request.store))
    clocks = clocks_of(request.store, [notice.number for notice in notices])
    items = [
        {
            "level": notice.level,
            "title": f"{METRICS[notice.metric].title} {figure(notice.value, unit_of(notice), threshold_of(notice))}",
            "number": notice.number,
            "url": notice_url(notice, store_no),
            "note": "" if notice.state == State.OPENED else notice.get_state_display(),
            **_next_clock(clocks[notice.number]),
            "rectify": rectify_url(notice, store_no, now),
        }
        for notice in notices
    ]
    return {
        "store": request.store,
        "nav": nav(request, current="notices"),
        "now": now,
        "items": items,
        "list_url": reverse("notifications:list", args=[store_no]),
    }


def _next_clock(clocks: Mapping[str, Deadline]) -> Part:
    running = [clock for clock in clocks.values() if clock.state == Deadline.State.OPEN]
    first = min(running, key=lambda clock: clock.due_at, default=None)
    if first is None:
        return {"due": None, "clock": ""}
    return {"due": first.due_at, "clock": _("open within") if first.kind == VIEW else _("appeal within")}
