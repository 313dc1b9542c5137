"""The pages of metrics (PG-02 … PG-05, PG-15): each fetches through an access function, calls a query, renders."""

from datetime import date, datetime
from typing import Any

import orjson
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.pages.downloads import people_file, table_file, wants_machine_form
from core.pages.responses import render_page
from core.pages.sqlsheets import CsvStream
from core.pages.tables import Sort
from dashboard.forms.days import parsed_day, parsed_span
from dashboard.forms.problems import Asked, asked_problems
from dashboard.forms.stores import StoreFilter
from dashboard.presenters.carriers import advice, comparison_table
from dashboard.presenters.changes import changes_context
from dashboard.presenters.faults import faults_context
from dashboard.presenters.metric import annotated_chart, annotations_of, metric_context
from dashboard.presenters.panel import panel_context
from dashboard.presenters.platform import beside_context
from dashboard.presenters.problems import FILE_COLUMNS, ORDER_COLUMNS, ProblemsPart, file_rows, problems_part
from dashboard.presenters.rating import rating_page_context
from dashboard.presenters.stores import columns, stores_page
from dashboard.presenters.trade import CSV_COLUMNS as TRADE_COLUMNS
from dashboard.presenters.trade import trade_context, trade_rows
from dashboard.presenters.trade_files import trade_sheet
from dashboard.queries.metric import metric_details
from dashboard.queries.panel import health_panel
from dashboard.queries.problems import problem_list
from dashboard.queries.rating import rating_page
from dashboard.queries.store_list import can_compare, compared_stores, count_stores, paged_stores
from dashboard.queries.trade import trade_page
from insights.presenters.causes import causes_part
from insights.presenters.problem_files import problem_sheet
from insights.queries.carriers import COMPARED, all_carriers, store_carriers
from insights.queries.causes import causes_of
from insights.queries.changes import changes_since
from insights.queries.faults import metric_faults
from insights.queries.metric import MetricPage, metric_page
from insights.queries.platform import beside_platform
from insights.rules.causes import has_causes
from insights.rules.fault import has_faults
from insights.tasks import ask_for_carriers
from metrics.catalogue import METRICS, Calendar, problem_counters
from metrics.exports.queries import page_query
from metrics.queries.days import page_days
from metrics.queries.problems import all_problems
from metrics.rules.days import last_complete_day
from metrics.scorecards.loading import load_spans
from metrics.scorecards.profiles import load_profiles
from orders.queries.names import order_names
from stores.access import SignedInRequest, StoreRequest, signed_in, store_view
from stores.context import nav
from stores.principals import Area

PROBLEMS_TARGET = "problems"


@require_safe
@store_view(area=Area.METRICS)
def panel(request: StoreRequest) -> HttpResponse:
    """The health panel of a store (PG-03)."""
    now = timezone.now()
    found = health_panel(store=request.store, at=now, asked=parsed_day(request.GET.get("day")))
    return render(request, "dashboard/panel.html", panel_context(request, request.store, found, now))


@require_safe
@store_view(area=Area.METRICS)
def metric(request: StoreRequest, code: str) -> HttpResponse:
    """A metric's page; htmx gets the list of problem orders alone (PG-04)."""
    now, span = timezone.now(), parsed_span(request.GET.get("days"))
    store = request.store
    found = _metric_page(request, code, span)
    problems = _problems(request, found, now) if problem_counters(code) else None
    context = {"problems": problems, "target": f"#{PROBLEMS_TARGET}"}
    if problems and _wants_list(request):
        return render(request, "dashboard/_problems.html", {**context, "part": problems})
    context |= metric_context(request, store, metric_details(store, found, now), span, now)
    return render(request, "dashboard/metric.html", context)


@require_safe
@store_view(area=Area.METRICS)
def metric_chart(request: StoreRequest, code: str) -> HttpResponse:
    """The chart of a metric's page as JSON for Plotly."""
    found = _metric_page(request, code, parsed_span(request.GET.get("days")))
    details = metric_details(request.store, found, timezone.now())
    chart = annotated_chart(details, annotations_of(request.store, details))
    return HttpResponse(orjson.dumps(chart), content_type="application/json")


