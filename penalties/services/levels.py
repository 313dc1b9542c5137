"""Keeping the graded days of figures that penalties hang on: by the night as published (MX-08), by corrections as
corrected (BX-03)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from metrics.catalogue import Calendar
from metrics.models import Published
from metrics.queries.published import sifted
from metrics.rules.days import day_end
from metrics.scorecards.evaluating import judge_day
from metrics.scorecards.results import result_data
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.store_profiles import load_profiles
from notifications.rules import is_backfill
from notifications.services.consequences import Correction
from penalties.figures import COMMISSION, FIGURES, LEVELS, Figure, PolicyOn, level_of_kind
from penalties.models import LevelDay
from penalties.queries.levels import FigureDays, graded_days, listings_at_fault, policies_on
from penalties.rules import PenaltyKind
from penalties.services.linked import examine_linked_stores
from penalties.spells import GradedDay
from rulebook.policy import Policy
from stores.models import Category, Store
from stores.shards import EVERY_STORE, Shard

ROWS_AT_ONCE = 500
NO_DAYS = FigureDays((), {})
# What words quote of a published result.
QUOTED = ("value", "numerator", "denominator")


def record_day(*, day: date, at: datetime, calendar: Calendar, shard: Shard = EVERY_STORE) -> int:
    """The night's stage: grade what was published of a day; returns the rows added.

    A day is kept if it is over a threshold, or if something that began before lasts. It follows from published rows
    alone, so a rerun adds nothing. Rows of other days are not loaded."""
    added, after = 0, 0
    figures = _figures_on(day, calendar)
    while figures and (rows := _published(day, calendar, shard, after)):
        after = rows[-1].store_id
        added += _record(rows)
    return added


def _figures_on(day: date, calendar: Calendar) -> list[Figure]:
    return [one for one in FIGURES.values() if one.calendar == calendar and one.counts_on(day)]


def _published(day: date, calendar: Calendar, shard: Shard, after: int) -> list[Published]:
    """The rows that a figure may be over a threshold in, and those of stores that had such days."""
    figures, policy = _figures_on(day, calendar), policies_on(calendar)(day)
    graded = LevelDay.objects.filter(store=OuterRef("store_id"), figure__in=[figure.name for figure in figures])
    bad = sifted([test for figure in figures for test in figure.tests(policy)])
    rows = Published.objects.filter(Exists(graded) | bad, day=day, calendar=calendar, store_id__gt=after)
    return list(shard.narrow(rows).order_by("store_id")[:ROWS_AT_ONCE])


@transaction.atomic
def _record(rows: Sequence[Published]) -> int:
    """Grade the published rows of some stores on one day; what is linked to those that reach a level is examined."""
    day, calendar = rows[0].day, Calendar(rows[0].calendar)
    policy_on = policies_on(calendar)
    figures = _figures_on(day, calendar)
    kept = graded_days([row.store_id for row in rows], figures)
    new: list[LevelDay] = []
    reached: dict[int, int] = {}
    for row, figure in product(rows, figures):
        found = kept.get((row.store_id, figure.name), NO_DAYS)
        if day in found.facts:
            continue
        made = _graded(row, figure, policy_on(day))
        before = [one for one in found.days if one.day < day]
        if made.grade or figure.is_watched(before, policy_on):
            new.append(made)
            if figure is LEVELS and (level := _begun(made, before, policy_on)):
                reached[row.store_id] = level
    _look_around(new, policy_on(day), day)
    LevelDay.objects.bulk_create(new, batch_size=500)
    examine_linked_stores(reached=reached, day=day)
    return len(new) + _catch_up({one.store_id for one in new}, day, calendar)


def _graded(row: Published, figure: Figure, policy: Policy) -> LevelDay:
    result: Mapping[str, Any] = row.scorecard.get(figure.metric, {})
    late = is_backfill(day_end(row.day, figure.calendar), row.computed_at, policy.judging.backfill_hours)
    return LevelDay(
        store_id=row.store_id,
        figure=figure.name,
        day=row.day,
        grade=figure.grade_of(result, policy),
        acts=not late,
        facts={name: result[name] for name in QUOTED if name in result},
    )


def _begun(made: LevelDay, before: Sequence[GradedDay], policy_on: PolicyOn) -> int:
    """The worst level that a day begins; 0 if none."""
    if not made.grade or not made.acts:
        return 0
    days = [*before, GradedDay(made.day, made.grade, made.acts)]
    return max((level for level, spell in LEVELS.spells(days, policy_on) if spell.first == made.day), default=0)


def _catch_up(store_ids: Collection[int], day: date, calendar: Calendar) -> int:
    """Grade the day after as well where it was published before: nights run by hand go in any order."""
    if not store_ids:
        return 0
    following = Published.objects.filter(store_id__in=store_ids, day=day + timedelta(days=1), calendar=calendar)
    rows = list(following.order_by("store_id"))
    return _record(rows) if rows else 0


def _look_around(new: Sequence[LevelDay], policy: Policy, day: date) -> None:
    """Add what penalties of a day depend on besides its figure, as it is when the day is graded."""
    least = level_of_kind(policy, PenaltyKind.LISTING_DELISTED)
    worst = [one for one in new if one.figure == LEVELS.name and 0 < least <= (one.grade or 0)]
    if worst:
        at_fault = listings_at_fault([one.store_id for one in worst], day, policy)
        for one in worst:
            one.facts["listings"] = at_fault.get(one.store_id, [])
    charged = {one.store_id: one for one in new if one.figure == COMMISSION.name and one.grade}
    if charged:
        categories = Category.objects.in_bulk(list(policy.disputes.commission_categories))
        for profile in load_profiles(Store.objects.filter(pk__in=charged)):
            charged[profile.id].facts |= _commission(profile.category_on(day).path, policy, categories)


def _commission(path: Sequence[str], policy: Policy, categories: Mapping[str, Category]) -> dict[str, str]:
    """The category that policy has a commission for, the nearest at or above the store's own (DP-11)."""
    rates = policy.disputes.commission_categories
    code = next((code for code in path if code in rates), "")
    if not code:
        return {}
    named = categories.get(code, Category(code=code))
    return {
        "category": code,
        "category_name": named.name,
        "category_name_en": named.name_en,
        "commission": str(rates[code]),
    }


