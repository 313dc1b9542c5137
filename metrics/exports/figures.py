"""Scorecards and ratings as rows (IX-13, MX-08, SR-05). Those of one store come from objects, as its pages do; those of
many from columns, which only commands and workers load."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from io import StringIO
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from core.pages.sheets import safe_cell
from metrics.catalogue import DIMENSIONS, RATED, Calendar
from metrics.exports.selection import Selection
from metrics.models import Published, shown_rating
from metrics.rules.rating import tier_of
from metrics.scorecards.batches import scorecards_between
from metrics.scorecards.results import PLACES, result_data
from rulebook.policy import Policy
from rulebook.rules import decimal_text

if TYPE_CHECKING:
    from metrics.scorecards.columns.judging import Results
    from metrics.scorecards.together import Scorecards

Row = tuple[object, ...]
# The parts of the rating that are no dimensions of their own.
PARTS = ("dispatch", "delivery")


def scorecard_rows(selection: Selection) -> Iterator[Row]:
    """Computed scorecards by store, day and metric (MX-08)."""
    if len(selection.stores) > 1:
        yield from _scorecard_rows(selection)
        return
    for store, day, scorecard in scorecards_between(selection.stores, selection.first, selection.last):
        for code, result in scorecard.items():
            data = result_data(result)
            yield (
                store.store_no,
                day.day,
                code,
                data.get("numerator"),
                data.get("denominator"),
                _number(data.get("value")),
                _number(data.get("yellow")),
                _number(data.get("red")),
                data["level"],
                _number(data.get("benchmark")),
                _number(data.get("deviation")),
                result.policy_version,
            )


def _scorecard_rows(selection: Selection) -> Iterator[Row]:
    from metrics.scorecards.together import judged_together

    for scorecards in judged_together(selection.stores, selection.first, selection.last):
        by_code = [
            zip(
                repeat(code),
                *result.counts,
                map(_number, result.value_texts),
                map(_number, result.yellow_texts),
                map(_number, result.red_texts),
                result.level_words,
                map(_number, result.benchmark_texts),
                map(_number, result.deviation_texts),
                repeat(scorecards.policy(result.metric.calendar).number),
                strict=False,
            )
            for code, result in scorecards.results.items()
        ]
        for (store_no, day), *rows in zip(_cells(scorecards), *by_code, strict=True):
            for row in rows:
                yield (store_no, day, *row)


def scorecard_lines(selection: Selection) -> Iterator[tuple[int, str]]:
    """The same as lines of CSV, pieces of them with the number of their rows."""
    from metrics.scorecards.together import judged_together

    for scorecards in judged_together(selection.stores, selection.first, selection.last):
        by_code = [
            _lines(code, result, scorecards.policy(result.metric.calendar).number)
            for code, result in scorecards.results.items()
        ]
        text = []
        for (store_no, day), lines in zip(_cells(scorecards), zip(*by_code, strict=True), strict=True):
            start = f"{_quoted(store_no)},{day.isoformat()},"
            text.append(start + start.join(lines))
        yield len(by_code) * len(text), "".join(text)


def _lines(code: str, result: "Results", version: int) -> list[str]:
    """What follows store and day in a metric's lines."""
    texts = (
        result.value_texts, result.yellow_texts, result.red_texts, result.level_words, result.benchmark_texts,
        result.deviation_texts,
    )  # fmt: skip
    values, *others = (["" if text is None else text for text in column] for column in texts)
    upper, lower = (["" if count is None else str(count) for count in column] for column in result.counts)
    end = f",{version}\r\n"
    cells = zip(repeat(code), upper, lower, values, *others, strict=False)
    return [",".join(row) + end for row in cells]


def _cells(scorecards: "Scorecards") -> Iterator[tuple[str, date]]:
    """Number and day of each store and day, in order."""
    return ((store.store_no, day) for store in scorecards.stores for day in scorecards.batch.days)


@lru_cache(maxsize=1024)
def _quoted(store_no: str) -> str:
    buffer = StringIO()
    csv.writer(buffer, lineterminator="").writerow([safe_cell(store_no)])
    return buffer.getvalue()


