"""The message desk: lists of threads, and one thread with its reply (PN-23, AF-13)."""

from datetime import datetime

from django.contrib import messages as notes
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.pages.responses import render_page
from orders.commands import AnsweredMeanwhileError, Result, send_message
from orders.forms.messages import ReplyForm, ThreadFilterForm
from orders.models import Order
from orders.presenters.message_desk import messages_page, thread_url
from orders.presenters.thread import Composing, composer_of, thread_page
from orders.queries.drafts import Draft, draft_of
from orders.queries.listing import Cursor
from orders.queries.message_list import Part, message_list
from orders.queries.names import site_names
from orders.queries.order import asked_order, order_of
from orders.queries.templates import Chosen, chosen_template
from orders.queries.thread import ThreadDetails, thread_details
from orders.replies import reply_languages
from orders.rules.languages import language_for
from rulebook.queries import policy_at
from stores.access import StoreRequest, may_write, store_view
from stores.principals import Area

PREVIEW = "preview"


@require_safe
@store_view(area=Area.ORDERS)
def message_list_page(request: StoreRequest) -> HttpResponse:
    """The threads of a part, who waits longest first."""
    at = timezone.now()
    asked = request.GET.get("part", "")
    part = Part(asked) if asked in set(Part) else Part.WAITING
    sites = site_names(at)
    form = ThreadFilterForm(request.GET, part=part, sites=sites)
    cursor = Cursor.parse(request.GET.get("earlier"), request.GET.get("later"))
    found = message_list(request.store, part, form.filters(), cursor, at)
    context = messages_page(request, form, found, sites, policy_at(at), at)
    return render_page(request, "orders/messages.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@store_view(area=Area.ORDERS)
def thread(request: StoreRequest, order_no: str) -> HttpResponseBase:
    """One thread; posting sends a text, or shows how the buyer would read it."""
    at = timezone.now()
    order = order_of(request.store, order_no)
    if request.method == "POST":
        return _answer(request, order, at)
    found = thread_details(order, at)
    composing = _composing(request, found, at) if may_write(request.principal, request.store, Area.ORDERS) else None
    return render_page(request, "orders/thread.html", thread_page(request, found, composing, at))


@require_POST
@store_view(area=Area.ORDERS)
def thread_preview(request: StoreRequest, order_no: str) -> HttpResponse:
    """The text as the buyer would read it, with what there is to say about it; changes nothing."""
    at = timezone.now()
    found = thread_details(order_of(request.store, order_no), at)
    form = ReplyForm(request.POST)
    composer = composer_of(request.store, found, Composing(Chosen(), form, _draft(form, found, at)))
    return render_page(request, "orders/_preview.html", composer)


@require_safe
@store_view(area=Area.ORDERS)
def thread_panel(request: StoreRequest, order_no: str) -> HttpResponse:
    """The thread as a part of the order's page."""
    at = timezone.now()
    found = thread_details(asked_order(request, order_no), at)
    template = "orders/_thread_panel.html" if request.htmx else "orders/thread.html"
    return render_page(request, template, thread_page(request, found, None, at))


def _answer(request: StoreRequest, order: Order, at: datetime) -> HttpResponseBase:
    form, found = ReplyForm(request.POST), thread_details(order, at)
    draft = _draft(form, found, at)
    unsure = draft is not None and draft.doubts and not form.cleaned_data["anyway"]
    if draft is None or unsure or PREVIEW in request.POST:
        status = 200 if PREVIEW in request.POST and form.is_valid() else 422
        return _page(request, found, Composing(Chosen(), form, draft), at, status)
    try:
        outcome = send_message(
            order=order,
            text=draft.text,
            language=draft.language,
            template=form.cleaned_data["template"],
            principal=request.principal,
            at=at,
            seen=form.cleaned_data["seen"],
        )
    except AnsweredMeanwhileError as answered:
        again = thread_details(order, at)
        return _page(request, again, Composing(Chosen(), form, draft, answered.message), at, 409)
    mirrored = outcome.result == Result.MIRRORED
    notes.success(request, _("Kept to copy. Send it on the platform.") if mirrored else _("Sent."))
    return redirect(thread_url(request.store, order.order_no))


def _page(request: StoreRequest, found: ThreadDetails, composing: Composing, at: datetime, status: int) -> HttpResponse:
    return render_page(request, "orders/thread.html", thread_page(request, found, composing, at), status=status)


def _draft(form: ReplyForm, found: ThreadDetails, at: datetime) -> Draft | None:
    return draft_of(found.order, form.cleaned_data["text"], found.values, at) if form.is_valid() else None


def _composing(request: StoreRequest, found: ThreadDetails, at: datetime) -> Composing:
    """The template that the address names, in the language that it names, else in the buyer's."""
    language = request.GET.get("language", "")
    if language not in reply_languages():
        language = language_for(found.order.site, set(reply_languages()), policy_at(at))
    chosen = chosen_template(request.GET.get("template", ""), language, found.templates)
    draft = draft_of(found.order, chosen.text, found.values, at) if chosen.text else None
    return Composing(chosen, None, draft)
