"""The context of the health panel (PG-03) and of what it shares with the rating page."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from metrics.presenting import parts
from metrics.presenting.forecast import next_text
from metrics.presenting.governance import freeze_banner, silence_banner
from metrics.queries.panel import Panel, RatingView
from metrics.queries.standing import Standing
from stores import formats
from stores.context import nav
from stores.models import Store


def panel_context(request: HttpRequest, store: Store, found: Panel, now: datetime) -> dict[str, Any]:
    """Everything that templates/metrics/panel.html reads."""

    def url(standing: Standing) -> str:
        return parts.metric_url(store.store_no, standing.card.code, found.days)

    feeds = parts.feeds_of(found.figures, found.days.last)
    figures = parts.figures_of(found.days, found.computed_at, now)
    return {
        "nav": nav(request, current="panel", figures=figures, now=now),
        "now": now,
        "store": store,
        "panel": found,
        "has_feeds": bool(found.figures.store.feeds),
        "feeds": feeds,
        "behind": parts.behind(feeds),
        "present_url": request.path,
        "todo": parts.todo_items(found),
        "more_disputes": found.answers_total - len(found.answers),
        "tiles": [
            parts.tile(one, url(one), found.trends[one.card.code])
            | {"next": next_text(one, found.upcoming.get(one.card.code))}
            for one in found.tiles
        ],
        "quiet": [parts.tile(one, url(one)) for one in found.quiet],
        "scores": [parts.score(one, url(one.standing)) for one in found.scores],
        "trade": [parts.trade_item(one, url(one)) for one in found.trade],
        **rating_context(found.rating, store, {one.card.code: url(one) for one in found.rating.dimensions}),
        "governance": banners_of(found),
    }


def banners_of(found: Panel) -> list[dict[str, Any]]:
    """What holds the rating back and which metrics are still silent (SR-06, PN-21)."""
    banners = [freeze_banner(found.rating), silence_banner(found.figures, found.quiet)]
    return [banner for banner in banners if banner]


def rating_context(view: RatingView, store: Store, urls: dict[str, str]) -> dict[str, Any]:
    """What templates/metrics/_rating.html reads."""
    language = get_language() or ""
    alert = view.policy.judging.deviation_alert
    return {
        "rating": view,
        "governance": [banner for banner in [freeze_banner(view)] if banner],
        "rating_url": reverse("metrics:rating", args=[store.store_no]),
        "tiers": parts.tiers_of(view, language),
        "distance": parts.tier_distance(view, language),
        "tier_level": parts.tier_level(view),
        "change": change_text(view),
        "dimensions": [parts.dimension(one, alert, urls[one.card.code]) for one in view.dimensions],
    }


def change_text(view: RatingView) -> str:
    """How the rating moved, with its direction in words' place: ``▼ 0.03 since 2026-11-13``."""
    if view.change is None:
        return ""
    day, moved = formats.day(view.before_day), formats.half_up(view.change)
    if not moved:
        return _("unchanged since %(day)s") % {"day": day}
    arrow = "▲" if moved > 0 else "▼"
    return f"{arrow} " + _("%(points)s since %(day)s") % {"points": formats.grouped(abs(moved)), "day": day}
