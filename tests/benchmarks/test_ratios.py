"""Ratios come from what was measured, and only where both sides were."""

from benchmarks.ratios import add_ratios
from benchmarks.report import Measurement, Ratio, Results, markdown

REBUILD = "full rebuild, facts to scorecards"
NIGHT = "night after 30,000 changed orders, facts to scorecards"


def test_ratios_compare_measurements_of_one_size_and_database():
    results = Results(
        [
            Measurement("postgres", 1_000_000, REBUILD, 60.0, peak_mb=150, cpu_seconds=50.0),
            Measurement("postgres", 1_000_000, NIGHT, 3.0, peak_mb=120, cpu_seconds=2.5),
            Measurement("sqlite", 1_000_000, "night after no change", 1.0),
        ]
    )

    add_ratios(results)

    assert results.ratios == [
        Ratio("postgres", 1_000_000, f"full rebuild ÷ {NIGHT}", 20.0, 15, True, 20.0),
        Ratio("postgres", 1_000_000, "peak memory of any job, MB", 150, 400, False),
    ]
    assert all(ratio.met for ratio in results.ratios)


def test_sizes_are_compared_where_both_were_measured():
    small = Measurement("sqlite", 100_000, "night after 3,000 changed orders", 2.0)
    large = Measurement("sqlite", 1_000_000, "night after 3,000 changed orders", 3.0)
    results = Results([small, large, Measurement("sqlite", 1_000_000, "page: rating", median_ms=5.0, p95_ms=70.0)])

    add_ratios(results)

    growth = "night after 3,000 changed orders: at 1,000,000 ÷ at 100,000"
    assert results.ratios == [
        Ratio("sqlite", 1_000_000, "slowest page, p95 in ms", 70.0, 60, False),
        Ratio("sqlite", 1_000_000, growth, 1.5, 1.3, False),
    ]
    assert "| slowest page, p95 in ms | sqlite | 1,000,000 | 70.00 |  | ≤ 60 | no |" in markdown(results)