@require_safe
@store_view(area=Area.METRICS)
def problems_file(request: StoreRequest, code: str, suffix: str) -> HttpResponseBase:
    """The problem orders as filtered, as CSV or XLSX (PG-04, RL-12)."""
    if not problem_counters(_known(code)):
        raise Http404
    found = _metric_page(request, code, 1)
    query = _asked(request, found).query
    name = f"{request.store.store_no}-{code}-{found.day.isoformat()}"
    if wants_machine_form(request):
        lines = CsvStream(FILE_COLUMNS, [page_query(query, ORDER_COLUMNS)])
        return table_file(name, suffix, FILE_COLUMNS, file_rows(all_problems(query)), lines=lines)
    now = timezone.now()
    names = order_names(request.store.store_no, now)
    return people_file(name, suffix, problem_sheet(all_problems(query), code, problem_counters(code), names, now))


@require_safe
@store_view(area=Area.METRICS)
def causes(request: StoreRequest, code: str) -> HttpResponse:
    """The root causes of a metric's failures; htmx gets the list alone (MX-15)."""
    if not has_causes(_known(code)):
        raise Http404
    found = _metric_page(request, code, 1)
    metric_url = reverse("dashboard:metric", args=[request.store.store_no, code])
    context = {
        "part": causes_part(causes_of(found.store_day, code), metric_url),
        "metric": found.metric,
        "nav": nav(request, current="panel"),
    }
    return render(request, "dashboard/_causes.html" if request.htmx else "dashboard/causes.html", context)


def _metric_page(request: StoreRequest, code: str, span: int) -> MetricPage:
    return metric_page(
        store=request.store,
        code=_known(code),
        at=timezone.now(),
        asked=parsed_day(request.GET.get("day")),
        span=span,
    )


def _known(code: str) -> str:
    if code not in METRICS:
        raise Http404
    return code


def _problems(request: StoreRequest, found: MetricPage, now: datetime) -> ProblemsPart:
    asked = _asked(request, found)
    listed = problem_list(asked.query, earlier=request.GET.get("earlier", ""), later=request.GET.get("later", ""))
    return problems_part(request, request.store.store_no, found.metric.code, asked.form, listed, now)


def _asked(request: StoreRequest, found: MetricPage) -> Asked:
    return asked_problems(
        request.GET,
        store_id=request.store.id,
        code=found.metric.code,
        last=found.day,
        window_days=found.standing.window_days,
    )


def _wants_list(request: StoreRequest) -> bool:
    htmx = request.htmx
    return bool(htmx) and not htmx.history_restore_request and htmx.target == PROBLEMS_TARGET


@require_safe
@store_view(area=Area.METRICS)
def rating(request: StoreRequest) -> HttpResponse:
    """The rating page of a store (PG-05)."""
    now, span = timezone.now(), parsed_span(request.GET.get("days"))
    asked, since = (parsed_day(request.GET.get(name)) for name in ("day", "since"))
    found = rating_page(store=request.store, at=now, asked=asked, span=span, since=since)
    return render(request, "dashboard/rating.html", rating_page_context(request, request.store, found, span, now))


@require_safe
@store_view(area=Area.METRICS)
def rating_changes(request: StoreRequest) -> HttpResponse:
    """What moved the rating between two days; htmx gets the tables alone (MX-16, SR-12)."""
    now, store = timezone.now(), request.store
    context = load_profiles([store])[0]
    days = page_days(context, now, parsed_day(request.GET.get("day")))
    found = changes_since(store, days.rating, parsed_day(request.GET.get("since")), context)
    page = changes_context(store, found) | {
        "changes_url": reverse("dashboard:rating_changes", args=[store.store_no]),
        "rating_url": reverse("dashboard:rating", args=[store.store_no]),
        "nav": nav(request, current="rating"),
    }
    return render(request, "dashboard/_changes.html" if request.htmx else "dashboard/changes.html", page)


@require_safe
@signed_in
def stores(request: SignedInRequest) -> HttpResponse:
    """All stores that the person sees (PG-02)."""
    now, principal = timezone.now(), request.principal
    total = count_stores(principal)
    compared = can_compare(total)
    shown = columns(compared=compared)
    form, sort = StoreFilter(request.GET), Sort.parse(request.GET.get("sort"), shown, "due")
    query = form.query(sort, request.GET.get("page"))
    if compared:
        found = compared_stores(principal, query, now)
    else:
        found = paged_stores(principal, query, now)
        form.keep_text()
    page = stores_page(request, form, found, shown, sort, total=total, now=now)
    return render_page(request, "dashboard/stores.html", page)


