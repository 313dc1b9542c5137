"""The health panel (PG-03)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.components import Banner, Fact
from core.templatetags.ui import status_word
from dashboard.presenters import parts
from dashboard.presenters.governance import freeze_banner, silence_banner
from dashboard.presenters.rating_part import RatingPart, rating_part
from dashboard.presenters.sync import silent_banners
from dashboard.presenters.todo import SHOWN, todo_list
from dashboard.presenters.todo_item import Todo
from dashboard.queries.panel import Panel, Score
from insights.queries.status import MetricStatus
from insights.queries.upcoming import Upcoming
from metrics import words
from metrics.queries.days import PageDays
from penalties.presenters.consequences import score_penalty_rows
from penalties.presenters.eligibility import promotion_facts
from penalties.presenters.penalties import penalty_facts
from stores.access import StoreRequest, may_write
from stores.context_processors import nav
from stores.models import Store
from stores.principals import Area

Address = Callable[[MetricStatus], str]


@dataclass(frozen=True, slots=True)
class TodoPart:
    """What templates/dashboard/_todo.html reads: the most urgent, what is folded away, and how many there are."""

    items: list[Todo]
    more: list[Todo]
    count: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """When the tiles are judged next, and how many of them get another level then."""

    at: datetime
    changes: int


@dataclass(frozen=True, slots=True)
class PanelPage:
    """What templates/dashboard/panel.html reads; ``is_past``: it shows a past day, which has nothing to do."""

    nav: dict[str, Any]
    now: datetime
    store: Store
    days: PageDays
    feeds: list[parts.FeedRow]
    has_feeds: bool
    behind: str
    present_url: str
    is_past: bool
    todo: TodoPart | None
    evaluation: Evaluation | None
    tiles: list[parts.Tile]
    quiet: list[parts.Tile]
    scores: list[parts.ScoreItem]
    trade: list[Fact]
    rating: RatingPart
    rating_url: str
    silent: list[Banner]
    governance: list[Banner]
    penalties: list[Fact]
    penalties_url: str
    promotions: list[Fact]
    promotions_url: str


def panel_page_of(request: StoreRequest, store: Store, found: Panel, now: datetime) -> PanelPage:
    """The panel of a store."""

    def url(status: MetricStatus) -> str:
        return parts.metric_url(store.store_no, status.result.code, found.days)

    feeds = parts.feeds_of(found.store_span, found.days.last)
    figures = parts.figures_of(found.days, found.computed_at, now)
    return PanelPage(
        nav=nav(request, current="panel", figures=figures, now=now),
        now=now,
        store=store,
        days=found.days,
        feeds=feeds,
        has_feeds=bool(found.store_span.store.feeds),
        behind=parts.behind(feeds),
        present_url=request.path,
        is_past=found.work is None,
        todo=todo_part(store, found, now, may_write=may_write(request.principal, store, Area.NOTICES)),
        evaluation=evaluation_of(found),
        tiles=_tiles(found, url),
        quiet=[parts.tile(one, url(one)) for one in found.quiet],
        scores=_scores(found, url),
        trade=[parts.trade_item(one, url(one)) for one in found.trade],
        rating=rating_part(found.rating, url, found.upcoming.get(found.rating.status.result.code)),
        rating_url=reverse("dashboard:rating", args=[store.store_no]),
        silent=silent_banners(found.silent, reverse("dashboard:sync", args=[store.store_no])),
        governance=banners_of(found),
        penalties=penalty_facts(found.restrictions.penalties) if found.restrictions else [],
        penalties_url=reverse("penalties:penalties", args=[store.store_no]),
        promotions=promotion_facts(found.restrictions.eligibility) if found.restrictions else [],
        promotions_url=reverse("penalties:promotions", args=[store.store_no]),
    )


def _tiles(found: Panel, url: Address) -> list[parts.Tile]:
    """The metrics that are judged, with trend and next evaluation."""
    return [
        parts.tile(
            one, url(one), found.trends[one.result.code], upcoming=next_text(one, found.upcoming.get(one.result.code))
        )
        for one in found.tiles
    ]


def _scores(found: Panel, url: Address) -> list[parts.ScoreItem]:
    penalties = found.restrictions.penalties if found.restrictions else []
    return [
        parts.score(
            one,
            url(one.status),
            next_score(one, found.upcoming.get(one.status.result.code)),
            score_penalty_rows(one.status.result.code, penalties),
        )
        for one in found.scores
    ]


def todo_part(store: Store, found: Panel, now: datetime, *, may_write: bool) -> TodoPart | None:
    """What must be done now; a past day has none."""
    if found.work is None:
        return None
    items = todo_list(store, found.work, now, may_write=may_write)
    return TodoPart(items[:SHOWN], items[SHOWN:], len(items))


def banners_of(found: Panel) -> list[Banner]:
    """What holds the rating back and which metrics are still silent (SR-06, PN-21)."""
    banners = [freeze_banner(found.rating), silence_banner(found.store_span, found.quiet)]
    return [banner for banner in banners if banner]


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