def rating_rows(selection: Selection) -> Iterator[Row]:
    """The computed and the published rating by store and rating day, with tier and parts (SR-01, SR-05). The tier is
    that of the published rating, of the computed one where nothing was published; ``frozen``: whether the published
    one was held back (SR-06)."""
    published, tiers = _published(selection), _Tiers()
    computed = _ratings_of_many if len(selection.stores) > 1 else _ratings_of_one
    for store_id, store_no, day, policy, score, dimensions, parts, marks, reviews in computed(selection):
        result = published.get((store_id, day), {})
        shown = shown_rating({"dsr": result})
        official = score if shown is None else shown
        yield (
            store_no,
            day,
            _number(None if score is None else decimal_text(score, PLACES)),
            shown,
            result.get("frozen", False),
            None if official is None else tiers.of(official, policy),
            *map(_number, dimensions),
            *map(_number, parts),
            marks,
            reviews,
            policy.number,
        )


class _Tiers:
    """Codes of tiers; published ratings, of few decimals, are often the same."""

    def __init__(self) -> None:
        self._found: dict[tuple[Fraction | Decimal, int], str] = {}

    def of(self, rating: Fraction | Decimal, policy: Policy) -> str:
        if isinstance(rating, Fraction):
            return tier_of(rating, policy).code
        found = self._found.get((rating, policy.number))
        if found is None:
            found = self._found[rating, policy.number] = tier_of(Fraction(rating), policy).code
        return found


_Rated = tuple[int, str, date, Policy, Fraction | None, Sequence[str | None], Sequence[str | None], int, int]


def _ratings_of_one(selection: Selection) -> Iterator[_Rated]:
    for store, day, scorecard in scorecards_between(selection.stores, selection.first, selection.last, codes=RATED):
        rating = day.rating
        yield (
            store.id,
            store.store_no,
            day.day,
            day.policy(Calendar.RATING),
            scorecard["dsr"].value.value,
            [result_data(scorecard[code]).get("value") for code in DIMENSIONS],
            [None if part is None else decimal_text(part, PLACES) for part in map(rating.means.get, PARTS)],
            rating.marks,
            rating.counts["described"],
        )


def _ratings_of_many(selection: Selection) -> Iterator[_Rated]:
    from metrics.scorecards.columns.judging import texts_of
    from metrics.scorecards.together import judged_together

    for scorecards in judged_together(selection.stores, selection.first, selection.last, codes=RATED, levels=False):
        batch, ratings = scorecards.batch, scorecards.batch.ratings
        score = batch.values("dsr").exact
        scores = (
            Fraction(upper, lower) if there else None
            for upper, lower, there in zip(
                score.upper.numbers(), score.lower.numbers(), score.there.tolist(), strict=True
            )
        )
        stores = chain.from_iterable(repeat(store, len(batch.days)) for store in scorecards.stores)
        rows = zip(
            stores,
            scores,
            zip(*(texts_of(batch.values(code).exact) for code in DIMENSIONS), strict=True),
            zip(*(texts_of(ratings.means[name]) for name in PARTS), strict=True),
            ratings.marks.numbers(),
            ratings.counts["described"].numbers(),
            strict=True,
        )
        policy = scorecards.policy(Calendar.RATING)
        for (_no, day), (store, rating, dimensions, parts, marks, reviews) in zip(
            _cells(scorecards), rows, strict=True
        ):
            yield (store.id, store.store_no, day, policy, rating, dimensions, parts, marks, reviews)


def _published(selection: Selection) -> dict[tuple[int, date], dict[str, Any]]:
    """The published result of the rating by store and day."""
    rows = Published.objects.filter(calendar=Calendar.RATING, day__gte=selection.first, day__lte=selection.last)
    if len(selection.stores) == 1:
        rows = rows.filter(store=selection.stores[0])
    return {(store_id, day): dsr or {} for store_id, day, dsr in rows.values_list("store_id", "day", "scorecard__dsr")}


def _number(text: str | None) -> Decimal | None:
    """A figure as the number that it is: as text a negative one would be taken for a formula (RL-12)."""
    return None if text is None else Decimal(text)
