"""Facts, the state rows they are computed from, what is published of them, and what governs the published rating."""

from metrics.models.facts import (
    ComplaintContribution,
    DisputeContribution,
    Fact,
    ListingFirstReview,
    OrderContribution,
    Problem,
    ReviewMark,
    SiteFact,
    StateRow,
    WaitContribution,
)
from metrics.models.governance import RatingAnomalyCase, RatingFreeze
from metrics.models.nights import Benchmark, BenchmarkPool, Published, Run, shown_rating
from metrics.models.platform import ImportedBenchmark, PlatformFigure, PlatformNotice

__all__ = [
    "Benchmark",
    "BenchmarkPool",
    "ComplaintContribution",
    "DisputeContribution",
    "Fact",
    "ImportedBenchmark",
    "ListingFirstReview",
    "OrderContribution",
    "PlatformFigure",
    "PlatformNotice",
    "Problem",
    "Published",
    "RatingAnomalyCase",
    "RatingFreeze",
    "ReviewMark",
    "Run",
    "SiteFact",
    "StateRow",
    "WaitContribution",
    "shown_rating",
]
