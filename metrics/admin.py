"""Staff pages of runs, published scorecards, benchmarks and the platform's own figures, read-only (PG-20)."""

from metrics.models import Benchmark, ImportedBenchmark, PlatformFigure, PlatformNotice, Published, Run
from stores.adminbase import StoreRowAdmin, register

register(
    Run,
    list_display=("job", "day", "stage", "state", "attempts", "started_at", "finished_at", "rows", "milliseconds"),
    list_filter=("job", "state"),
)
register(Published, StoreRowAdmin, list_display=("store", "day", "calendar", "policy_version", "computed_at"))
register(
    Benchmark,
    list_display=("scope", "metric", "day", "stores", "numerator", "denominator"),
    search_fields=("scope__exact",),
)
register(ImportedBenchmark, list_display=("category", "metric", "day", "value"), search_fields=("category__exact",))
register(PlatformFigure, StoreRowAdmin, list_display=("store", "metric", "day", "value"), number_paths=("metric",))
register(
    PlatformNotice,
    StoreRowAdmin,
    list_display=("number", "store", "metric", "level", "triggered_at", "state"),
    number_paths=("number",),
)
