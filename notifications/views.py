"""The pages of notices and messages (PG-10, PG-19, PN-30)."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from core.pages.downloads import people_file, table_file, wants_machine_form
from core.pages.responses import render_page
from notifications import exports
from notifications.forms import NoticeFilter, NoticeOrderFilter
from notifications.models import Notice
from notifications.notice_files import notice_orders_sheet, record_sheet
from notifications.presenters.messages import messages_page_of
from notifications.presenters.notice import is_whole, notice_document_of
from notifications.presenters.record import record_list_of
from notifications.queries.messages import listed_messages
from notifications.queries.notice_page import Orders, notice_details
from notifications.queries.notices import (
    DEFAULT_PART,
    PARTS,
    NoticeQuery,
    find_notices,
    notice_of,
    occurring,
    orders_of,
)
from notifications.queries.record import record_page
from notifications.services.lifecycle import open_notice
from notifications.services.messages import read_messages
from rulebook.queries import policies
from stores.access import SignedInRequest, StoreRequest, joined_companies, signed_in, store_view
from stores.principals import Area, Person


@require_safe
@store_view(area=Area.NOTICES)
def notice_list(request: StoreRequest) -> HttpResponse:
    """The performance record of a store (PG-10)."""
    form, query = _asked(request)
    found = record_page(query, request.GET.get("page"))
    context = record_list_of(request, form, query.part, found, timezone.now())
    return render_page(request, "notifications/list.html", context)


@require_safe
@store_view(area=Area.NOTICES)
def notice_list_file(request: StoreRequest, suffix: str) -> HttpResponseBase:
    """The record as filtered, as a file (PN-13)."""
    _form, query = _asked(request)
    name = f"notices-{query.part}-{timezone.now():%Y%m%d}"
    if wants_machine_form(request):
        return table_file(name, suffix, exports.RECORD_COLUMNS, exports.record_rows(find_notices(query)))
    notices = find_notices(query).select_related("opened_by").iterator(exports.ROWS_AT_ONCE)
    return people_file(name, suffix, record_sheet(notices, request.store.store_no))


def _asked(request: StoreRequest) -> tuple[NoticeFilter, NoticeQuery]:
    part = request.GET.get("part", DEFAULT_PART)
    part = part if part in PARTS else DEFAULT_PART
    form = NoticeFilter(request.GET, part=part)
    return form, NoticeQuery(request.store, part, form.exact(), **form.days())


@require_safe
@store_view(area=Area.NOTICES)
def notice_page(request: StoreRequest, number: str) -> HttpResponse:
    """One notice (PN-30). Opened by a member of the company it is opened (PN-03), and its messages are read."""
    now = timezone.now()
    notice = notice_of(request.store, number)
    reader = _member(request)
    if request.method == "GET" and reader is not None:
        if notice.opened_at is None:
            open_notice(notice=notice, user=reader.user, at=now)
        read_messages(person=reader, at=now, notice=notice)
    form, orders = _orders_asked(request, notice)
    found = notice_details(notice, orders, request.GET.get("page"), now, whole=is_whole(request))
    return render_page(request, "notifications/notice.html", notice_document_of(request, form, found, now))


@require_safe
@store_view(area=Area.NOTICES)
def notice_orders_file(request: StoreRequest, number: str, suffix: str) -> HttpResponseBase:
    """The problem orders of a notice as filtered, as a file."""
    notice = notice_of(request.store, number)
    _form, orders = _orders_asked(request, notice)
    name = f"{notice.number}-orders"
    if wants_machine_form(request):
        return table_file(name, suffix, exports.ORDER_COLUMNS, exports.order_rows(orders))
    return people_file(name, suffix, notice_orders_sheet(notice, orders))


def _orders_asked(request: StoreRequest, notice: Notice) -> tuple[NoticeOrderFilter, Orders]:
    form = NoticeOrderFilter(request.GET, occurring=occurring(notice))
    return form, orders_of(notice, exact=form.exact(), **form.days())


def _member(request: StoreRequest) -> Person | None:
    """Who reads for the company. Staff read as oversight, whatever company they may belong to: their look must not
    stand for the seller's."""
    principal = request.principal
    if not isinstance(principal, Person) or principal.user.is_staff:
        return None
    return principal if joined_companies(principal).filter(pk=request.store.company_id).exists() else None


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def messages(request: SignedInRequest) -> HttpResponseBase:
    """The person's messages; posting marks all of them as read (PG-19)."""
    now = timezone.now()
    if request.method == "POST":
        read_messages(person=request.principal, at=now)
        return redirect(reverse("notifications:messages"))
    unread_only = request.GET.get("show") == "unread"
    page = listed_messages(request.principal, request.GET.get("page"), unread_only=unread_only)
    return render_page(
        request, "notifications/messages.html", messages_page_of(request, page, policies(), unread_only=unread_only)
    )
