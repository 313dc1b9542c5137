"""The arbitration queue, and the page on which a dispute is decided (DP-19)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appeals.forms.arbitration import verdict_in
from appeals.forms.drafts import version_in
from appeals.presenters.arbitration import (
    PART_WORDS,
    ArbitrationQueuePage,
    arbitration_page,
    queue_groups,
    queue_tabs,
    reading_reasons,
)
from appeals.queries.arbitration_case import arbitration_case
from core.pages.components import Banner
from core.pages.responses import render_page
from disputes.commands.arbitrating import (
    IncompleteVerdictError,
    Verdict,
    claim_arbitration,
    complex_due_at,
    decide_arbitration,
    hand_over_arbitration,
    mark_complex,
    release_arbitration,
    save_verdict,
)
from disputes.models import Arbitration
from disputes.queries.arbitrations import (
    DECIDE,
    REASSIGN,
    WAITING,
    arbitration_of,
    arbitration_queue,
    colleagues_for,
    draft_of,
    most_urgent,
)
from rulebook.queries import policies_held
from stores.access import audit_inspection, principal_of
from stores.claims import is_claimed, is_of_company
from stores.desk import desk_nav, staff_of
from stores.models import User

VIEW = "disputes.view_arbitration"


@dataclass(frozen=True, slots=True)
class Act:
    """What a reviewer asks for: the form as it was sent."""

    request: HttpRequest
    arbitration: Arbitration
    user: User
    given: Verdict
    at: datetime


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The disputes that wait for a verdict, by when they are due."""
    user, at = staff_of(request, VIEW), timezone.now()
    part, text = request.GET.get("part", ""), request.GET.get("q", "").strip()
    part = part if part in PART_WORDS else WAITING
    found = arbitration_queue(part, text, user=user, at=at, number=request.GET.get("page"))
    page = ArbitrationQueuePage(
        tabs=queue_tabs(found, part),
        text=text,
        part=part,
        groups=queue_groups(found, user=user, at=at, zone=timezone.get_current_timezone()),
        page=found.page,
        may_decide=user.has_perm(DECIDE),
        now=at,
        nav=desk_nav(request, "arbitrations"),
    )
    return render_page(request, "appeals/arbitrations.html", page)


@require_POST
def claim_next(request: HttpRequest) -> HttpResponse:
    """Claim the unclaimed dispute that is due first and show it."""
    user, at = staff_of(request, DECIDE), timezone.now()
    # Somebody else may claim it in between: then the next one is the most urgent.
    while (found := most_urgent(user, at)) is not None:
        if claim_arbitration(arbitration=found, reviewer=user, at=at):
            return _to(found)
    messages.info(request, _("No unclaimed dispute waits now."))
    return _to_queue()


def arbitration(request: HttpRequest, pk: int) -> HttpResponse:
    """A dispute with both sides and the first reading; a post does what its button says."""
    posts = request.method == "POST"
    user, at = staff_of(request, DECIDE if posts else VIEW), timezone.now()
    found = arbitration_of(pk)
    if found is None:
        raise Http404
    audit_inspection(principal_of(request), found.dispute.store)
    with policies_held():
        if not posts:
            return _page(Act(request, found, user, _first(found, user), at))
        act = Act(request, found, user, verdict_in(request.POST), at)
        try:
            return ACTS.get(request.POST.get("do", ""), _page)(act)
        except PermissionDenied:
            return _page(act, 409)


def _decide(act: Act) -> HttpResponse:
    version = version_in(act.request.POST)
    try:
        done = decide_arbitration(
            arbitration=act.arbitration, verdict=act.given, reviewer=act.user, at=act.at, version=version
        )
    except IncompleteVerdictError as error:
        _keep(act)
        text = _("A verdict needs who is liable, the amount and a reason.")
        return _page(act, 422, Banner("red", _("Not sent"), text), error.codes)
    if not done:
        _keep(act)
        text = _("Somebody else was faster, or the dispute has changed.")
        return _page(act, 409, Banner("red", _("Not sent"), text))
    number = act.arbitration.dispute.dispute_no
    messages.success(act.request, _("Verdict on %(number)s sent.") % {"number": number})
    return _to_queue()


