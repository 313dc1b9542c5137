"""The lists of notices and messages (PG-10, PG-19)."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from core.pages.downloads import people_file, table_file, wants_machine_form
from core.pages.responses import render_page
from notifications import exports
from notifications.forms import NoticeFilter
from notifications.notice_files import record_sheet
from notifications.presenters.messages import messages_page_of
from notifications.presenters.record import record_list_of
from notifications.queries.messages import listed_messages
from notifications.queries.notices import DEFAULT_PART, PARTS, NoticeQuery, find_notices
from notifications.queries.record import record_page, with_history
from notifications.services.messages import read_messages
from rulebook.queries import policies
from stores.access import SignedInRequest, StoreRequest, may_write, signed_in, store_view
from stores.principals import Area


@require_safe
@store_view(area=Area.NOTICES)
def notice_list(request: StoreRequest) -> HttpResponse:
    """The performance record of a store (PG-10)."""
    form, query = _asked(request)
    now = timezone.now()
    found = record_page(query, request.GET.get("page"), now)
    writes = may_write(request.principal, request.store)
    context = record_list_of(request, form, query.part, found, now, may_record=writes)
    return render_page(request, "notifications/list.html", context)


@require_safe
@store_view(area=Area.NOTICES)
def notice_list_file(request: StoreRequest, suffix: str) -> HttpResponseBase:
    """The record as filtered, as a file (PN-13)."""
    _form, query = _asked(request)
    name = f"notices-{query.part}-{timezone.now():%Y%m%d}"
    if wants_machine_form(request):
        return table_file(name, suffix, exports.RECORD_COLUMNS, exports.record_rows(find_notices(query)))
    notices = with_history(find_notices(query)).iterator(exports.ROWS_AT_ONCE)
    return people_file(name, suffix, record_sheet(notices, request.store.store_no))


def _asked(request: StoreRequest) -> tuple[NoticeFilter, NoticeQuery]:
    part = request.GET.get("part", DEFAULT_PART)
    part = part if part in PARTS else DEFAULT_PART
    form = NoticeFilter(request.GET, part=part)
    return form, NoticeQuery(request.store, part, form.exact(), **form.days())


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
