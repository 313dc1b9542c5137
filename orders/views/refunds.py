"""The desk of refunds and returns, one refund with its answers, and its proofs (TM-12)."""

from datetime import datetime
from http import HTTPStatus

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.pages.responses import render_page
from evidence.models import EvidenceFile
from evidence.presenters import UploadPanel
from evidence.rules import RefusedFileError
from evidence.uploads import Received, answer_upload, is_script, receive_uploads, receives_files
from orders.commands import Outcome, agree_refund, offer_part, refuse_refund
from orders.forms.refunds import AGREE, OFFER, RefundAnswerForm
from orders.models import Refund
from orders.presenters.refund import refund_page, upload_panel
from orders.presenters.refund_desk import desk_page
from orders.queries.refund_desk import BY_CODE, TABS, count_of, last_change, refund_of
from orders.queries.refund_pages import RefundFacts, refund_facts
from orders.queries.refunds import REFUND, clocked_refunds, clocked_returns
from orders.services.proofs import StaleProofsError, TooManyProofsError, add_refund_proof, remove_refund_proof
from rulebook.queries import policy_at
from rulebook.reading import word
from stores.access import WRITE, StoreRequest, may_write, store_view
from stores.models import Store
from stores.principals import Area

ROWS = 50


@require_safe
@store_view(area=Area.ORDERS)
def desk(request: StoreRequest) -> HttpResponse:
    """Refunds to answer, returns to inspect, and what waits or is over: what lapses first in front."""
    now, store = timezone.now(), request.store
    tab = BY_CODE.get(request.GET.get("tab", ""), TABS[0])
    page = Paginator(tab.select(store, now).select_related("order"), ROWS).get_page(request.GET.get("page"))
    clocked = clocked_refunds(page, now) if tab.kind == REFUND else clocked_returns(page, now)
    counts = {one.code: count_of(one, store, now) for one in TABS if one.counted}
    return render_page(request, "orders/refunds.html", desk_page(request, tab, page, clocked, counts, now))


@require_safe
@store_view(area=Area.ORDERS)
def refund(request: StoreRequest, refund_no: str) -> HttpResponse:
    """One refund: its clock, what silence brings, the three answers, proofs, thread."""
    now = timezone.now()
    return _page(request, refund_facts(refund_of(request.store, refund_no), now), now)


@require_POST
@store_view(area=Area.ORDERS, roles=WRITE)
def refund_answer(request: StoreRequest, refund_no: str) -> HttpResponseBase:
    """Takes one of the three answers (TM-12); 422 for an incomplete one, 409 where somebody was faster."""
    now, found = timezone.now(), refund_of(request.store, refund_no)
    facts = refund_facts(found, now)
    form = _form(request, facts, now)
    if not form.is_valid():
        return _page(request, facts, now, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    outcome = _give(request, found, form, now)
    if not outcome.holds:
        messages.error(request, str(outcome))
        return _page(request, refund_facts(found, now), now, status=HTTPStatus.CONFLICT)
    messages.success(request, str(outcome))
    return redirect("orders:refund", request.store.store_no, refund_no)


@require_POST
@store_view(area=Area.ORDERS, roles=WRITE)
@receives_files
def refund_upload(request: StoreRequest, refund_no: str) -> HttpResponseBase:
    """Takes proofs for an answer that is not given yet: rows for the script, the page for a plain form."""
    now, found = timezone.now(), refund_of(request.store, refund_no)
    facts = refund_facts(found, now)

    def attach(file: EvidenceFile, name: str) -> None:
        if not _is_open(request, facts):
            raise RefusedFileError("no_slot", name, limit=0)
        try:
            add_refund_proof(refund=found, file=file, at=now)
        except StaleProofsError as error:
            raise RefusedFileError("no_slot", name, limit=0) from error
        except TooManyProofsError as error:
            raise RefusedFileError("no_slot", name, limit=facts.limits.max_files) from error

    free = facts.limits.max_files - len(facts.files)
    received = receive_uploads(
        request, company=request.store.company, principal=request.principal, free=free, at=now, attach=attach
    )
    if not is_script(request) and not received.refused:
        return redirect("orders:refund", request.store.store_no, refund_no)
    facts = refund_facts(found, now)
    if is_script(request):
        return answer_upload(request, received, _panel(facts, received))
    return _page(request, facts, now, received=received, status=received.status)


@require_POST
@store_view(area=Area.ORDERS, roles=WRITE)
def refund_file_remove(request: StoreRequest, refund_no: str) -> HttpResponseBase:
    """Takes a proof off again, as long as the answer is not given."""
    now, found = timezone.now(), refund_of(request.store, refund_no)
    key = request.POST.get("remove", "")
    if key.isdecimal() and len(key) < 19 and _is_writer(request):
        try:
            remove_refund_proof(refund=found, file_id=int(key), at=now)
        except StaleProofsError:
            messages.error(request, _("The file stays: the answer was given, or its time is over."))
            return _page(request, refund_facts(found, now), now, status=HTTPStatus.CONFLICT)
    return redirect("orders:refund", request.store.store_no, refund_no)


def _give(request: StoreRequest, found: Refund, form: RefundAnswerForm, now: datetime) -> Outcome:
    given, principal = form.cleaned_data, request.principal
    if given["answer"] == AGREE:
        return agree_refund(refund=found, principal=principal, at=now)
    if given["answer"] == OFFER:
        amount = given["amount_usd"]
        return offer_part(refund=found, amount_usd=amount, note=given["reason"], principal=principal, at=now)
    return refuse_refund(refund=found, reason=given["refusal"], note=given["note"], principal=principal, at=now)


def _is_writer(request: StoreRequest) -> bool:
    governed = request.store.mode == Store.Mode.GOVERNED
    return governed and may_write(request.principal, request.store, Area.ORDERS)


def _is_open(request: StoreRequest, facts: RefundFacts) -> bool:
    """Whether the refund can be answered here: in time, by a seller of a governed store."""
    return facts.due is not None and _is_writer(request)


def _form(request: StoreRequest, facts: RefundFacts, now: datetime) -> RefundAnswerForm:
    reasons = [(code, word(code)) for code in policy_at(now).transactions.refund_refuse_reasons]
    data = request.POST if request.method == "POST" and "answering" in request.POST else None
    return RefundAnswerForm(data, asked=facts.asked, reasons=reasons, proofs=len(facts.files))


def _panel(facts: RefundFacts, received: Received | None = None) -> UploadPanel:
    numbers = [facts.refund.store.store_no, facts.refund.refund_no]
    return upload_panel(
        facts.files,
        facts.limits,
        reverse("orders:refund_upload", args=numbers),
        reverse("orders:refund_file_remove", args=numbers),
        received.refused if received else (),
    )


def _page(
    request: StoreRequest,
    facts: RefundFacts,
    now: datetime,
    *,
    form: RefundAnswerForm | None = None,
    received: Received | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    can_answer = _is_open(request, facts)
    page = refund_page(
        request,
        facts,
        now,
        form=(form or _form(request, facts, now)) if can_answer else None,
        upload=_panel(facts, received) if can_answer else None,
        conflict=last_change(request.store, REFUND, facts.refund.refund_no) if status == HTTPStatus.CONFLICT else None,
    )
    return render_page(request, "orders/refund.html", page, status=status)
