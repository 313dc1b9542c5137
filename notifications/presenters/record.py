"""The performance record of a store (PG-10)."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from core.pages import formats
from core.pages.downloads import file_links
from core.pages.tables import Column
from metrics import words
from metrics.catalogue import METRICS
from notifications.forms import NoticeFilter
from notifications.models import Notice
from notifications.presenters.parts import Part, notice_url, threshold_of, unit_of
from notifications.presenters.texts import figure
from notifications.queries.record import RecordPage
from notifications.rules import State
from stores.access import StoreRequest
from stores.context import nav

PART_WORDS = {
    "open": pgettext_lazy("notices", "Open"),
    "record": gettext_lazy("Performance record"),
    "predicted": pgettext_lazy("notices", "Predicted"),
    "historical": pgettext_lazy("notices", "Historical"),
}


def list_context(request: StoreRequest, form: NoticeFilter, part: str, found: RecordPage, now: datetime) -> Part:
    """What templates/notifications/list.html reads."""
    store_no, path = request.store.store_no, request.path
    page, counts = found.page, found.counts
    asked = request.GET.copy()
    asked.pop("page", None)
    files = file_links(lambda suffix: reverse(f"notifications:list_{suffix}", args=[store_no]), asked.dict())
    return {
        "store": request.store,
        "nav": nav(request, current="notices", open_notices=counts["open"]),
        "now": now,
        "form": form,
        "part": part,
        "has_predicted": any(notice.state == State.PREDICTED for notice in page),
        "tabs": [
            {"label": label, "url": f"{path}?part={name}", "current": name == part, "count": counts[name]}
            for name, label in PART_WORDS.items()
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
        "clear_url": f"{path}?part={part}",
        "files": files,
    }


def list_row(notice: Notice, store_no: str) -> Part:
    """A threshold of the record."""
    return {
        "notice": notice,
        "url": notice_url(notice, store_no),
        "metric": METRICS[notice.metric].title,
        "value": figure(notice.value, unit_of(notice), threshold_of(notice)),
        "line": words.threshold_text(threshold_of(notice), unit_of(notice)),
        "predicted": notice.state == State.PREDICTED,
        "ended": _ended(notice),
    }


def _ended(notice: Notice) -> str:
    """Since when a notice that nothing follows from stands no more; empty for others and while it stands."""
    if not notice.is_apart or notice.ended_day is None:
        return ""
    return _("ended %(day)s") % {"day": formats.day(notice.ended_day)}
