"""Proposing a penalty that no rule brings, or the lifting of one (PN-42)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.pages.components import Banner, Fact
from core.pages.responses import render_page
from penalties.forms import ProposalForm, ReasonForm
from penalties.models import PenaltyProposal
from penalties.presenters.proposals import ProposePage, entry_facts, penalty_facts
from penalties.presenters.verdicts import points_text
from penalties.queries.proposals import entry_with, penalty_with
from penalties.services.proposals import AlreadyProposedError, propose_lift, propose_penalty, propose_points_lift
from penalties.views.proposals import PROPOSALS
from stores.desk import desk_nav, staff_of

PROPOSE = "penalties.propose_penalty"


def propose(request: HttpRequest) -> HttpResponse:
    """Propose a penalty that no rule brings."""
    user, posts = staff_of(request, PROPOSE), request.method == "POST"
    form = ProposalForm(request.POST if posts else None, initial=request.GET.dict())
    text = _("It holds as soon as another person has confirmed it. The company learns nothing before.")
    page = _page(request, form, _("Propose a penalty"), text)
    if not posts or not form.is_valid():
        return _shown(request, page)
    return _answer(request, page, lambda at: propose_penalty(by=user, at=at, **form.given()))


def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose to lift a penalty before its time."""
    user, penalty, posts = staff_of(request, PROPOSE), penalty_with(pk), request.method == "POST"
    if penalty is None or penalty.predicted:
        raise Http404
    form = ReasonForm(request.POST if posts else None, auto_id="proposal-%s")
    title = _("Propose lifting: %(penalty)s") % {"penalty": penalty.get_kind_display()}
    text = f"{penalty.store.name} · {penalty.store.store_no}"
    page = _page(request, form, title, text, penalty_facts(penalty))
    if penalty.ended_at is not None:
        return _shown(request, page, 409, Banner("info", "", _("The penalty is over already.")))
    if not posts or not form.is_valid():
        return _shown(request, page)
    reason = form.cleaned_data["reason"]
    return _answer(request, page, lambda at: propose_lift(penalty=penalty, reason=reason, by=user, at=at))


def lift_points(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose that points count no more."""
    user, entry, posts = staff_of(request, PROPOSE), entry_with(pk), request.method == "POST"
    if entry is None or entry.predicted:
        raise Http404
    form = ReasonForm(request.POST if posts else None, auto_id="proposal-%s")
    title = _("Propose lifting: %(penalty)s") % {"penalty": points_text(entry.points)}
    text = f"{entry.store.name} · {entry.store.store_no}"
    page = _page(request, form, title, text, entry_facts(entry))
    if entry.lifted_at is not None:
        return _shown(request, page, 409, Banner("info", "", _("The points were lifted already.")))
    if not posts or not form.is_valid():
        return _shown(request, page)
    reason = form.cleaned_data["reason"]
    return _answer(request, page, lambda at: propose_points_lift(entry=entry, reason=reason, by=user, at=at))


def _page(request: HttpRequest, form: Any, title: str, text: str, facts: list[Fact] | None = None) -> ProposePage:
    return ProposePage(
        title=title,
        text=text,
        facts=facts or [],
        form=form,
        banner=None,
        queue_url=PROPOSALS.url,
        now=timezone.now(),
        nav=desk_nav(request, "proposals"),
    )


def _shown(request: HttpRequest, page: ProposePage, status: int = 0, banner: Banner | None = None) -> HttpResponse:
    """The form; one that was sent and comes back has mistakes."""
    status = status or (422 if request.method == "POST" else 200)
    return render_page(request, "penalties/propose.html", replace(page, banner=banner), status=status)


def _answer(request: HttpRequest, page: ProposePage, make: Callable[[datetime], PenaltyProposal]) -> HttpResponse:
    try:
        proposal = make(timezone.now())
    except AlreadyProposedError:
        text = _("The same is proposed already and waits for an answer.")
        return _shown(request, page, 409, Banner("red", _("Not sent"), text))
    except PermissionDenied:
        text = _("It is about a company that you are a member of.")
        return _shown(request, page, 403, Banner("red", _("Not sent"), text))
    messages.success(request, _("Proposed; another person decides."))
    return HttpResponseRedirect(reverse(PROPOSALS.page_name, args=[proposal.pk]))
