"""The risk board (PG-07) and the page about the early-warning score (TM-06)."""

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.pages.responses import render_page
from dashboard.presenters.risk import first_lane, risk_page_of
from dashboard.presenters.risk_score import risk_score_page_of
from dashboard.queries.risk import WARNING_LANE, board_of, open_lane, scoring_at
from insights.rules.warning import HORIZON_DAYS
from rulebook.queries import policy_at
from stores.access import StoreRequest, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.ORDERS)
def risk(request: StoreRequest) -> HttpResponse:
    """All lanes, and on wide screens the first red one opened."""
    at, store = timezone.now(), request.store
    board = board_of(store, at)
    code = first_lane(board)
    opened = open_lane(store, board, code, page=None, order_no="", at=at) if code else None
    return render_page(request, "dashboard/risk.html", risk_page_of(request, store, board, opened, alone=False, at=at))


@require_safe
@store_view(area=Area.ORDERS)
def risk_lane(request: StoreRequest, code: str) -> HttpResponse:
    """One lane: its orders by due time, and why one of them has its score."""
    at, store = timezone.now(), request.store
    board = board_of(store, at)
    if code != WARNING_LANE and code not in {lane.flag.code for lane in board.lanes}:
        raise Http404
    order_no = request.GET.get("order", "")
    opened = open_lane(store, board, code, page=request.GET.get("page"), order_no=order_no, at=at)
    return render_page(request, "dashboard/risk.html", risk_page_of(request, store, board, opened, alone=True, at=at))


@require_safe
@store_view(area=Area.ORDERS)
def risk_score(request: StoreRequest) -> HttpResponse:
    """How the early-warning score is made, and how good it was on later orders (TM-06)."""
    at = timezone.now()
    page = risk_score_page_of(request, request.store, scoring_at(at), policy=policy_at(at), horizon_days=HORIZON_DAYS)
    return render_page(request, "dashboard/risk_score.html", page)
