"""The rating as the health panel and the rating page show it (PG-03, PG-05)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.pages import formats
from dashboard.presenters import parts
from dashboard.queries.panel import RatingView
from insights.queries.status import MetricStatus
from insights.queries.upcoming import Upcoming
from metrics.rules.rating import tier_of


@dataclass(frozen=True, slots=True)
class ComingRating:
    """The computed rating at the next evaluation; ``falls``: into a lower tier than the computed one of now."""

    value: Fraction
    tier: str
    at: datetime
    falls: bool


@dataclass(frozen=True, slots=True)
class RatingPart:
    """What templates/dashboard/_rating.html reads; ``change``: how it moved; ``coming``: the next evaluation."""

    view: RatingView
    tiers: list[tuple[Any, str]]
    distance: str
    tier_level: str
    change: str
    coming: ComingRating | None
    dimensions: list[parts.Dimension]


def rating_part(view: RatingView, url: Callable[[MetricStatus], str], coming: Upcoming | None) -> RatingPart:
    """The rating among its tiers and its dimensions; ``url``: the page of a dimension."""
    language = get_language() or ""
    alert = view.policy.judging.deviation_alert
    return RatingPart(
        view=view,
        tiers=parts.tiers_of(view, language),
        distance=parts.tier_distance(view, language),
        tier_level=parts.tier_level(view),
        change=change_text(view),
        coming=coming_rating(view, coming, language),
        dimensions=[parts.dimension(one, alert, url(one)) for one in view.dimensions],
    )


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