@require_safe
@store_view(area=Area.METRICS)
def faults(request: StoreRequest, code: str) -> HttpResponse:
    """Whose fault a metric's failures are; htmx gets the block alone (BX-10, BX-13)."""
    if not has_faults(_known(code)):
        raise Http404
    found = _metric_page(request, code, 1)
    context = faults_context(code, metric_faults(found.store_day, code)) | {
        "metric": found.metric,
        "metric_url": reverse("dashboard:metric", args=[request.store.store_no, code]),
        "nav": nav(request, current="panel"),
    }
    return render(request, "dashboard/_faults.html" if request.htmx else "dashboard/faults.html", context)


@require_safe
@store_view(area=Area.METRICS)
def trade(request: StoreRequest) -> HttpResponse:
    """The trade analysis of a store (PG-15, TM-09)."""
    now = timezone.now()
    found = trade_page(store=request.store, at=now, asked=parsed_day(request.GET.get("day")))
    return render(request, "dashboard/trade.html", trade_context(request, request.store, found, now))


@require_safe
@store_view(area=Area.METRICS)
def trade_file(request: StoreRequest, suffix: str) -> HttpResponseBase:
    """The twelve figures of trade as a file (RL-12)."""
    found = trade_page(store=request.store, at=timezone.now(), asked=parsed_day(request.GET.get("day")))
    name = f"{request.store.store_no}-trade-{found.days.performance.isoformat()}"
    if wants_machine_form(request):
        return table_file(name, suffix, TRADE_COLUMNS, trade_rows(found))
    return people_file(name, suffix, trade_sheet(found))


@require_safe
@store_view(area=Area.METRICS)
def carriers(request: StoreRequest) -> HttpResponse:
    """Official against other carriers, in the store and in all stores; htmx gets the block alone (DP-18)."""
    now, store = timezone.now(), request.store
    days = page_days(load_profiles([store])[0], now, parsed_day(request.GET.get("day")))
    figures = load_spans([store], days.performance, days.performance, codes=COMPARED)[store.id]
    policy = figures.policy(days.performance, Calendar.PERFORMANCE)
    address = reverse("dashboard:carriers", args=[store.store_no])
    context = {"all_url": f"{address}?part=all", "least": policy.judging.benchmark_min_stores}
    context |= _all_carriers(last_complete_day(now, Calendar.PERFORMANCE))
    if request.htmx and request.GET.get("part") == "all":
        return render(request, "dashboard/_carriers_all.html", context)
    context |= {
        "own": comparison_table(store_carriers(figures, days.performance)),
        "advice": advice(policy),
        "trade_url": reverse("dashboard:trade", args=[store.store_no]),
        "nav": nav(request, current="trade"),
    }
    return render(request, "dashboard/_carriers.html" if request.htmx else "dashboard/carriers.html", context)


def _all_carriers(day: date) -> dict[str, Any]:
    """The table of all stores, or that it is being counted."""
    found = all_carriers(day)
    if found is None:
        ask_for_carriers(day)
        return {"pending": True}
    return {"all": comparison_table(found)}


@require_safe
@store_view(area=Area.METRICS)
def platform(request: StoreRequest) -> HttpResponse:
    """The platform's figures and notices beside ours, of one metric or all; htmx gets the block alone (IX-08)."""
    store, given = request.store, request.GET.get("metric")
    code = _known(given) if given else None
    found = beside_platform(store=store, code=code, at=timezone.now(), asked=parsed_day(request.GET.get("day")))
    metric_url = reverse("dashboard:metric", args=[store.store_no, code]) if code else ""
    context = beside_context(store, found, code) | {
        "store": store,
        "back": METRICS[code].title if code else _("Trade"),
        "back_url": metric_url or reverse("dashboard:trade", args=[store.store_no]),
        "nav": nav(request, current="panel" if code else "trade"),
    }
    return render(request, "dashboard/_platform.html" if request.htmx else "dashboard/platform.html", context)
