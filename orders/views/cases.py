"""The queue of risk cases, and the page on which one is decided (PG-20)."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.pages.components import Banner
from core.pages.responses import render_page
from orders.cases import CaseConsequence, case_kind, consequence_of, past_of
from orders.forms.cases import CONFIRM, VerdictForm
from orders.models import RiskCase
from orders.presenters.cases import DECIDED, CasePage, CaseQueuePage, case_banner, case_row, case_tabs, past_rows
from orders.queries.working import EARLIER, OPEN_CASE, case_queue, case_with, store_cases, waiting_cases
from orders.services.cases import decide_risk_case, record_case_event
from orders.services.working import Work
from orders.views.working import Queue, answer_post, claim_bar, claim_first
from stores.access import audit_inspection, principal_of
from stores.claims import is_of_company
from stores.desk import desk_nav, staff_of
from stores.models import User

VIEW_PERMISSION = "orders.view_riskcase"
CASES = Queue(
    work=Work(OPEN_CASE, record_case_event),
    decide="orders.decide_riskcase",
    reassign="orders.reassign_riskcase",
    url_name="admin:orders_riskcase_queue",
    page_name="admin:orders_riskcase_decide",
)


@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    """The open cases, the oldest first; those of a kind; the decided ones."""
    user, now, part = staff_of(request, VIEW_PERMISSION), timezone.now(), request.GET.get("kind", "")
    queue = case_queue(kind=part, decided=part == DECIDED, number=request.GET.get("page"))
    page = CaseQueuePage(
        tabs=case_tabs(queue, part),
        rows=[case_row(case, user=user, at=now) for case in queue.page.object_list],
        page=queue.page,
        may_decide=user.has_perm(CASES.decide),
        now=now,
        nav=desk_nav(request, "cases"),
    )
    return render_page(request, "orders/case_queue.html", page)


@require_POST
def claim_next(request: HttpRequest) -> HttpResponse:
    """Claim the first open case that nobody has claimed, and show it."""
    return claim_first(request, CASES, waiting_cases())


def case_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A case with what was found; a post does what its button says."""
    user = staff_of(request, CASES.decide if request.method == "POST" else VIEW_PERMISSION)
    case = case_with(pk)
    if case is None:
        raise Http404
    audit_inspection(principal_of(request), case.store)
    if request.method != "POST":
        return _page(request, case, user)
    return answer_post(
        request,
        CASES,
        case,
        again=lambda status, banner: _page(request, _fresh(case), user, banner, status),
        decide=lambda judge, at: _decide(request, case, judge, at),
    )


def _decide(request: HttpRequest, case: RiskCase, judge: User, at: datetime) -> HttpResponse:
    form = _form(case, request.POST)
    if not form.is_valid():
        return _page(request, case, judge, None, 422, form)
    given, confirmed = form.cleaned_data, form.do == CONFIRM
    choice = given.get("choice", "") if confirmed else ""
    verdict = {"confirmed": confirmed, "code": given["code"], "reason": given["reason"], "choice": choice}
    if not decide_risk_case(case=case, reviewer=judge, at=at, **verdict):
        return _page(request, _fresh(case), judge, None, 409)
    messages.success(request, _("Confirmed.") if confirmed else _("Dismissed."))
    return HttpResponseRedirect(CASES.url)


def _form(case: RiskCase, data: Any = None) -> VerdictForm:
    consequence = consequence_of(case.kind)
    return VerdictForm(data, choices=consequence.choices if consequence else None)


def _fresh(case: RiskCase) -> RiskCase:
    return case_with(case.pk) or case


def _page(
    request: HttpRequest,
    case: RiskCase,
    user: User,
    banner: Banner | None = None,
    status: int = 200,
    form: VerdictForm | None = None,
) -> HttpResponse:
    now, kind, store = timezone.now(), case_kind(case.kind), case.store
    is_open = case.state == RiskCase.State.OPEN
    bar = claim_bar(CASES, case, waits=is_open, user=user, at=now)
    own = case_banner(case, bar, is_own=is_of_company(user, store.company_id))
    page = CasePage(
        title=str(kind.label),
        subject=case.subject_key,
        subject_url=kind.subject_url(case),
        store=store.name,
        store_url=reverse("dashboard:panel", args=[store.store_no]),
        opened_at=case.opened_at,
        due_at=case.due_at if is_open else None,
        question=str(kind.question),
        confirmed=str(kind.confirmed),
        dismissed=str(kind.dismissed),
        brings=_brings(case, consequence_of(case.kind), now),
        facts=kind.facts(case),
        past=past_rows(store_cases(store.pk, besides=case.pk), past_of(store, EARLIER)),
        bar=bar,
        banners=[one for one in (banner, own) if one is not None],
        form=form or _form(case),
        action_url=request.path,
        queue_url=CASES.url,
        now=now,
        nav=desk_nav(request, "cases"),
    )
    return render_page(request, "orders/case.html", page, status=status)


def _brings(case: RiskCase, consequence: CaseConsequence | None, at: datetime) -> list[str]:
    """What a confirmation would bring now, or brought."""
    if consequence is None or case.state == RiskCase.State.DISMISSED:
        return []
    outcome = consequence.outcome(case, at) if case.state == RiskCase.State.OPEN else case.outcome
    return list(consequence.words(outcome)) if outcome else []