def _adopt(act: Act) -> HttpResponse:
    """Fill the form in as the first reading recommends."""
    reading = act.arbitration.first_reading
    if not reading:
        return _page(act)
    reason = " ".join(reading_reasons(reading))
    given = Verdict(reading["liability"], Decimal(reading["outcome_usd"]), act.given.reason or reason)
    adopted = Act(act.request, act.arbitration, act.user, given, act.at)
    _keep(adopted)
    return _page(adopted)


def _save(act: Act) -> HttpResponse:
    _keep(act)
    return _to(act.arbitration)


def _keep(act: Act) -> None:
    """Keep what was filled in; who has not claimed it sends no fields."""
    if "reason" in act.request.POST:
        save_verdict(arbitration=act.arbitration, verdict=act.given, reviewer=act.user, at=act.at)


def _claim(act: Act) -> HttpResponse:
    _keep(act)
    if not claim_arbitration(arbitration=act.arbitration, reviewer=act.user, at=act.at):
        return _page(act, 409)
    return _to(act.arbitration)


def _release(act: Act) -> HttpResponse:
    _keep(act)
    if not release_arbitration(arbitration=act.arbitration, reviewer=act.user):
        return _page(act, 409)
    messages.success(act.request, _("Released; what you filled in is kept."))
    return _to_queue()


def _complex(act: Act) -> HttpResponse:
    _keep(act)
    if not mark_complex(arbitration=act.arbitration, reviewer=act.user, at=act.at):
        return _page(act, 409)
    messages.success(act.request, _("Marked as complex; the verdict has more time."))
    return _to(act.arbitration)


def _hand_over(act: Act) -> HttpResponse:
    _keep(act)
    holder, chosen = act.arbitration.claimed_by, act.request.POST.get("to", "")
    people = colleagues_for(act.arbitration, act.user)
    to = people.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None
    if to is None:
        return _page(act, 422, Banner("red", "", _("Choose a colleague to hand it over to.")))
    allowed = holder == act.user or act.user.has_perm(REASSIGN)
    if not allowed or not hand_over_arbitration(
        arbitration=act.arbitration, holder=holder, to=to, by=act.user, at=act.at
    ):
        return _page(act, 409)
    messages.success(act.request, _("Handed over."))
    return _to_queue()


ACTS: Mapping[str, Callable[[Act], HttpResponse]] = {
    "decide": _decide,
    "adopt": _adopt,
    "claim": _claim,
    "release": _release,
    "complex": _complex,
    "save": _save,
    "hand_over": _hand_over,
}


def _first(found: Arbitration, user: User) -> Verdict:
    """The verdict, where there is one, else what the reviewer had filled in, else an empty form."""
    draft = draft_of(found, user) if found.ended_at is None else None
    kept = draft or found
    return Verdict(kept.liability, kept.outcome_usd, kept.reason)


def _page(act: Act, status: int = 200, banner: Banner | None = None, gaps: list[str] | None = None) -> HttpResponse:
    found = arbitration_of(act.arbitration.pk)
    assert found is not None
    page = arbitration_page(
        arbitration_case(found, act.at),
        user=act.user,
        given=act.given,
        gaps=gaps or [],
        banner=banner,
        may_decide=act.user.has_perm(DECIDE),
        barred=is_of_company(act.user, found.dispute.store.company_id),
        colleagues=list(colleagues_for(found, act.user)) if _hands_over(act, found) else [],
        complex_until=complex_due_at(found),
        asked=act.request.GET.get("page"),
        nav=desk_nav(act.request, "arbitrations"),
        at=act.at,
    )
    return render_page(act.request, "appeals/arbitration.html", page, status=status)


def _hands_over(act: Act, found: Arbitration) -> bool:
    mine = found.claimed_by_id == act.user.pk and is_claimed(found, act.at)
    decides = act.user.has_perm(DECIDE) and (mine or act.user.has_perm(REASSIGN))
    return found.ended_at is None and decides


def _to(found: Arbitration) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:disputes_arbitration_decide", args=[found.pk]))


def _to_queue() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:disputes_arbitration_queue"))
