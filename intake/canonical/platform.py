"""Figures that others worked out: benchmarks, and the platform's own figures and notices (IX-08)."""

from intake.canonical.spec import DAY, MEASURE, STORE_NO, FileSpec, Parent, code, ident, instant
from metrics.models import ImportedBenchmark, PlatformFigure, PlatformNotice

PLATFORM_FILES = (
    FileSpec(
        "benchmarks",
        ImportedBenchmark,
        (code("category", required=True), DAY, *MEASURE),
        key=("category", "day", "metric"),
    ),
    FileSpec(
        "platform_figures",
        PlatformFigure,
        (STORE_NO, DAY, *MEASURE),
        key=("store_no", "day", "metric"),
        parent=Parent.STORE,
    ),
    FileSpec(
        "platform_notices",
        PlatformNotice,
        (
            STORE_NO,
            ident("number", required=True),
            code("metric", 32, required=True),
            code("level", 16, required=True),
            instant("triggered_at", required=True),
            code("state", 32),
        ),
        key=("store_no", "number"),
        parent=Parent.STORE,
    ),
)
