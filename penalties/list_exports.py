"""The penalties and points of a store as files (PG-12)."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.utils.translation import pgettext_lazy

from core.timebase import performance_day
from exports.columns import ListColumn, code, instant, label, text, truth, whole, word
from exports.declaring import ROWS_AT_ONCE, Asked, ListFile, OfStore, list_export
from exports.downloads import dated
from penalties.models import Penalty, PointsEntry
from penalties.presenters.words import KIND_WORDS, points_cause, scope_words
from penalties.queries.penalties import past_penalties, standing_penalties
from penalties.queries.points import points_of_year
from penalties.rules import SCOPES, PenaltyKind
from penalties.sources import source_named
from stores.principals import Area


@list_export("penalties", page="penalties:penalties", access=OfStore(Area.NOTICES))
def penalties(asked: Asked) -> ListFile:
    """Those in force first, then those that are over."""
    standing, past = standing_penalties(asked.store, asked.at), past_penalties(asked.store, asked.at)

    def rows() -> Iterator[Any]:
        for row in chain(standing, past.iterator(ROWS_AT_ONCE)):
            yield row, source_named(row.source).words(row)

    return ListFile(
        dated("penalties", asked.at),
        pgettext_lazy("sheet", "Penalties"),
        _penalty_columns(),
        rows,
        lambda: len(standing) + past.count(),
    )


def _penalty_columns() -> list[ListColumn]:
    endings = dict(Penalty._meta.get_field("ending").flatchoices)
    return [
        word("kind", pgettext_lazy("column", "Penalty"), KIND_WORDS, lambda row: row[0].kind, width=26),
        text(
            "scope",
            pgettext_lazy("column", "Reaches"),
            lambda row: SCOPES[PenaltyKind(row[0].kind)],
            shown=lambda row: scope_words(row[0].kind),
            width=16,
        ),
        code("listing", pgettext_lazy("column", "Listing"), lambda row: row[0].subject or None),
        code("source", label(Penalty, "source"), lambda row: row[0].source),
        text(
            "cause",
            pgettext_lazy("column", "Cause"),
            lambda row: row[0].cause,
            shown=lambda row: row[1].cause,
            width=60,
        ),
        code("rule", label(Penalty, "rule"), lambda row: row[0].rule, width=10),
        instant("starts_at", pgettext_lazy("column", "From"), lambda row: row[0].starts_at),
        instant("ends_at", pgettext_lazy("column", "Until"), lambda row: row[0].ends_at),
        instant("ended_at", pgettext_lazy("column", "Ended"), lambda row: row[0].ended_at),
        word("ending", pgettext_lazy("column", "How it ended"), endings, lambda row: row[0].ending or None),
        truth("predicted", pgettext_lazy("column", "Predicted"), lambda row: row[0].predicted),
    ]


@list_export("points", page="penalties:penalties", access=OfStore(Area.NOTICES))
def points(asked: Asked) -> ListFile:
    """The points of this calendar year, lifted ones too."""
    entries = points_of_year(asked.store, performance_day(asked.at).year)
    columns = [
        instant("at", label(PointsEntry, "at")),
        whole("points", label(PointsEntry, "points")),
        code("source", label(PointsEntry, "source")),
        text("cause", pgettext_lazy("column", "Cause"), shown=points_cause, width=60),
        code("rule", label(PointsEntry, "rule"), width=10),
        instant("lifted_at", label(PointsEntry, "lifted_at")),
        truth("predicted", pgettext_lazy("column", "Predicted")),
    ]
    return ListFile(
        dated("points", asked.at), pgettext_lazy("sheet", "Points"), columns, lambda: entries, lambda: len(entries)
    )