def grade_anew(correction: Correction) -> None:
    """Grade the days anew that a correction reaches; penalties follow from them. Days that late data alone changed
    stay as published (MX-08)."""
    _grade_latest(correction)
    rows = list(LevelDay.objects.filter(store=correction.store, day__in={day for day, _code in correction.changed}))
    reached = [row for row in rows if (row.day, FIGURES[row.figure].metric) in correction.changed]
    for row in reached:
        _correct(row, FIGURES[row.figure], correction.span)
    LevelDay.objects.bulk_update(reached, ["grade", "facts"], batch_size=500)


def _grade_latest(correction: Correction) -> None:
    """Grade what was published of the latest day: a night that is at its end yet would grade it after the correction,
    as it was published."""
    days = {day for day, _code in correction.changed}
    for calendar in Calendar:
        latest = Published.objects.filter(store=correction.store, calendar=calendar).order_by("-day").first()
        if latest is not None and latest.day in days:
            _record([latest])


def _correct(row: LevelDay, figure: Figure, span: StoreSpan) -> None:
    policy = span.policy(row.day, figure.calendar)
    result = result_data(judge_day(span.on(row.day), figure.metric, None))
    row.grade = figure.grade_of(result, policy)
    row.facts |= {name: result[name] for name in QUOTED if name in result}
    if row.facts.get("listings"):
        at_fault = listings_at_fault([row.store_id], row.day, policy).get(row.store_id, [])
        row.facts["listings"] = [sku for sku in row.facts["listings"] if sku in at_fault]
