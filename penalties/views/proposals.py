"""Four eyes: the queue of proposals, the page on which a second person decides, and proposing (PN-42, PG-20)."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.pages.components import Banner
from core.pages.responses import render_page
from orders.cases import past_of
from orders.presenters.cases import past_rows
from orders.queries.working import EARLIER, store_cases
from orders.services.working import Work
from orders.views.working import Queue, answer_post, claim_bar, claim_first
from penalties.forms import AnswerForm, PenaltyFilterForm
from penalties.models import PenaltyProposal
from penalties.presenters.proposals import (
    DECIDED,
    IN_FORCE,
    PARTS,
    WAITING,
    ProposalPage,
    ProposalQueuePage,
    effect_words,
    penalty_row,
    proposal_banner,
    proposal_facts,
    proposal_row,
    proposal_tabs,
    source_choices,
    title_of,
)
from penalties.queries.proposals import (
    OPEN_PROPOSAL,
    lifts_waiting,
    open_proposal_count,
    penalties_listed,
    proposal_queue,
    proposal_with,
    waiting_proposals,
)
from penalties.services.proposals import (
    decide_proposal,
    record_proposal_event,
    withdraw_proposal,
)
from stores.access import audit_inspection, principal_of
from stores.claims import is_of_company, name_of
from stores.desk import desk_nav, staff_of
from stores.models import User

VIEW = "penalties.view_penaltyproposal"
PROPOSE = "penalties.propose_penalty"
PROPOSALS = Queue(
    work=Work(OPEN_PROPOSAL, record_proposal_event),
    decide="penalties.decide_penaltyproposal",
    reassign="penalties.reassign_penaltyproposal",
    url_name="admin:penalties_penaltyproposal_queue",
    page_name="admin:penalties_penaltyproposal_decide",
    barred=lambda row: [pk for pk in (row.proposed_by_id,) if pk],
)


@require_safe
def proposal_list(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, the penalties in force, and what was decided."""
    user, now, number = staff_of(request, VIEW), timezone.now(), request.GET.get("page")
    part = request.GET.get("part", "")
    part = part if part in PARTS else WAITING
    form = PenaltyFilterForm(request.GET, sources=source_choices())
    if part == IN_FORCE:
        found = penalties_listed(form.filters(), now, number)
        waiting = lifts_waiting(list(found.object_list))
        rows, penalties = [], [penalty_row(one, waiting) for one in found.object_list]
    else:
        found = proposal_queue(decided=part == DECIDED, number=number)
        rows, penalties = [proposal_row(one, user=user, at=now) for one in found.object_list], []
    page = ProposalQueuePage(
        tabs=proposal_tabs(part, open_proposal_count()),
        rows=rows,
        penalties=penalties,
        page=found,
        filters=form if part == IN_FORCE else None,
        clear=f"{PROPOSALS.url}?part={part}",
        may_decide=user.has_perm(PROPOSALS.decide),
        may_propose=user.has_perm(PROPOSE),
        now=now,
        nav=desk_nav(request, "proposals"),
    )
    return render_page(request, "penalties/proposal_queue.html", page)


@require_POST
def claim_next(request: HttpRequest) -> HttpResponse:
    """Claim the proposal of somebody else that is due first, and show it."""
    return claim_first(request, PROPOSALS, waiting_proposals().exclude(proposed_by=request.user.pk))


def proposal_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A proposal with what it brings; a post does what its button says."""
    user = staff_of(request, PROPOSALS.decide if request.method == "POST" else VIEW)
    proposal = proposal_with(pk)
    if proposal is None:
        raise Http404
    audit_inspection(principal_of(request), proposal.store)
    if request.method != "POST":
        return _page(request, proposal, user)
    if request.POST.get("do") == "withdraw":
        return _withdraw(request, proposal, user)
    return answer_post(
        request,
        PROPOSALS,
        proposal,
        again=lambda status, banner: _page(request, _fresh(proposal), user, banner, status),
        decide=lambda judge, at: _decide(request, proposal, judge, at),
    )


def _withdraw(request: HttpRequest, proposal: PenaltyProposal, user: User) -> HttpResponse:
    if proposal.proposed_by_id != user.pk or not withdraw_proposal(proposal=proposal, by=user, at=timezone.now()):
        return _page(request, _fresh(proposal), user, None, 409)
    messages.success(request, _("Withdrawn."))
    return HttpResponseRedirect(PROPOSALS.url)


def _decide(request: HttpRequest, proposal: PenaltyProposal, judge: User, at: datetime) -> HttpResponse:
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, proposal, judge, None, 422, form)
    confirmed = form.do == "confirm"
    answer = form.cleaned_data["answer"]
    if not decide_proposal(proposal=proposal, confirmed=confirmed, answer=answer, reviewer=judge, at=at):
        return _page(request, _fresh(proposal), judge, None, 409)
    messages.success(request, _("Confirmed; it holds from now on.") if confirmed else _("Refused."))
    return HttpResponseRedirect(PROPOSALS.url)


def _fresh(proposal: PenaltyProposal) -> PenaltyProposal:
    return proposal_with(proposal.pk) or proposal


def _page(
    request: HttpRequest,
    proposal: PenaltyProposal,
    user: User,
    banner: Banner | None = None,
    status: int = 200,
    form: AnswerForm | None = None,
) -> HttpResponse:
    now, store = timezone.now(), proposal.store
    is_open = proposal.state == PenaltyProposal.State.OPEN
    own = proposal_banner(proposal, user, is_own=is_of_company(user, store.company_id), at=now)
    page = ProposalPage(
        title=title_of(proposal),
        store=store.name,
        store_url=reverse("dashboard:panel", args=[store.store_no]),
        due_at=proposal.due_at if is_open else None,
        proposer=name_of(proposal.proposed_by),
        proposed_at=proposal.proposed_at,
        facts=proposal_facts(proposal),
        reason=proposal.reason,
        effect=effect_words(proposal),
        past=past_rows(store_cases(store.pk), past_of(store, EARLIER)),
        bar=claim_bar(PROPOSALS, proposal, waits=is_open, user=user, at=now),
        banners=[one for one in (banner, own) if one is not None],
        form=form or AnswerForm(),
        may_withdraw=is_open and proposal.proposed_by_id == user.pk,
        action_url=request.path,
        queue_url=PROPOSALS.url,
        now=now,
        nav=desk_nav(request, "proposals"),
    )
    return render_page(request, "penalties/proposal.html", page, status=status)
