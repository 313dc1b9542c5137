"""The context of the health panel (PG-03) and of what it shares with the rating page."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.components import Banner
from core.templatetags.ui import status_word
from dashboard.presenters import parts
from dashboard.presenters.governance import freeze_banner, silence_banner
from dashboard.presenters.todo import SHOWN, todo_list
from dashboard.queries.panel import Panel, RatingView, Score
from insights.queries.status import MetricStatus
from insights.queries.upcoming import Upcoming
from metrics import words
from metrics.rules.rating import tier_of
from stores.context import nav
from stores.models import Store


def panel_context(request: HttpRequest, store: Store, found: Panel, now: datetime) -> dict[str, Any]:
    """Everything that templates/dashboard/panel.html reads."""

    def url(status: MetricStatus) -> str:
        return parts.metric_url(store.store_no, status.result.code, found.days)

    feeds = parts.feeds_of(found.store_span, found.days.last)
    figures = parts.figures_of(found.days, found.computed_at, now)
    return {
        "nav": nav(request, current="panel", figures=figures, now=now),
        "now": now,
        "store": store,
        "panel": found,
        "has_feeds": bool(found.store_span.store.feeds),
        "feeds": feeds,
        "behind": parts.behind(feeds),
        "present_url": request.path,
        **todo_context(store, found, now),
        "evaluation": evaluation_of(found),
        "tiles": [
            parts.tile(
                one,
                url(one),
                found.trends[one.result.code],
                upcoming=next_text(one, found.upcoming.get(one.result.code)),
            )
            for one in found.tiles
        ],
        "quiet": [parts.tile(one, url(one)) for one in found.quiet],
        "scores": [
            parts.score(one, url(one.status), next_score(one, found.upcoming.get(one.status.result.code)))
            for one in found.scores
        ],
        "trade": [parts.trade_item(one, url(one)) for one in found.trade],
        **rating_context(
            found.rating,
            store,
            {one.result.code: url(one) for one in found.rating.dimensions},
            found.upcoming.get(found.rating.status.result.code),
        ),
        "governance": banners_of(found),
    }


def todo_context(store: Store, found: Panel, now: datetime) -> dict[str, Any]:
    """What templates/dashboard/_todo.html reads: the list, and what is folded away; a past day has none."""
    if found.work is None:
        return {"is_past": True}
    items = todo_list(store, found.work, now)
    return {"todo": items[:SHOWN], "todo_more": items[SHOWN:], "todo_count": len(items)}


def banners_of(found: Panel) -> list[Banner]:
    """What holds the rating back and which metrics are still silent (SR-06, PN-21)."""
    banners = [freeze_banner(found.rating), silence_banner(found.store_span, found.quiet)]
    return [banner for banner in banners if banner]


def rating_context(
    view: RatingView, store: Store, urls: dict[str, str], coming: Upcoming | None = None
) -> dict[str, Any]:
    """What templates/dashboard/_rating.html reads."""
    language = get_language() or ""
    alert = view.policy.judging.deviation_alert
    return {
        "rating": view,
        "governance": [banner for banner in [freeze_banner(view)] if banner],
        "rating_url": reverse("dashboard:rating", args=[store.store_no]),
        "tiers": parts.tiers_of(view, language),
        "distance": parts.tier_distance(view, language),
        "tier_level": parts.tier_level(view),
        "change": change_text(view),
        "coming": coming_rating(view, coming, language),
        "dimensions": [parts.dimension(one, alert, urls[one.result.code]) for one in view.dimensions],
    }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """When the tiles are judged next, and how many of them get another level then."""

    at: datetime
    changes: int


def evaluation_of(found: Panel) -> Evaluation | None:
    """The next evaluation if nothing changes (BX-11); None where none is known."""
    coming = [(one, found.upcoming[one.result.code]) for one in found.tiles if one.result.code in found.upcoming]
    if not coming:
        return None
    return Evaluation(coming[0][1].evaluated_at, sum(one.result.level != after.result.level for one, after in coming))


def next_text(status: MetricStatus, coming: Upcoming | None) -> str:
    """A metric at the next evaluation where it is another than now; empty where it is the same."""
    if coming is None:
        return ""
    now, after = status.result, coming.result
    values = [words.value_text(result.value.value, status.unit, status.thresholds) for result in (now, after)]
    if now.level == after.level and values[0] == values[1]:
        return ""
    return _("next evaluation: %(value)s %(level)s") % {"value": values[1], "level": status_word(str(after.level))}


def next_score(found: Score, coming: Upcoming | None) -> str:
    """A composite score at the next evaluation where it is shown as another."""
    value = coming.result.value.value if coming else None
    if value is None:
        return ""
    thresholds = words.score_thresholds(found.status.metric.code, found.policy)
    shown = formats.score(value, thresholds)
    now = found.composite.score
    if now is not None and formats.score(now, thresholds) == shown:
        return ""
    level, word = parts.score_level(found.status.metric.code, value, found.policy)
    return _("next evaluation: %(value)s %(level)s") % {"value": shown, "level": word or status_word(level)}


@dataclass(frozen=True, slots=True)
class ComingRating:
    """The computed rating at the next evaluation; ``falls``: into a lower tier than the computed one of now."""

    value: Fraction
    tier: str
    at: datetime
    falls: bool


def coming_rating(view: RatingView, coming: Upcoming | None, language: str) -> ComingRating | None:
    """The rating at the next evaluation if nothing changes; None where it is not known."""
    value = coming.result.value.value if coming else None
    if coming is None or value is None:
        return None
    tier = tier_of(value, view.policy)
    now = None if view.score is None else tier_of(view.score, view.policy)
    return ComingRating(
        value=value,
        tier=tier.name_zh if language.startswith("zh") else tier.name_en,
        at=coming.evaluated_at,
        falls=now is not None and tier.at_least < now.at_least,
    )


def change_text(view: RatingView) -> str:
    """How the rating moved, with its direction in words' place: ``▼ 0.03 since 2026-11-13``."""
    if view.change is None:
        return ""
    day, moved = formats.day(view.before_day), formats.half_up(view.change)
    if not moved:
        return _("unchanged since %(day)s") % {"day": day}
    arrow = "▲" if moved > 0 else "▼"
    return f"{arrow} " + _("%(points)s since %(day)s") % {"points": formats.grouped(abs(moved)), "day": day}
