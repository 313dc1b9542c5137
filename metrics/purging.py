"""Facts, state rows and published results that go with their store (IX-03)."""

from metrics.models import (
    ComplaintContribution,
    DisputeContribution,
    Fact,
    ListingFirstReview,
    OrderContribution,
    PlatformFigure,
    PlatformNotice,
    Problem,
    Published,
    ReviewMark,
    SiteFact,
    WaitContribution,
)
from stores.purging import purge_rows

purge_rows(
    OrderContribution,
    WaitContribution,
    DisputeContribution,
    ComplaintContribution,
    ReviewMark,
    ListingFirstReview,
    Problem,
    Fact,
    SiteFact,
    Published,
    PlatformFigure,
    PlatformNotice,
)
