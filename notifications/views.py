"""The lists of notices and messages (PG-10, PG-19)."""

from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.pages.downloads import people_file, table_file, wants_machine_form
from core.pages.responses import render_page
from notifications import exports
from notifications.channels.mail.immediate import send_test
from notifications.channels.mail.unsubscribing import read_token
from notifications.forms import MessageFilter, NoticeFilter, PreferenceForm
from notifications.kinds import message_kind
from notifications.models import GROUPS
from notifications.notice_files import record_sheet
from notifications.presenters.messages import PreferencesPage, UnsubscribePage, messages_page_of
from notifications.presenters.record import record_list_of
from notifications.queries.messages import (
    MessageQuery,
    addressed_stores,
    listed_messages,
    messages_of,
    paces_of,
    stopped_address,
)
from notifications.queries.notices import DEFAULT_PART, PARTS, NoticeQuery, find_notices
from notifications.queries.record import record_page, with_history
from notifications.services.addresses import choose_paces, silence
from notifications.services.messages import mark_message, read_messages
from rulebook.queries import policies
from stores.access import SignedInRequest, StoreRequest, may_write, signed_in, store_view
from stores.models import User
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
    form = MessageFilter(request.GET, stores=addressed_stores(request.principal))
    query = MessageQuery(request.principal, form.exact(), **form.days())
    page = listed_messages(query, request.GET.get("page"))
    context = messages_page_of(request, form, query, page, policies())
    return render_page(request, "notifications/messages.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def message(request: SignedInRequest, message_id: int) -> HttpResponseBase:
    """Lead to what a message is about, which reads it; posting marks it as read or unread."""
    found = get_object_or_404(messages_of(request.principal).select_related("store", "notice"), pk=message_id)
    if request.method == "POST":
        mark_message(person=request.principal, message=found, read="unread" not in request.POST, at=timezone.now())
        return redirect(f"{reverse('notifications:messages')}?{request.GET.urlencode()}")
    if request.method == "GET":
        mark_message(person=request.principal, message=found, read=True, at=timezone.now())
    return redirect(message_kind(found.kind).url(found))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def preferences(request: SignedInRequest) -> HttpResponse:
    """How the person's messages are mailed (BX-08)."""
    form = PreferenceForm(request.POST or None, paces=paces_of(request.user))
    if request.method == "POST" and form.is_valid():
        choose_paces(user=request.user, paces=form.paces(), at=timezone.now())
        notes.success(request, _("Saved."))
        return redirect("notifications:preferences")
    context = PreferencesPage(form, request.user.email, stopped_address(request.user.email))
    return render_page(request, "notifications/preferences.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def preferences_test(request: SignedInRequest) -> HttpResponse:
    """Send the person a test message and say what the mail server answered."""
    tested = send_test(user=request.user, at=timezone.now())
    notes.add_message(request, notes.SUCCESS if tested.arrived else notes.ERROR, tested.text)
    return redirect("notifications:preferences")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Switch e-mails off by the link in one, without signing in (RFC 8058). Reading the page changes nothing: mail
    programs follow links. A link of somebody who is gone answers as any other."""
    found = read_token(token)
    if found is None:
        raise Http404
    user_id, groups = found
    if request.method == "POST" and (user := User.objects.filter(pk=user_id).first()) is not None:
        silence(user=user, groups=groups, at=timezone.now())
    context = UnsubscribePage([str(dict(GROUPS)[group]) for group in groups], done=request.method == "POST")
    return render_page(request, "notifications/unsubscribe.html", context)
