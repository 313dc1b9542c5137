"""One returned parcel: its arrival, its inspection and its proofs (TM-13)."""

from datetime import datetime
from http import HTTPStatus

from django.contrib import messages
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
from orders.commands import Outcome, accept_return, dispute_content, receive_return
from orders.forms.refunds import ACCEPT, InspectionForm
from orders.models import ReturnParcel
from orders.presenters.refund import upload_panel
from orders.presenters.return_page import return_page
from orders.queries.refund_desk import last_change, return_of
from orders.queries.refund_pages import ReturnFacts, return_facts
from orders.queries.refunds import RETURN
from orders.services.proofs import StaleProofsError, TooManyProofsError, add_return_proof, remove_return_proof
from stores.access import WRITE, StoreRequest, may_write, store_view
from stores.models import Store
from stores.principals import Area


@require_safe
@store_view(area=Area.ORDERS)
def return_view(request: StoreRequest, return_no: str) -> HttpResponse:
    """One return: its clock, what silence brings, the result, proofs, the refunds that wait for it."""
    now = timezone.now()
    return _page(request, return_facts(return_of(request.store, return_no), now), now)


@require_POST
@store_view(area=Area.ORDERS, roles=WRITE)
def return_answer(request: StoreRequest, return_no: str) -> HttpResponseBase:
    """Records the arrival or the result (TM-13); 422 for an incomplete one, 409 where somebody was faster."""
    now, parcel = timezone.now(), return_of(request.store, return_no)
    if "received" in request.POST:
        outcome = receive_return(parcel=parcel, principal=request.principal, at=now)
    else:
        facts = return_facts(parcel, now)
        form = _form(request, facts)
        if not form.is_valid():
            return _page(request, facts, now, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        outcome = _give(request, parcel, form, now)
    if not outcome.holds:
        messages.error(request, str(outcome))
        return _page(request, return_facts(parcel, now), now, status=HTTPStatus.CONFLICT)
    messages.success(request, str(outcome))
    return redirect("orders:return", request.store.store_no, return_no)


@require_POST
@store_view(area=Area.ORDERS, roles=WRITE)
@receives_files
def return_upload(request: StoreRequest, return_no: str) -> HttpResponseBase:
    """Takes proofs before the inspection ends: rows for the script, the page for a plain form."""
    now, parcel = timezone.now(), return_of(request.store, return_no)
    facts = return_facts(parcel, now)

    def attach(file: EvidenceFile, name: str) -> None:
        if not _is_open(request, facts):
            raise RefusedFileError("no_slot", name, limit=0)
        try:
            add_return_proof(parcel=parcel, file=file, at=now)
        except StaleProofsError as error:
            raise RefusedFileError("no_slot", name, limit=0) from error
        except TooManyProofsError as error:
            raise RefusedFileError("no_slot", name, limit=facts.limits.max_files) from error

    free = facts.limits.max_files - len(facts.files)
    received = receive_uploads(
        request, company=request.store.company, principal=request.principal, free=free, at=now, attach=attach
    )
    if not is_script(request) and not received.refused:
        return redirect("orders:return", request.store.store_no, return_no)
    facts = return_facts(parcel, now)
    if is_script(request):
        return answer_upload(request, received, _panel(facts, received))
    return _page(request, facts, now, received=received, status=received.status)


@require_POST
@store_view(area=Area.ORDERS, roles=WRITE)
def return_file_remove(request: StoreRequest, return_no: str) -> HttpResponseBase:
    """Takes a proof off again, as long as the inspection is not over."""
    now, parcel = timezone.now(), return_of(request.store, return_no)
    key = request.POST.get("remove", "")
    if key.isdecimal() and len(key) < 19 and _is_writer(request):
        try:
            remove_return_proof(parcel=parcel, file_id=int(key), at=now)
        except StaleProofsError:
            messages.error(request, _("The file stays: the answer was given, or its time is over."))
            return _page(request, return_facts(parcel, now), now, status=HTTPStatus.CONFLICT)
    return redirect("orders:return", request.store.store_no, return_no)


def _give(request: StoreRequest, parcel: ReturnParcel, form: InspectionForm, now: datetime) -> Outcome:
    if form.cleaned_data["result"] == ACCEPT:
        return accept_return(parcel=parcel, principal=request.principal, at=now)
    return dispute_content(parcel=parcel, note=form.cleaned_data["note"], principal=request.principal, at=now)


def _is_writer(request: StoreRequest) -> bool:
    governed = request.store.mode == Store.Mode.GOVERNED
    return governed and may_write(request.principal, request.store, Area.ORDERS)


def _is_open(request: StoreRequest, facts: ReturnFacts) -> bool:
    """Whether the return can be inspected here: in time, by a seller of a governed store."""
    return facts.due is not None and _is_writer(request)


def _form(request: StoreRequest, facts: ReturnFacts) -> InspectionForm:
    data = request.POST if request.method == "POST" and "inspecting" in request.POST else None
    return InspectionForm(data, proofs=len(facts.files))


def _panel(facts: ReturnFacts, received: Received | None = None) -> UploadPanel:
    numbers = [facts.parcel.store.store_no, facts.parcel.return_no]
    return upload_panel(
        facts.files,
        facts.limits,
        reverse("orders:return_upload", args=numbers),
        reverse("orders:return_file_remove", args=numbers),
        received.refused if received else (),
    )


def _page(
    request: StoreRequest,
    facts: ReturnFacts,
    now: datetime,
    *,
    form: InspectionForm | None = None,
    received: Received | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    parcel = facts.parcel
    can_inspect = _is_open(request, facts)
    page = return_page(
        request,
        facts,
        now,
        form=(form or _form(request, facts)) if can_inspect else None,
        upload=_panel(facts, received) if can_inspect else None,
        receives=parcel.received_at is None and parcel.inspected_at is None and _is_writer(request),
        conflict=last_change(request.store, RETURN, parcel.return_no) if status == HTTPStatus.CONFLICT else None,
    )
    return render_page(request, "orders/return.html", page, status=status)
