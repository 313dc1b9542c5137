"""The list of a metric's problem orders and its file (PG-04, RL-12)."""

from datetime import datetime

from django.http import Http404, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.downloads import people_file, table_file, wants_machine_form
from core.pages.sqlsheets import CsvStream
from dashboard.forms.problems import AskedProblems, asked_problems
from dashboard.presenters.problems import FILE_COLUMNS, ORDER_COLUMNS, ProblemsPart, file_rows, problems_part
from dashboard.queries.problems import problem_list
from dashboard.views.shown import known_metric, shown_metric
from insights.presenters.problem_files import problem_sheet
from insights.queries.metric import MetricPage
from metrics.catalogue import problem_counters
from metrics.exports.queries import page_query
from metrics.queries.problems import all_problems
from orders.queries.names import order_names
from stores.access import StoreRequest, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.METRICS)
def problems_file(request: StoreRequest, code: str, suffix: str) -> HttpResponseBase:
    """The problem orders as filtered, as CSV or XLSX (PG-04, RL-12)."""
    if not problem_counters(known_metric(code)):
        raise Http404
    found = shown_metric(request, code)
    query = _asked(request, found).query
    name = f"{request.store.store_no}-{code}-{found.day.isoformat()}"
    if wants_machine_form(request):
        lines = CsvStream(FILE_COLUMNS, [page_query(query, ORDER_COLUMNS)])
        return table_file(name, suffix, FILE_COLUMNS, file_rows(all_problems(query)), lines=lines)
    now = timezone.now()
    names = order_names(request.store.store_no, now)
    return people_file(name, suffix, problem_sheet(all_problems(query), code, problem_counters(code), names, now))


def asked_problem_list(request: StoreRequest, found: MetricPage, now: datetime) -> ProblemsPart:
    """The page of the list that the address asks for."""
    asked = _asked(request, found)
    listed = problem_list(asked.query, earlier=request.GET.get("earlier", ""), later=request.GET.get("later", ""))
    return problems_part(request, request.store.store_no, found.metric.code, asked.form, listed, now)


def _asked(request: StoreRequest, found: MetricPage) -> AskedProblems:
    return asked_problems(
        request.GET,
        store_id=request.store.id,
        code=found.metric.code,
        last=found.day,
        window_days=found.status.window_days,
    )
