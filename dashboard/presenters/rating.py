"""The context of the rating page (PG-05): parts worked out, deviation board with its next steps, bands."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.pages import formats
from core.templatetags.ui import sentences
from core.timebase import rating_day_end
from dashboard.presenters import parts
from dashboard.presenters.annotations import chart_annotations, occurrences
from dashboard.presenters.changes import changes_part
from dashboard.presenters.freezes import freeze_rows
from dashboard.presenters.history_chart import chart_of, table_of
from dashboard.presenters.metric import span_tabs
from dashboard.presenters.panel import rating_context
from dashboard.queries.rating import RatingPage
from insights.queries.status import MetricStatus
from metrics import words
from notifications.presenters.texts import NEXT_STEPS
from stores.context import nav
from stores.models import Store

Part = dict[str, Any]
# The concrete next step that an advice names (SR-07).


def rating_page_context(request: HttpRequest, store: Store, found: RatingPage, span: int, now: datetime) -> Part:
    """What templates/dashboard/rating.html reads."""
    computed_at = found.published.computed_at if found.published else None
    figures = {**parts.figures_of(found.days, computed_at, now), "day": found.days.rating}
    urls = {one.result.code: _url(store, found, one) for one in found.view.dimensions}
    feeds = parts.feeds_of(found.store_span, found.days.last)
    annotations = occurrences(store, found.history, found.events)
    return {
        "nav": nav(request, current="rating", figures=figures, now=now),
        "now": now,
        "store": store,
        "page": found,
        "has_feeds": bool(found.store_span.store.feeds),
        "behind": parts.behind(feeds),
        "present_url": request.path,
        "changes": changes_part(store, found.changes, request.path),
        "board": [_board_row(one, found, urls[one.result.code]) for one in found.view.dimensions],
        "part_rows": part_rows(found),
        "rating_total": formats.score(found.view.score) if found.view.score is not None else "",
        "weights_text": weights_text(found),
        "is_late": is_late(found, now),
        "late_hours": found.view.policy.rating.late_run_hours,
        "chart": chart_of(found.history, annotations=chart_annotations(annotations, found.history.days[-1])),
        "annotations": annotations,
        "table": table_of(found.history),
        "spans": span_tabs(request, span),
        "problems_url": parts.metric_page(store.store_no, "dsr"),
        "freezes": freeze_rows(found.past_freezes),
        "window_first": found.days.rating - timedelta(days=found.view.policy.rating.window_days - 1),
        **rating_context(found.view, store, urls, found.upcoming),
    }


def _url(store: Store, found: RatingPage, status: MetricStatus) -> str:
    return parts.metric_url(store.store_no, status.result.code, found.days)


def is_late(found: RatingPage, now: datetime) -> bool:
    """Whether the run of the shown day should have been through and was not (SR-11)."""
    allowed = timedelta(hours=found.view.policy.rating.late_run_hours)
    return not found.published and not found.days.chosen and now > rating_day_end(found.days.rating) + allowed


def _board_row(status: MetricStatus, found: RatingPage, url: str) -> Part:
    result, alert = status.result, found.view.policy.judging.deviation_alert
    alerted = result.deviation is not None and result.deviation <= alert
    return {
        "name": result.metric.title,
        "url": url,
        "value": result.value.value,
        "benchmark": result.benchmark.value if result.benchmark else None,
        "deviation": result.deviation,
        "alert": [alert],
        "level": "red" if alerted else str(result.level),
        "word": pgettext("status", "advice") if alerted else "",
        "points": found.deviations[result.code],
        "step": NEXT_STEPS[result.code] if alerted else "",
        "count": formats.number(result.value.count or 0),
    }


def part_rows(found: RatingPage) -> list[Part]:
    """The four parts with weight and contribution; a part without data drops out (SR-01)."""
    rating = found.view.rating
    rows = []
    for name, part in rating.parts.items():
        weight = rating.weights.get(name)
        rows.append(
            {
                "name": words.PART_WORDS[name],
                "stars": part,
                "count": formats.number(rating.counts[name]),
                "weight": formats.percent(weight, places=1) if weight is not None else "",
                "gives": formats.score(part * weight, places=4) if part is not None and weight is not None else "",
                "note": _("marks for late confirmation: %(count)s") % {"count": rating.marks}
                if name == "dispatch" and rating.marks
                else "",
            }
        )
    return rows


def weights_text(found: RatingPage) -> str:
    """Why these weights are in force (SR-09)."""
    rules, rating = found.view.policy.rating, found.view.rating
    missing = [str(words.PART_WORDS[name]) for name, part in rating.parts.items() if part is None]
    texts = []
    if rating.uplifted:
        until = formats.day(rules.high_value_until) if rules.high_value_until else ""
        texts.append(
            _("High-value category with a mean order of at least %(usd)s USD: the buyers' stars weigh more")
            % {"usd": formats.number(rules.high_value_min_usd)}
            + (_(" until %(day)s.") % {"day": until} if until else _("."))
        )
    if missing:
        texts.append(
            _("Without data, so the other weights are scaled to 100 %%: %(parts)s.") % {"parts": _(", ").join(missing)}
        )
    return sentences(texts)
