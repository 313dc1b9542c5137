"""The dispute desk: the list with one dispute beside it, and the seller's answer (PG-08, DP-10)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.pages.components import Banner
from core.pages.responses import render_page
from dashboard.forms.disputes import DeskFilterForm, kinds_in, said_in
from dashboard.presenters.dispute_list import DisputeList, dispute_list
from dashboard.presenters.dispute_page import DisputePart, Filled, dispute_part, template_choices, upload_panel
from dashboard.presenters.tools import subject_of
from dashboard.queries.dispute_desk import DisputeDetails, dispute_details
from disputes.commands.answers import InvalidAnswerError, submit_answer
from disputes.models import OPEN_STATES, Dispute, DisputeAnswer
from disputes.queries.cases import windows_of
from disputes.queries.desk import dispute_desk, dispute_of
from disputes.rules.windows import AnswerWindow
from disputes.services.answering import terms_of
from disputes.services.drafting import Said, save_answer
from disputes.services.evidence import (
    StaleDisputeError,
    TooManyFilesError,
    add_file,
    add_words,
    cite_trace,
    count_files,
    declare_kind,
    remove_evidence,
)
from evidence.models import EvidenceFile
from evidence.queries import evidence_limits
from evidence.rules import RefusedFileError
from evidence.uploads import answer_upload, is_script, receive_uploads, receives_files
from orders.queries.names import site_names
from orders.queries.variables import values_of
from orders.replies import ReplySubject, reply_languages, reply_text
from rulebook.queries import policies_held, policy_at
from stores.access import WRITE, StoreRequest, may_write, store_view
from stores.context_processors import nav
from stores.principals import Area


@dataclass(frozen=True, slots=True)
class DisputesPage:
    """What templates/dashboard/disputes.html reads; ``asked``: one dispute was asked for, not the list."""

    nav: dict[str, Any]
    now: datetime
    desk: DisputeList
    shown: DisputePart | None
    asked: bool
    list_url: str


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody asks for with an answer's form; ``key``: what the button named."""

    request: StoreRequest
    dispute: Dispute
    said: Said
    key: str
    at: datetime

    @property
    def by(self) -> dict[str, Any]:
        """Who does what to which dispute, for services."""
        return {"dispute": self.dispute, "principal": self.request.principal, "at": self.at}


@require_safe
@store_view(area=Area.ORDERS)
def disputes(request: StoreRequest) -> HttpResponse:
    """The disputes of a part, what lapses first on top, with the first of them beside the list."""
    with policies_held():
        return _page(request, None, timezone.now())


@require_safe
@store_view(area=Area.ORDERS)
def dispute(request: StoreRequest, dispute_no: str) -> HttpResponse:
    """One dispute, beside the list on wide screens."""
    with policies_held():
        return _page(request, _asked(request, dispute_no), timezone.now())


@require_POST
@store_view(area=Area.ORDERS, roles=WRITE)
def dispute_answer(request: StoreRequest, dispute_no: str) -> HttpResponseBase:
    """Keeps what the form has, then does what its button says: hand in, fill in a template, cite, quote, remove."""
    at, found = timezone.now(), _asked(request, dispute_no)
    do, _colon, key = request.POST.get("do", "").partition(":")
    act = Act(request, found, said_in(request.POST, _languages(at)), key, at)
    try:
        _keep(act)
        return ACTS.get(do, _saved)(act)
    except StaleDisputeError:
        text = _("It takes no changes any more: it was answered, ended, or its time is over.")
        return _again(act, 409, Filled(act.said, banner=Banner("red", _("Not changed"), text)))


@require_POST
@store_view(area=Area.ORDERS, roles=WRITE)
@receives_files
def dispute_upload(request: StoreRequest, dispute_no: str) -> HttpResponseBase:
    """Takes files as the seller's evidence: rows for the script, the page for a plain form."""
    at, found = timezone.now(), _asked(request, dispute_no)
    limits = evidence_limits(at)

    def attach(file: EvidenceFile, name: str) -> None:
        try:
            add_file(dispute=found, file=file, name=name, kind="", principal=request.principal, at=at)
        except TooManyFilesError as error:
            raise RefusedFileError("no_slot", name, limit=limits.max_files) from error

    free = limits.max_files - count_files(found)
    try:
        received = receive_uploads(
            request, company=request.store.company, principal=request.principal, free=free, at=at, attach=attach
        )
    except StaleDisputeError:
        return HttpResponse(status=409)
    if is_script(request):
        where = [request.store.store_no, found.dispute_no]
        panel = upload_panel(dispute_details(found, at), where, terms_of(found), limits, received.refused)
        return answer_upload(request, received, panel)
    if not received.refused:
        return _here(request, found)
    return _page(request, found, at, refused=received.refused, status=received.status)


# ── What the buttons of the answer do ──────────────────────────────────────────────────────────────────────────────


def _saved(act: Act) -> HttpResponseBase:
    messages.success(act.request, _("Draft kept."))
    return _here(act.request, act.dispute)


def _submit(act: Act) -> HttpResponseBase:
    try:
        outcome = submit_answer(said=act.said, **act.by)
    except InvalidAnswerError as error:
        return _again(act, 422, Filled(act.said, error=error.code))
    if not outcome.holds:
        return _again(act, 409, Filled(act.said, banner=Banner("red", _("Not sent"), str(outcome))))
    messages.success(act.request, str(outcome))
    return _here(act.request, act.dispute)


