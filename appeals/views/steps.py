"""The steps of a draft: each has its address and is kept as it is saved (AP-01, PN-29)."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appeals.forms.drafts import CLAIM, claimed_orders, texts_in, version_in
from appeals.models import Appeal
from appeals.presenters.effects import effect_part
from appeals.presenters.frame import EffectFragment
from appeals.presenters.steps import check_page, confirm_page, orders_page, statement_page
from appeals.queries.choices import order_choices
from appeals.queries.draft_page import appeal_of, draft_of
from appeals.queries.effects import effect_of
from appeals.queries.kinds import KINDS, subject_of
from appeals.queries.points import expediting_of
from appeals.rules import AppealKind, RefusedAppealError, StaleAppealError, Step
from appeals.services.checking import examine_files, run_check
from appeals.services.drafting import MOST_LETTERS, MOST_ORDERS, save_orders, save_statement
from appeals.services.submitting import refusal_of, submit_appeal
from appeals.views.shown import conflict, is_draft, to_appeal
from core.pages.responses import render_page
from rulebook.queries import policy_at
from stores.access import WRITE, StoreRequest, store_view
from stores.principals import Area

StepView = Callable[[StoreRequest, Appeal], HttpResponseBase]


def _step(view: StepView) -> Callable[..., HttpResponseBase]:
    """A step of a draft, for those who may change it; what is no draft any more has its status page. Who was slower is
    told who was faster."""

    @store_view(area=Area.APPEALS, roles=WRITE)
    @wraps(view)
    def stepping(request: StoreRequest, number: str) -> HttpResponseBase:
        appeal = appeal_of(request.store, number)
        if not is_draft(appeal) and request.method != "POST":
            return to_appeal(appeal)
        try:
            return view(request, appeal)
        except StaleAppealError:
            return conflict(request, appeal, timezone.now())

    return stepping


@require_http_methods(["GET", "HEAD", "POST"])
@_step
def orders(request: StoreRequest, appeal: Appeal) -> HttpResponseBase:
    """Which orders, each with its exception type."""
    now = timezone.now()
    if request.method == "POST":
        save_orders(
            appeal=appeal,
            orders=claimed_orders(request.POST),
            at=now,
            principal=request.principal,
            version=version_in(request.POST),
        )
        return onwards(request, appeal, Step.ORDERS, Step.STATEMENT)
    draft = draft_of(appeal, now, with_effect=False)
    choices = order_choices(appeal, draft.subject, now, MOST_ORDERS)
    if choices.picked:
        draft = replace(draft, effect=effect_of(draft.subject, choices.picked, now))
    return render_page(request, "appeals/orders.html", orders_page(request, draft, choices, policy_at(now), now))


@require_http_methods(["GET", "HEAD", "POST"])
@_step
def statement(request: StoreRequest, appeal: Appeal) -> HttpResponseBase:
    """What happened to the orders, and the statement."""
    now = timezone.now()
    if request.method == "POST":
        save_statement(
            appeal=appeal,
            statement=request.POST.get("statement", "").replace("\x00", ""),
            claims=texts_in(request.POST, CLAIM),
            named_error=request.POST.get("named_error", "").replace("\x00", ""),
            at=now,
            principal=request.principal,
            version=version_in(request.POST),
        )
        return onwards(request, appeal, Step.STATEMENT, Step.EVIDENCE)
    draft = draft_of(appeal, now)
    page = statement_page(request, draft, policy_at(now), MOST_LETTERS, now)
    return render_page(request, "appeals/statement.html", page)


@require_safe
@_step
def check(request: StoreRequest, appeal: Appeal) -> HttpResponse:
    """What the Smart Check finds before anybody else looks (PN-28)."""
    now = timezone.now()
    draft = draft_of(appeal, now)
    page = check_page(request, draft, run_check(appeal=appeal, at=now), policy_at(now), now)
    return render_page(request, "appeals/check.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@_step
def confirm(request: StoreRequest, appeal: Appeal) -> HttpResponseBase:
    """Everything at a glance; posting submits, once."""
    now, status = timezone.now(), HTTPStatus.OK
    if request.method == "POST":
        examine_files(appeal=appeal, at=now)
        try:
            submit_appeal(
                appeal=appeal,
                expedited=request.POST.get("review") == "expedited",
                at=now,
                principal=request.principal,
                version=version_in(request.POST),
            )
            return to_appeal(appeal)
        except RefusedAppealError as refused:
            if not is_draft(appeal):
                raise StaleAppealError from refused
            status = HTTPStatus.CONFLICT
    draft, refusal = draft_of(appeal, now), refusal_of(appeal, expedited=False, at=now)
    page = confirm_page(request, draft, refusal, expediting_of(request.store, now), policy_at(now), now)
    return render_page(request, "appeals/confirm.html", page, status=status)


@require_POST
@store_view(area=Area.APPEALS)
def effect(request: StoreRequest, number: str) -> HttpResponse:
    """The number if the ticked orders were accepted, as they are ticked; nothing is saved."""
    now = timezone.now()
    subject = subject_of(appeal_of(request.store, number))
    asked = request.POST.getlist("order")[:MOST_ORDERS]
    known = (
        KINDS[AppealKind(subject.kind)].orders(subject).filter(order_no__in=[one for one in asked if "\x00" not in one])
    )
    ids = list(known.values_list("pk", flat=True))
    part = effect_part(effect_of(subject, ids, now)) if ids else None
    return render_page(request, "appeals/_effect.html", EffectFragment(part))


def onwards(request: StoreRequest, appeal: Appeal, here: Step, following: Step) -> HttpResponseBase:
    """Where a saved step leads: to the next, or back to the same, or away, as the button said."""
    way = request.POST.get("go", "next")
    if way == "leave":
        messages.success(request, _("The draft is saved. You can go on from any device."))
        return redirect(reverse("appeals:list", args=[request.store.store_no]))
    return to_appeal(appeal, here if way == "stay" else following)
