"""Targets are judged by what was measured, at the largest size that can say."""

from dataclasses import replace

from benchmarks import names
from benchmarks.report import Measurement, Results
from benchmarks.targets import CARDS, NOT_MEASURED, TARGETS, Verdict, targets_table, verdicts

BY_KEY = {target.key: target for target in TARGETS}


def found(*measurements: Measurement) -> dict[str, Verdict]:
    return {verdict.target.key: verdict for verdict in verdicts(Results(list(measurements)))}


def of(orders: int, what: str, seconds: float, cpu: float, stores: int = 1_000) -> Measurement:
    return Measurement("postgres", orders, stores, what, seconds, cpu_seconds=cpu)


def test_ratio_of_two_measurements_is_judged():
    by_key = found(
        of(1_000_000, names.SCAN, 5.0, 16.0),
        of(1_000_000, CARDS, 3.0, 1.6),
        of(1_000_000, names.NIGHT, 4.0, 3.0),
        of(1_000_000, names.NO_CHANGE, 3.0, 1.5),
    )

    assert by_key["scan"] == Verdict(BY_KEY["scan"], "postgres", 1_000_000, 10.0)
    assert by_key["idle"] == Verdict(BY_KEY["idle"], "postgres", 1_000_000, 0.75, 0.5)
    assert by_key["store"] == Verdict(BY_KEY["store"], "postgres", 1_000_000, 1.5)
    assert [by_key[key].met for key in ("scan", "idle", "store", "guard")] == ["yes", "no", "no", NOT_MEASURED]


def test_size_that_cannot_say_is_passed_over():
    sides = [of(orders, what, 1.0, 1.0) for orders in (100_000, 1_000_000) for what in (names.BARE, names.IMPORT)]
    joins = [
        Measurement("postgres", 1_000_000, 1_000, what, median_ms=ms)
        for what, ms in ((names.BY_JOINS, 900.0), ("page: problem list, page 20", 3.0))
    ]

    by_key = found(*sides, *joins)

    assert (by_key["import-small"].orders, by_key["import"].orders) == (100_000, 1_000_000)
    assert by_key["joins"] == Verdict(BY_KEY["joins"], "postgres")


def test_sizes_are_compared_where_their_stores_are_as_many():
    small, large = of(1_000_000, names.NIGHT, 2.0, 2.0, 10_000), of(10_000_000, names.NIGHT, 2.2, 2.0, 10_000)

    assert found(small, large)["growth"] == Verdict(BY_KEY["growth"], "postgres", 10_000_000, 1.1, 1.0)
    assert found(replace(small, stores=1_000), large)["growth"] == Verdict(BY_KEY["growth"], "postgres")


def test_table_says_what_was_not_measured():
    page = Measurement("sqlite", 100_000, 1_000, "page: rating", median_ms=5.0, p95_ms=70.0)

    lines = targets_table(verdicts(Results([page]))).splitlines()

    assert "| any page, p95 in ms | ≤ 60 | sqlite | 100,000 | 70.00 |  | no |" in lines
    assert f"| peak memory of a process, MB | ≤ 400 | sqlite |  |  |  | {NOT_MEASURED} |" in lines


def test_runs_are_added_from_their_files():
    first, second = Results([of(1_000_000, names.NIGHT, 2.0, 2.0)], ["left out"]), Results()

    second.take(first.data())

    assert second == first