def _fill_in(act: Act) -> HttpResponseBase:
    """Put the chosen template in place of the text."""
    chosen = act.said.template
    if chosen in set(ReplySubject):
        text = reply_text(ReplySubject(chosen), act.said.language or "en", values_of(act.dispute.order))
        said = Said(act.said.plan, act.said.amount_usd, text, act.said.language or "en", chosen)
        save_answer(said=said, **act.by)
    return _here(act.request, act.dispute)


def _cite(act: Act) -> HttpResponseBase:
    traces = dispute_details(act.dispute, act.at).traces
    number = next((one.parcel.tracking_no for one in traces if str(one.parcel.number) == act.key), "")
    if number:
        cite_trace(tracking_no=number, **act.by)
    return _here(act.request, act.dispute)


def _quote(act: Act) -> HttpResponseBase:
    written = dispute_details(act.dispute, act.at).messages
    text = next((message.text for message in written if str(message.pk) == act.key), "")
    if text:
        add_words(kind="buyer_confirmation", text=text, **act.by)
    return _here(act.request, act.dispute)


def _video(act: Act) -> HttpResponseBase:
    address = act.request.POST.get("video", "").replace("\x00", "").strip()
    if address.startswith(("https://", "http://")):
        add_words(kind="packing_video", text=address, **act.by)
    return _here(act.request, act.dispute)


def _remove(act: Act) -> HttpResponseBase:
    if act.key.isascii() and act.key.isdecimal() and len(act.key) < 19:
        remove_evidence(key=int(act.key), **act.by)
    return _here(act.request, act.dispute)


ACTS: Mapping[str, Callable[[Act], HttpResponseBase]] = {
    "submit": _submit,
    "template": _fill_in,
    "cite": _cite,
    "quote": _quote,
    "video": _video,
    "remove": _remove,
}


def _keep(act: Act) -> None:
    """Keep the draft and what the files were declared as, whatever the button does."""
    if act.dispute.state in OPEN_STATES:
        save_answer(said=act.said, **act.by)
    for key, kind in kinds_in(act.request.POST).items():
        declare_kind(dispute=act.dispute, key=key, kind=kind, at=act.at)


def _asked(request: StoreRequest, dispute_no: str) -> Dispute:
    found = dispute_of(request.store, dispute_no)
    if found is None:
        raise Http404
    return found


def _here(request: StoreRequest, found: Dispute) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("dashboard:dispute", args=[request.store.store_no, found.dispute_no]))


def _again(act: Act, status: int, filled: Filled) -> HttpResponse:
    act.dispute.refresh_from_db()
    return _page(act.request, act.dispute, act.at, filled, status=status)


# ── The page ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _page(
    request: StoreRequest,
    asked: Dispute | None,
    at: datetime,
    filled: Filled | None = None,
    *,
    refused: Sequence[RefusedFileError] = (),
    status: int = 200,
) -> HttpResponse:
    store, form = request.store, DeskFilterForm(request.GET)
    desk = dispute_desk(store, form.query(), request.GET.get("page"))
    shown = asked or (dispute_of(store, desk.rows[0].dispute_no) if desk.rows else None)
    windows: dict[int, Sequence[AnswerWindow]] = {one.pk: windows_of(one, at) for one in desk.rows}
    number = shown.dispute_no if shown else ""
    page = DisputesPage(
        nav=nav(request, current="disputes"),
        now=at,
        desk=dispute_list(desk, form, store, windows, site_names(at), number, at),
        shown=_part(request, shown, at, filled, refused) if shown else None,
        asked=asked is not None,
        list_url=reverse("dashboard:disputes", args=[store.store_no]),
    )
    return render_page(request, "dashboard/disputes.html", page, status=status)


def _part(
    request: StoreRequest, shown: Dispute, at: datetime, filled: Filled | None, refused: Sequence[RefusedFileError]
) -> DisputePart:
    details = dispute_details(shown, at)
    filled = filled or Filled(_said_of(details, at), refused=refused)
    chosen, values = filled.said.template, values_of(shown.order)
    reader = (get_language() or "").partition("-")[0]
    reads = chosen in set(ReplySubject) and reader in reply_languages() and reader != filled.said.language
    translation = reply_text(ReplySubject(chosen), reader, values) if reads else ""
    return dispute_part(
        details,
        store=request.store,
        filled=filled,
        templates=template_choices(filled.said, _languages(at), translation),
        terms=terms_of(shown),
        limits=evidence_limits(at),
        may_write=may_write(request.principal, request.store, Area.ORDERS),
        at=at,
    )


def _said_of(details: DisputeDetails, at: datetime) -> Said:
    """The draft, else an answer that begins with the template of the dispute's kind in the buyer's language."""
    if (answer := details.answer) is not None:
        return Said(answer.plan, answer.amount_usd, answer.text, answer.language, answer.template)
    language, subject = _buyers_language(details, at), subject_of(details.dispute.kind)
    text = reply_text(subject, language, values_of(details.dispute.order))
    return Said(DisputeAnswer.Plan.EXPLAIN, details.dispute.claimed_usd, text, language, str(subject))


def _buyers_language(details: DisputeDetails, at: datetime) -> str:
    """That of the buyer's last message, else the site's, as far as there are templates; else English."""
    sites = policy_at(at).reference.sites
    spoken = [message.language for message in details.messages]
    spoken += [one for site in sites if site.code == details.dispute.order.site for one in site.languages]
    return next((one for one in spoken if one in _languages(at)), "en")


def _languages(at: datetime) -> list[str]:
    return [one for one in policy_at(at).notices.template_languages if one in reply_languages()]
