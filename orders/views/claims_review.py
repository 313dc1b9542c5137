"""The queue of pickup proofs and logistics claims, and the page on which one is decided (TM-11, AF-08)."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.pages.components import Banner
from core.pages.responses import render_page
from orders.commands.logistics import decide_claim, record_claim_event
from orders.models import LogisticsClaim
from orders.presenters.claims_review import (
    CONSEQUENCES,
    ClaimPage,
    ClaimQueuePage,
    claim_banner,
    claim_queue_row,
    claim_tabs,
    earlier_facts,
    file_checks,
    review_parcels,
    review_stays,
    stated_facts,
    viewer_of,
)
from orders.queries.logistics import OPEN
from orders.queries.working import claim_queue, claim_review, claim_with, open_claim_counts, waiting_claims
from orders.rules.logistics import ClaimKind, ClaimState
from orders.services.working import Work
from orders.views.working import Queue, answer_post, claim_bar, claim_first
from stores.access import audit_inspection, principal_of
from stores.claims import is_of_company
from stores.desk import desk_nav, staff_of
from stores.models import User

VIEW_PERMISSION = "orders.view_logisticsclaim"
MOST_LETTERS = 2_000
PARTS = ("proofs", "claims", "decided")
CLAIMS = Queue(
    work=Work(OPEN, record_claim_event),
    decide="orders.decide_logisticsclaim",
    reassign="orders.reassign_logisticsclaim",
    url_name="admin:orders_logisticsclaim_queue",
    page_name="admin:orders_logisticsclaim_review",
)


@require_safe
def claim_list(request: HttpRequest) -> HttpResponse:
    """What was handed in, by when it is due."""
    user, now, part = staff_of(request, VIEW_PERMISSION), timezone.now(), request.GET.get("part", "")
    part = part if part in PARTS else PARTS[0]
    rows = claim_queue(part=part, number=request.GET.get("page"))
    page = ClaimQueuePage(
        tabs=claim_tabs(open_claim_counts(), part),
        rows=[claim_queue_row(row, user=user, at=now) for row in rows.object_list],
        page=rows,
        may_decide=user.has_perm(CLAIMS.decide),
        now=now,
        nav=desk_nav(request, "logistics"),
    )
    return render_page(request, "orders/claim_queue.html", page)


@require_POST
def claim_next(request: HttpRequest) -> HttpResponse:
    """Claim what is due first among the proofs, or among the claims, and show it."""
    return claim_next_proof(request) if request.GET.get("part") != PARTS[1] else claim_next_claim(request)


def claim_next_proof(request: HttpRequest) -> HttpResponse:
    return claim_first(request, CLAIMS, waiting_claims(proofs=True).order_by("due_at", "pk"))


def claim_next_claim(request: HttpRequest) -> HttpResponse:
    return claim_first(request, CLAIMS, waiting_claims(proofs=False).order_by("due_at", "pk"))


def claim_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What was handed in beside what the data say; a post does what its button says."""
    user = staff_of(request, CLAIMS.decide if request.method == "POST" else VIEW_PERMISSION)
    claim = claim_with(pk)
    if claim is None:
        raise Http404
    audit_inspection(principal_of(request), claim.store)
    if request.method != "POST":
        return _page(request, claim, user)
    return answer_post(
        request,
        CLAIMS,
        claim,
        again=lambda status, banner: _page(request, _fresh(claim), user, banner, status),
        decide=lambda judge, at: _decide(request, claim, judge, at),
    )


def _decide(request: HttpRequest, claim: LogisticsClaim, judge: User, at: datetime) -> HttpResponse:
    reason, accepted = (
        request.POST.get("reason", "").replace("\x00", "")[:MOST_LETTERS],
        request.POST.get("do") == "accept",
    )
    if not accepted and not reason.strip():
        banner = Banner("red", _("Not sent"), _("Say what is wrong, so that the seller can mend it."))
        return _page(request, claim, judge, banner, 422)
    if not decide_claim(claim=claim, accepted=accepted, reason=reason, reviewer=judge, at=at):
        return _page(request, _fresh(claim), judge, None, 409)
    messages.success(request, _("Accepted; the seller is told.") if accepted else _("Refused; the seller is told."))
    return HttpResponseRedirect(CLAIMS.url)


def _fresh(claim: LogisticsClaim) -> LogisticsClaim:
    return claim_with(claim.pk) or claim


def _page(
    request: HttpRequest, claim: LogisticsClaim, user: User, banner: Banner | None = None, status: int = 200
) -> HttpResponse:
    now, store, order = timezone.now(), claim.store, claim.order
    found, is_open = claim_review(claim, now), claim.state == ClaimState.OPEN
    bar = claim_bar(CLAIMS, claim, waits=is_open, user=user, at=now)
    own = claim_banner(claim, bar, is_own=is_of_company(user, store.company_id))
    part = PARTS[0] if claim.kind == ClaimKind.PICKUP else PARTS[1]
    page = ClaimPage(
        title=str(claim.get_kind_display()),
        order_no=order.order_no,
        order_url=reverse("dashboard:order", args=[store.store_no, order.order_no]),
        store=store.name,
        store_url=reverse("dashboard:panel", args=[store.store_no]),
        due_at=claim.due_at if is_open else None,
        stated=stated_facts(found),
        statement=claim.statement,
        checks=file_checks(found),
        evidence=viewer_of(found, request.GET.get("page")),
        parcels=review_parcels(found, now),
        stays=review_stays(found),
        earlier=earlier_facts(found),
        consequence=str(CONSEQUENCES[ClaimKind(claim.kind)]),
        bar=bar,
        banners=[one for one in (banner, own) if one is not None],
        reason=request.POST.get("reason", ""),
        action_url=request.path,
        queue_url=f"{CLAIMS.url}?part={part}",
        now=now,
        nav=desk_nav(request, "logistics"),
    )
    return render_page(request, "orders/claim.html", page, status=status)
