"""Metric results in columns: thresholds, levels and texts (MX-06 … MX-12, PN-21, PN-22, DP-02), the same as `judge_day`
and `result_data` make for one store on one day."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np
import numpy.typing as npt

from metrics.catalogue import DIMENSIONS, METRICS, Kind, Metric
from metrics.scorecards.columns.lines import HEADS, NOTHING, Line, said
from metrics.scorecards.columns.values import Batch, Quotients
from metrics.scorecards.columns.whole import Mask, choose, decimal_texts
from metrics.scorecards.results import Level
from rulebook.rules import Ratio

LEVELS = tuple(Level)
NUMBER_OF = {level: number for number, level in enumerate(LEVELS)}
UNDECIDED = len(LEVELS)
Texts = list[str | None]


@dataclass
class Results:
    """A metric's results of a batch. ``levels``: numbers of `LEVELS`; ``needs_past``: yellow only if the days before
    confirm it; ``held_back``: they did not. Where a silent period hides the level, nobody asks for the past."""

    batch: Batch
    code: str
    levels: npt.NDArray[np.uint8]
    needs_past: Mask
    held_back: Mask
    yellow: Quotients
    red: Quotients
    by_site: bool

    @property
    def metric(self) -> Metric:
        return METRICS[self.code]

    def decide(self, place: int, *, confirmed: bool) -> None:
        """Settle a result that needs the past."""
        self.needs_past[place] = False
        if not confirmed:
            self.levels[place], self.held_back[place] = NUMBER_OF[Level.OK], True

    def exact(self, place: int) -> Ratio:
        """The value of a store on a day that has one."""
        value = self.batch.values(self.code).exact
        return Ratio(int(value.upper.array[place]), int(value.lower.array[place]))

    @cached_property
    def level_words(self) -> list[str]:
        """The words of the levels, once what needs the past is decided."""
        words = [str(level) for level in LEVELS]
        return [words[number] for number in self.levels.tolist()]

    @cached_property
    def value_texts(self) -> Texts:
        return texts_of(self.batch.values(self.code).exact)

    @cached_property
    def yellow_texts(self) -> Texts:
        return texts_of(self.yellow) if self.by_site else self._of_kinds(lambda line: line.yellow_text)

    @cached_property
    def red_texts(self) -> Texts:
        return texts_of(self.red) if self.by_site else self._of_kinds(lambda line: line.red_text)

    @cached_property
    def benchmark_texts(self) -> Texts:
        return self._of_kinds(lambda line: line.benchmark_text)

    @cached_property
    def deviation_texts(self) -> Texts:
        """(store − benchmark) ÷ benchmark of a rating dimension (MX-12)."""
        if self.code not in DIMENSIONS:
            return [None] * len(self.batch)
        means = [
            NOTHING if line.benchmark is None else Ratio(*line.benchmark.exact.as_integer_ratio())
            for line in self.batch.lines(self.code)
        ]
        there = np.array([mean.upper > 0 for mean in means], dtype=bool)[self.batch.kind_of]
        mean, unit = self.batch.of_kinds(means)
        value = self.batch.values(self.code).exact
        deviation = value.upper * unit - mean * value.lower
        return texts_of(Quotients(deviation, value.lower * choose(there, mean, 1), there & value.there))

    @cached_property
    def counts(self) -> tuple[list[int | None], list[int | None]]:
        """Numerators and denominators as exported."""
        values = self.batch.values(self.code)
        if values.counts is None:
            return [None] * len(self.batch), [None] * len(self.batch)
        numerators, denominators = (column.numbers() for column in values.counts)
        if values.fed.all():
            return list(numerators), list(denominators)
        fed = values.fed.tolist()
        return (
            [number if known else None for number, known in zip(numerators, fed, strict=True)],
            [number if known else None for number, known in zip(denominators, fed, strict=True)],
        )

    def published(self) -> list[str]:
        """The results with their code as published rows hold them, as `result_data` in JSON."""
        heads = [
            HEADS[self.code, LEVELS[level], held]
            for level, held in zip(self.levels.tolist(), self.held_back.tolist(), strict=True)
        ]
        values = ["" if text is None else f', "value": "{text}"' for text in self.value_texts]
        columns = [heads, values, self._thresholds_json()]
        if self.code in DIMENSIONS:
            columns.append(["" if text is None else f', "deviation": "{text}"' for text in self.deviation_texts])
        if self.batch.values(self.code).counts is not None:
            columns.append([
                "}" if lower is None else f', "numerator": {upper}, "denominator": {lower}}}'
                for upper, lower in zip(*self.counts, strict=True)
            ])  # fmt: skip
        else:
            columns.append(["}"] * len(heads))
        return list(map("".join, zip(*columns, strict=True)))

    def _thresholds_json(self) -> list[str]:
        if self.by_site:
            return list(map(said, self.yellow_texts, self.red_texts, self.benchmark_texts))
        texts = [line.thresholds_json for line in self.batch.lines(self.code)]
        return [texts[kind] for kind in self.batch.kind_of.tolist()]

    def _of_kinds(self, text_of: Callable[[Line], str | None]) -> Texts:
        texts = [text_of(line) for line in self.batch.lines(self.code)]
        return [texts[kind] for kind in self.batch.kind_of.tolist()]


def texts_of(numbers: Quotients) -> Texts:
    """The numbers with ten decimals; None where there is none."""
    if numbers.there.all():
        return list(decimal_texts(numbers.upper, numbers.lower))
    made: Texts = [None] * len(numbers.there)
    places = np.flatnonzero(numbers.there)
    texts = decimal_texts(numbers.upper[places], numbers.lower[places])
    for place, text in zip(places.tolist(), texts, strict=True):
        made[place] = text
    return made


def judged(batch: Batch, code: str) -> Results:
    """The results of a metric by the days alone."""
    yellow, red = thresholds_of(batch, code)
    levels, needs_past = _levels(batch, code, yellow, red)
    by_site = _by_site(batch, code)
    return Results(batch, code, levels, needs_past, np.zeros(len(batch), dtype=bool), yellow, red, by_site)


def _by_site(batch: Batch, code: str) -> bool:
    return any(line.terms.by_site for line in batch.lines(code))


def thresholds_of(batch: Batch, code: str) -> tuple[Quotients, Quotients]:
    """Yellow and red as they act."""
    if _by_site(batch, code):
        return _scaled_thresholds(batch, code)
    lines = batch.lines(code)
    return _of_lines(batch, [line.yellow for line in lines]), _of_lines(batch, [line.red for line in lines])


def _of_lines(batch: Batch, numbers: list[Ratio | None]) -> Quotients:
    there = np.array([number is not None for number in numbers], dtype=bool)[batch.kind_of]
    return Quotients(*batch.of_kinds([number or NOTHING for number in numbers]), there)


def _scaled_thresholds(batch: Batch, code: str) -> tuple[Quotients, Quotients]:
    """Yellow and red as they act where the destinations of each store scale them (DM-31)."""
    lines = batch.lines(code)
    yellow = _scaled(batch, code, _of_lines(batch, [line.own_yellow for line in lines]))
    red = _scaled(batch, code, _of_lines(batch, [line.red for line in lines]))
    baseline = batch.where(code, lambda line: line.has_baseline)
    if not baseline.any():
        return yellow, red
    upper, lower = batch.of_kinds([
        Ratio(*line.benchmark.exact.as_integer_ratio()) if line.benchmark is not None else NOTHING for line in lines
    ])  # fmt: skip
    benchmark, own = upper * yellow.lower, yellow.upper * lower
    stricter = own > benchmark if lines[0].terms.rules.floor_top is None else benchmark > own
    acts = baseline & stricter
    return yellow._replace(upper=choose(acts, upper, yellow.upper), lower=choose(acts, lower, yellow.lower)), red


def _scaled(batch: Batch, code: str, thresholds: Quotients) -> Quotients:
    """What thresholds allow, times the factor of the destinations (`effective_threshold`)."""
    factor, unit = batch.site_factor(code)
    top = batch.kindred[0].terms[code].rules.floor_top
    upper, lower, there = thresholds
    if top is None:
        return Quotients(upper * factor, lower * unit, there)
    most, of = top.as_integer_ratio()
    allowed = lower * most - upper * of
    return Quotients(lower * unit * most - allowed * factor, lower * unit * of, there)


def _levels(batch: Batch, code: str, yellow: Quotients, red: Quotients) -> tuple[npt.NDArray[np.uint8], Mask]:
    lines, values = batch.lines(code), batch.values(code)
    fixed = [UNDECIDED if line.fixed_level is None else NUMBER_OF[line.fixed_level] for line in lines]
    levels = np.array(fixed, dtype=np.uint8)[batch.kind_of]
    if METRICS[code].kind is Kind.COMPOSITE:
        _set(levels, ~values.fed, Level.NO_DATA)
        if any(line.terms.late for line in lines):
            _set(levels, batch.is_stale(code), Level.STALE)
    _set(levels, ~(values.exact.there & values.enough), Level.FEW)
    none = np.zeros(len(batch), dtype=bool)
    if not (levels == UNDECIDED).any():
        return levels, none
    if lines[0].terms.rules.levels:
        _set_liability(batch, code, levels)
        return levels, none
    is_red, is_yellow = (crosses(lines[0], values.exact, threshold) & threshold.there for threshold in (red, yellow))
    silent = batch.where(code, lambda line: line.terms.is_silent) & yellow.there
    _set(levels, silent, Level.SILENT)
    _set(levels, is_red, Level.RED)
    old = batch.where(code, lambda line: not line.terms.is_new)
    needs_past = (levels == UNDECIDED) & is_yellow & old
    _set(levels, is_yellow, Level.YELLOW)
    _set(levels, np.ones(len(batch), dtype=bool), Level.OK)
    return levels, needs_past


def _set(levels: npt.NDArray[np.uint8], mask: Mask, level: Level) -> None:
    """The level where none is decided yet."""
    levels[mask & (levels == UNDECIDED)] = NUMBER_OF[level]


def crosses(line: Line, value: Quotients, threshold: Quotients) -> Mask:
    """`rulebook.rules.crosses` of columns."""
    mine, theirs = value.upper * threshold.lower, threshold.upper * value.lower
    if line.terms.rules.floor_top is not None:
        mine, theirs = theirs, mine
    return mine >= theirs if line.terms.rules.inclusive else mine > theirs


def _set_liability(batch: Batch, code: str, levels: npt.NDArray[np.uint8]) -> None:
    """L1 … L3 at their thresholds, on one day; young stores reach level 1 earlier (DP-02, DP-03)."""
    rules, value = batch.lines(code)[0].terms.rules, batch.values(code).exact
    undecided = levels == UNDECIDED
    levels[undecided] = NUMBER_OF[Level.OK]
    young = batch.where(code, lambda line: line.terms.is_new)
    for place, (name, threshold) in enumerate(rules.levels):
        reached = _reaches(value, threshold)
        if place == 0 and rules.young_line is not None:
            reached = np.where(young, _reaches(value, rules.young_line), reached)
        levels[undecided & reached] = NUMBER_OF[Level(name)]


def _reaches(value: Quotients, threshold: Decimal) -> Mask:
    upper, lower = threshold.as_integer_ratio()
    return value.upper * lower >= value.lower * upper
