"""Exactly on each line, one failure less, one more; denominators around the least (MX-05, MX-10, DM-31)."""

from datetime import timedelta
from fractions import Fraction

import pytest

from tests.metrics.edges import CALM, DAY, Edges, whole
from tests.oracle.catalogue import METRICS
from tests.oracle.policy import SHIPPED

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow, pytest.mark.django_db]
LINED = [code for code, metric in METRICS.items() if metric.yellow is not None and metric.kind in {"rate", "floor"}]
# Level and category flags with the factors of DM-31 (level; odr; late_dispatch), None: does not apply.
STORES = {
    "plain": ("", "leaf", 1, 1, 1),
    "gold": ("gold", "leaf", Fraction(95, 100), 1, 1),
    "platinum": ("platinum", "", Fraction(90, 100), 1, 1),
    "fast": ("basic", "fast", 1, Fraction(8, 10), 1),
    "made": ("gold", "made", Fraction(95, 100), Fraction(12, 10), Fraction(15, 10)),
    "airy": ("platinum", "airy", Fraction(90, 100), Fraction(12, 10), None),
    "both": ("", "both", 1, Fraction(8, 10), 1),
}
BIG = 1_000_000


def factor_of(code: str, store: str) -> Fraction | None:
    _level, _category, by_level, odr, late = STORES[store]
    if code == "delivered" and store == "airy":
        return None
    scaled = METRICS[code].scaled
    by_category = {"odr": odr, "late_dispatch": late}.get(code, 1) if "category" in scaled else 1
    return None if by_category is None else Fraction(by_category) * (Fraction(by_level) if "level" in scaled else 1)


def failures_on(code: str, line: Fraction, factor: Fraction) -> int:
    metric = METRICS[code]
    return whole(abs(line - metric.perfect) * factor, BIG)


@pytest.mark.rule("MX-06", "MX-10", "DM-31", "PN-04", "PN-05", "TM-05", "TM-10")
@pytest.mark.parametrize("code", LINED)
def test_line_itself_is_within_and_one_failure_more_is_over(code):
    metric, edges, expected = METRICS[code], Edges(), {}
    (failing, *_), lower = ([name for _sign, name in metric.upper], metric.denominator)
    parts = [name for _sign, name in lower]
    for store, (level, category, *_factors) in STORES.items():
        factor = factor_of(code, store)
        for word, line in (("yellow", metric.yellow), ("red", metric.red)):
            for more in (-1, 0, 1):
                if line is None:
                    continue
                name = edges.store(f"{store}-{word}{more:+}", level=level, primary_category=category)
                failures = failures_on(code, line, factor or Fraction(1)) + more
                over = (
                    ("yellow" if word == "yellow" else "red") if more > 0 else {"yellow": "ok", "red": "yellow"}[word]
                )
                expected[name] = "na" if factor is None else over
                early, late = DAY - timedelta(days=45), DAY - timedelta(days=2)
                calm = CALM if metric.window > 45 else 0
                # Of a share the failures are a part of its own whole (positive_rate).
                share_of_itself = failing in parts
                edges.add(name, early, **{parts[0]: CALM})
                whole_of = BIG - calm - (failures if share_of_itself else 0)
                edges.add(name, late, **{parts[0]: whole_of, failing: failures})
    assert edges.levels(code) == expected


@pytest.mark.rule("MX-05", "MX-07")
@pytest.mark.parametrize("code", [code for code, metric in METRICS.items() if metric.denominator])
def test_denominators_around_the_least(code):
    metric, edges, least = METRICS[code], Edges(), SHIPPED.min_denominator
    parts = [name for sign, name in metric.denominator if sign > 0]
    upper = [name for sign, name in metric.upper if sign > 0]
    for count in (0, 1, least - 1, least):
        name = edges.store(f"n{count}")
        edges.add(name, DAY, **{parts[-1]: count})
        if upper[0] not in parts:
            edges.add(name, DAY, **{upper[0]: count})
    scorecards = edges.judged(codes=[code])
    assert scorecards["n0"][code].value.value is None
    assert [str(scorecards[f"n{count}"][code].level) for count in (0, 1, least - 1)] == ["few"] * 3
    assert scorecards[f"n{least - 1}"][code].value.value is not None
    assert str(scorecards[f"n{least}"][code].level) != "few"


@pytest.mark.rule("DP-02", "DP-03")
def test_liability_levels_begin_on_their_lines():
    edges, expected = Edges(), {}
    opened = {"old": "2023-12-15T00:00:00Z", "young": "2023-12-16T00:00:00Z"}
    ladders = {"old": ("ok", "0.035", "0.05", "0.07"), "young": ("ok", "0.028", "0.05", "0.07")}
    for age, (_ok, *lines) in ladders.items():
        for place, line in enumerate(lines, start=1):
            for more in (-1, 0):
                name = edges.store(f"{age}-{line}{more:+}", opened_at=opened[age])
                closed = whole(Fraction(line), 10_000) + more
                edges.add(name, DAY, disputes_closed=10_000, disputes_seller_liable=closed)
                level = place + more
                expected[name] = f"L{level}" if level else "ok"
    assert edges.levels("liability_rate") == expected


@pytest.mark.rule("DM-31", "DM-13")
def test_site_factor_is_the_mean_over_destinations():
    edges = Edges()
    for sites in (("ES",), ("ES", "RU"), ("ES", "RU", "US"), ("", "XX", "BR"), ("FR",) * 2 + ("US",) * 5):
        for more in (0, 1):
            name = edges.store(f"{'-'.join(sites)}{more:+}")
            factor = sum({"ES": 9, "FR": 9, "RU": 11, "BR": 11}.get(site, 10) for site in sites)
            failures = whole(Fraction(factor, 10 * len(sites)) / 20, 21 * 10_000) + more
            edges.add(name, DAY, outcomes=21 * 10_000, undelivered=failures)
            edges.sites[name, DAY] = list(sites)
    levels = edges.levels("delivered")
    assert {name: level for name, level in levels.items() if name.endswith("+1")} == {
        name: "red" for name in levels if name.endswith("+1")
    }
    assert "red" not in {level for name, level in levels.items() if name.endswith("+0")}
