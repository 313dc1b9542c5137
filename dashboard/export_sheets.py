"""Exports for people (IX-13): the rows of each kind with headings, names and words in the reader's language."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, pgettext_lazy

from appeals.appeal_files import appeals_sheet
from core.pages.people_sheets import Code, Field, Share, Sheet
from dashboard.record_files import notices_sheet
from insights.presenters.figure_files import STORE, figure, level_word
from insights.presenters.problem_files import problem_cells, problem_fields
from metrics import words
from metrics.catalogue import METRICS, problem_counters
from metrics.exports.figures import rating_rows, scorecard_rows
from metrics.exports.kinds import COUNTER_NAMES, fact_rows
from metrics.exports.selection import Selection
from metrics.queries.problems import ProblemQuery, all_problems
from orders.queries.names import order_names
from penalties.penalty_files import penalties_sheet
from rulebook.queries import policy_at

Maker = Callable[[Selection, datetime], Sheet]
DAY = Field(pgettext_lazy("column", "Day"), 12)
# The counters of the rating's calendar are not those of the same words in the other one.
RATING_WORDS: dict[str, Any] = {
    "described_n": pgettext_lazy("column", "Rating: reviews, as described"),
    "described_sum": pgettext_lazy("column", "Rating: stars, as described"),
    "described_low": pgettext_lazy("column", "Rating: low stars, as described"),
    "communication_n": pgettext_lazy("column", "Rating: reviews, communication"),
    "communication_sum": pgettext_lazy("column", "Rating: stars, communication"),
    "communication_low": pgettext_lazy("column", "Rating: low stars, communication"),
    "r_dispatch_n": pgettext_lazy("column", "Rating: orders rated on dispatch"),
    "r_dispatch_ontime": pgettext_lazy("column", "Rating: dispatched on time"),
    "r_dispatch_late": pgettext_lazy("column", "Rating: dispatched late"),
    "r_delivery_n": pgettext_lazy("column", "Rating: orders rated on delivery"),
    "r_delivery_ontime": pgettext_lazy("column", "Rating: delivered on time"),
    "r_delivery_late": pgettext_lazy("column", "Rating: delivered late"),
    "r_value_cents_usd": pgettext_lazy("column", "Rating: order value, US cents"),
    "r_value_n": pgettext_lazy("column", "Rating: orders with a value"),
    "u_reviews": pgettext_lazy("column", "Freeze: reviews"),
    "u_negative": pgettext_lazy("column", "Freeze: negative reviews"),
    "u_delivery_due": pgettext_lazy("column", "Freeze: due for delivery"),
    "u_delivery_late": pgettext_lazy("column", "Freeze: delivered late"),
}


def facts_sheet(selection: Selection, _at: datetime) -> Sheet:
    """Facts by store and day (MX-01)."""
    counters = [Field(RATING_WORDS.get(name) or words.COUNTER_WORDS[name], 12) for name in COUNTER_NAMES]
    rows = ([Code(str(store_no)), *cells] for store_no, *cells in fact_rows(selection))
    return Sheet(pgettext_lazy("sheet", "Facts"), [STORE, DAY, *counters], rows)


def scorecards_sheet(selection: Selection, at: datetime) -> Sheet:
    """Computed scorecards by store, day and metric (MX-08)."""
    fields = [
        STORE,
        DAY,
        Field(pgettext_lazy("column", "Metric"), 24),
        Field(pgettext_lazy("column", "Numerator"), 12),
        Field(pgettext_lazy("column", "Denominator"), 12),
        Field(pgettext_lazy("column", "Value"), 14),
        Field(pgettext_lazy("column", "Yellow line"), 12),
        Field(pgettext_lazy("column", "Red line"), 12),
        Field(pgettext_lazy("column", "Level"), 12),
        Field(pgettext_lazy("column", "Category benchmark"), 14),
        Field(pgettext_lazy("column", "Deviation"), 12),
        Field(pgettext_lazy("column", "Policy version"), 10),
    ]
    units = {code: rules.unit for code, rules in policy_at(at).metrics.items()}
    return Sheet(
        pgettext_lazy("sheet", "Scorecards"), fields, (_result(row, units) for row in scorecard_rows(selection))
    )


def _result(row: Sequence[Any], units: dict[str, str]) -> list[object]:
    store_no, day, code, numerator, denominator, value, yellow, red, level, benchmark, deviation, version = row
    unit = units.get(code, "")
    thresholds = (figure(threshold, unit) for threshold in (yellow, red))
    return [
        Code(store_no),
        day,
        METRICS[code].title,
        numerator,
        denominator,
        figure(value, unit),
        *thresholds,
        level_word(level),
        figure(benchmark, unit),
        None if deviation is None else Share(deviation),
        version,
    ]


def ratings_sheet(selection: Selection, at: datetime) -> Sheet:
    """The computed and the published rating by store and rating day (SR-01, SR-05)."""
    fields = [
        STORE,
        DAY,
        Field(pgettext_lazy("column", "Rating"), 10),
        Field(pgettext_lazy("column", "Published rating"), 10),
        Field(pgettext_lazy("column", "Frozen"), 8),
        Field(pgettext_lazy("column", "Tier"), 14),
        Field(pgettext_lazy("column", "As described"), 10),
        Field(pgettext_lazy("column", "Communication"), 10),
        Field(pgettext_lazy("column", "Shipping"), 10),
        Field(pgettext_lazy("column", "On-time dispatch"), 10),
        Field(pgettext_lazy("column", "Delivery against estimate"), 10),
        Field(pgettext_lazy("column", "Marks"), 10),
        Field(pgettext_lazy("column", "Reviews"), 10),
        Field(pgettext_lazy("column", "Policy version"), 10),
    ]
    rows = (_rating(row, at) for row in rating_rows(selection))
    return Sheet(pgettext_lazy("sheet", "Ratings"), fields, rows)


def _rating(row: Sequence[Any], at: datetime) -> list[object]:
    store_no, day, computed, published, frozen, tier, *parts, marks, reviews, version = row
    shown = [figure(value, "stars") for value in (computed, published)]
    return [
        Code(store_no),
        day,
        *shown,
        frozen,
        _tier(tier, at),
        *(figure(value, "stars") for value in parts),
        marks,
        reviews,
        version,
    ]


def _tier(code: str | None, at: datetime) -> str | None:
    chinese = (get_language() or "").startswith("zh")
    names = {tier.code: tier.name_zh if chinese else tier.name_en for tier in policy_at(at).rating.tiers}
    return None if code is None else names.get(code, code)


def problem_orders_sheet(selection: Selection, at: datetime) -> Sheet:
    """The orders that fail a metric's counters, each with its reason, by store, day and order."""
    counters = problem_counters(selection.metric)

    def rows() -> Iterator[list[object]]:
        for store in selection.stores:
            names = order_names(store.store_no, at)
            for row in all_problems(ProblemQuery(store.pk, counters, selection.first, selection.last, sort="day")):
                yield [Code(store.store_no), *problem_cells(row, names, counters, at)]

    return Sheet(METRICS[selection.metric].title, [STORE, *problem_fields(counters)], rows())


PEOPLE: dict[str, Maker] = {
    "facts": facts_sheet,
    "scorecards": scorecards_sheet,
    "ratings": ratings_sheet,
    "problem_orders": problem_orders_sheet,
    "notices": notices_sheet,
    "appeals": appeals_sheet,
    "penalties": penalties_sheet,
}
