"""The page of a notice (PN-30)."""

import structlog
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from appeals.services.case_file import make_case_file
from appeals.typesetting import TypesettingError
from core.pages.attachments import attached
from core.pages.responses import render_page
from dashboard.presenters.notice import is_whole, notice_document_of, standing_asked
from dashboard.queries.notice import Asked, notice_details
from notifications.forms import NoticeOrderFilter
from notifications.models import Notice
from notifications.presenters.parts import notice_url
from notifications.queries.notices import Orders, notice_of, occurring, orders_of
from notifications.services.lifecycle import open_notice
from notifications.services.messages import read_messages
from stores.access import StoreRequest, colleague, store_view
from stores.principals import Area, Person

log = structlog.get_logger("dianwei.dashboard")


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
    asked = Asked(orders, standing_asked(request.GET), request.GET.get("page"), is_whole(request))
    found = notice_details(notice, asked, now)
    return render_page(request, "dashboard/notice.html", notice_document_of(request, form, found, now))


@require_safe
@store_view(area=Area.NOTICES)
def notice_case_file(request: StoreRequest, number: str) -> HttpResponse:
    """The case file of a notice, made as it is asked for (BX-09)."""
    notice = notice_of(request.store, number)
    try:
        made = make_case_file(notice=notice, at=timezone.now(), language=request.LANGUAGE_CODE)
    except TypesettingError as error:
        log.error("case_file.failed", notice=notice.number, error=str(error))
        messages.error(request, _("The case file could not be made just now. Try again in a minute."))
        return redirect(notice_url(notice, request.store.store_no))
    return attached(HttpResponse(made.content, content_type="application/pdf"), made.name)


def _orders_asked(request: StoreRequest, notice: Notice) -> tuple[NoticeOrderFilter, Orders]:
    form = NoticeOrderFilter(request.GET, occurring=occurring(notice))
    return form, orders_of(notice, exact=form.exact(), **form.days())


def _member(request: StoreRequest) -> Person | None:
    """Who reads for the company. Staff read as oversight, whatever company they may belong to: their look must not
    stand for the seller's."""
    return colleague(request.principal, request.store)
