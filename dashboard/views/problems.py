"""The list of a metric's problem orders (PG-04)."""

from datetime import datetime

from dashboard.forms.problems import AskedProblems, asked_problems
from dashboard.presenters.problems import ProblemsPart, problems_part
from dashboard.queries.problems import problem_list
from insights.queries.metric import MetricPage
from stores.access import StoreRequest


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
