"""The page of a store's penalties: in force, predicted, points of the year, past (PG-12)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.pages.components import Fact
from core.templatetags.ui import instant
from core.timebase import performance_day_start
from penalties.models import Penalty, PointsEntry
from penalties.presenters.words import KIND_WORDS, effect_words, points_cause, scope_words, step_words
from penalties.queries.penalties import PenaltiesFound, PointsFound
from penalties.sources import source_named
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store


@dataclass(frozen=True, slots=True)
class PenaltyItem:
    """A penalty in words: what it is, reaches and does, what for, what lifts it. ``ends_at`` of a past one is when it
    ended, ``ending`` how."""

    key: int
    title: str
    scope: str
    subject: str
    effect: str
    cause: str
    url: str
    lifted_by: str
    starts_at: datetime
    ends_at: datetime | None
    ending: str
    predicted: bool


@dataclass(frozen=True, slots=True)
class PenaltyGroup:
    """The penalties of one kind, which several causes may have brought."""

    title: str
    scope: str
    effect: str
    items: Sequence[PenaltyItem]


@dataclass(frozen=True, slots=True)
class StepItem:
    """A step of the ladder of points, and whether the points reach it."""

    points: int
    brings: str
    reached: bool


@dataclass(frozen=True, slots=True)
class EntryItem:
    points: int
    cause: str
    at: datetime
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class PointsPart:
    """The points of the year; ``next_step``: the least number that brings more, None past the last."""

    year: int
    total: int
    next_step: int | None
    expires_at: datetime
    steps: Sequence[StepItem]
    entries: Sequence[EntryItem]


@dataclass(frozen=True, slots=True)
class PenaltiesPage:
    """What templates/penalties/penalties.html reads."""

    nav: dict[str, Any]
    now: datetime
    store: Store
    mirrored: bool
    in_force: Sequence[PenaltyGroup]
    predicted: Sequence[PenaltyGroup]
    points: PointsPart
    page: "Page[Any]"
    past: Sequence[PenaltyItem]


def penalties_page_of(request: StoreRequest, found: PenaltiesFound, now: datetime) -> PenaltiesPage:
    store = request.store
    standing = penalty_items(found.standing)
    return PenaltiesPage(
        nav=nav(request, current="penalties", now=now),
        now=now,
        store=store,
        mirrored=store.mode == Store.Mode.MIRRORED,
        in_force=grouped(item for item in standing if not item.predicted),
        predicted=grouped(item for item in standing if item.predicted),
        points=points_part(found.points),
        page=found.past,
        past=penalty_items(found.past),
    )


def grouped(items: Iterable[PenaltyItem]) -> list[PenaltyGroup]:
    """Penalties by kind, in the order in which the kinds come first."""
    kinds: dict[str, list[PenaltyItem]] = {}
    for item in items:
        kinds.setdefault(item.title, []).append(item)
    return [PenaltyGroup(title, some[0].scope, some[0].effect, some) for title, some in kinds.items()]


def penalty_items(rows: Iterable[Penalty]) -> list[PenaltyItem]:
    """Penalties in words; their stores are loaded."""
    return [_item(row) for row in rows]


def penalty_facts(rows: Iterable[Penalty], *, of_notice: bool = False) -> list[Fact]:
    """Penalties in short, for pages of other subjects; ``of_notice``: their cause is the page's."""
    return [
        Fact(
            item.title,
            _span(item, ended=row.ended_at is not None),
            " · ".join(filter(None, [item.subject, "" if of_notice else item.cause])),
            "" if of_notice else item.url,
        )
        for row in rows
        for item in [_item(row)]
    ]


def _span(item: PenaltyItem, *, ended: bool) -> str:
    words = {"start": instant(item.starts_at), "end": instant(item.ends_at)}
    if ended:
        text = _("%(start)s to %(end)s") % words
    elif item.ends_at is not None:
        text = _("until %(end)s") % words
    else:
        text = _("until lifted")
    return f"{text} · {pgettext('penalty', 'predicted')}" if item.predicted else text


def _item(row: Penalty) -> PenaltyItem:
    words = source_named(row.source).words(row)
    return PenaltyItem(
        key=row.pk,
        title=str(KIND_WORDS[row.kind]),
        scope=scope_words(row.kind),
        subject=row.subject,
        effect=effect_words(row.kind),
        cause=words.cause,
        url=words.url,
        lifted_by=words.lifted_by,
        starts_at=row.starts_at,
        ends_at=row.ended_at or row.ends_at,
        # By the clock it is over, whether or not a sweep has noted it.
        ending=str(row.get_ending_display()) or pgettext("end of a penalty", "expired"),
        predicted=row.predicted,
    )


def points_part(found: PointsFound) -> PointsPart:
    return PointsPart(
        year=found.year,
        total=found.total,
        next_step=next((step.points for step in found.ladder if step.points > found.total), None),
        expires_at=performance_day_start(date(found.year + 1, 1, 1)),
        steps=[StepItem(step.points, step_words(step), step.points <= found.total) for step in found.ladder],
        entries=[_entry(entry) for entry in found.entries],
    )


def _entry(entry: PointsEntry) -> EntryItem:
    return EntryItem(entry.points, points_cause(entry), entry.at, entry.lifted_at)
