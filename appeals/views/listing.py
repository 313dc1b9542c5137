"""The list of a store's appeals, and the start of one (PG-11, AP-01)."""

from http import HTTPStatus

from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from appeals.presenters.listing import appeal_list
from appeals.presenters.start import start_page
from appeals.queries.deadlines import deadlines_of
from appeals.queries.eligibility import eligibility_of
from appeals.queries.kinds import find_subject
from appeals.queries.listing import appeals_page, count_parts, part_asked
from appeals.rules import RefusedAppealError
from appeals.services.drafting import start_appeal
from appeals.views.shown import is_draft, to_appeal
from core.pages.responses import render_page
from rulebook.queries import policy_at
from stores.access import StoreRequest, may_write, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.APPEALS)
def appeals(request: StoreRequest) -> HttpResponse:
    """The store's appeals; it opens on those that wait for the seller, if there are any."""
    counts = count_parts(request.store)
    part = part_asked(request.GET.get("part", ""), counts)
    page = appeals_page(request.store, part, request.GET.get("page"))
    clocks = deadlines_of(request.store, [appeal.number for appeal in page])
    writes = may_write(request.principal, request.store, Area.APPEALS)
    listed = appeal_list(request, page, clocks, counts, part, timezone.now(), may_write=writes)
    return render_page(request, "appeals/list.html", listed)


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(area=Area.APPEALS)
def start(request: StoreRequest, kind: str, key: str) -> HttpResponseBase:
    """What an appeal against something would be; posting starts it, or goes on with the draft there is."""
    now = timezone.now()
    subject = find_subject(request.store, kind, key)
    if subject is None:
        raise Http404
    if request.method == "POST":
        try:
            appeal = start_appeal(subject=subject, at=now, principal=request.principal)
            return to_appeal(appeal, appeal.step or "orders")
        except RefusedAppealError:
            pass
    found = eligibility_of(subject, now)
    if request.method != "POST" and found.present is not None and not is_draft(found.present):
        found.present.store = request.store
        return to_appeal(found.present)
    status = HTTPStatus.CONFLICT if request.method == "POST" else HTTPStatus.OK
    writes = may_write(request.principal, request.store, Area.APPEALS)
    page = start_page(request, subject, found, policy_at(now), now, may_start=writes)
    return render_page(request, "appeals/start.html", page, status=status)
