"""The lists of notices and messages (PG-10, PG-19)."""

from django.contrib import messages as notes
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.pages.responses import render_page
from notifications.channels.mail.immediate import send_test
from notifications.channels.mail.unsubscribing import read_token
from notifications.channels.push.vapid import public_key
from notifications.channels.push.worker import browser_label, worker_script
from notifications.channels.trials import tell_code, test_browser, test_phone
from notifications.forms import PhoneForm, PreferenceForm, QuietForm, asked_messages, asked_notices
from notifications.kinds import message_kind
from notifications.models import GROUPS, Phone, PushSubscription
from notifications.presenters.messages import UnsubscribePage, messages_page_of
from notifications.presenters.personal import preferences_page_of
from notifications.presenters.record import record_list_of
from notifications.queries.messages import failed_deliveries_of, listed_messages, messages_of
from notifications.queries.personal import personal_channels
from notifications.queries.record import record_page
from notifications.services.addresses import choose_paces, silence
from notifications.services.browsers import parse_subscription, subscribe_browser, unsubscribe_browser
from notifications.services.deliveries import retry_deliveries
from notifications.services.messages import mark_message, read_messages
from notifications.services.phones import confirm_phone, remove_phone, request_code
from notifications.services.routes import schedule_person
from rulebook.queries import policies
from stores.access import SignedInRequest, StoreRequest, may_write, signed_in, store_view
from stores.models import User
from stores.principals import Area


@require_safe
@store_view(area=Area.NOTICES)
def notice_list(request: StoreRequest) -> HttpResponse:
    """The performance record of a store (PG-10)."""
    form, query = asked_notices(request.GET, request.store)
    now = timezone.now()
    found = record_page(query, request.GET.get("page"), now)
    writes = may_write(request.principal, request.store)
    context = record_list_of(request, form, query.part, found, now, may_record=writes)
    return render_page(request, "notifications/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def messages(request: SignedInRequest) -> HttpResponseBase:
    """The person's messages; posting marks all of them as read (PG-19)."""
    now = timezone.now()
    if request.method == "POST":
        read_messages(person=request.principal, at=now)
        return redirect(reverse("notifications:messages"))
    form, query = asked_messages(request.GET, request.principal)
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


@require_POST
@signed_in
def message_resend(request: SignedInRequest, message_id: int) -> HttpResponse:
    """Have what failed of a message sent again, by owners and managers (PG-19)."""
    failed = failed_deliveries_of(request.principal, message_id)
    if failed is None:
        raise Http404
    count = retry_deliveries(deliveries=failed, actor=request.principal.actor, at=timezone.now())
    text = ngettext("%(count)s delivery is sent again.", "%(count)s deliveries are sent again.", count)
    notes.success(request, text % {"count": count})
    return redirect(f"{reverse('notifications:messages')}?{request.GET.urlencode()}")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def preferences(request: SignedInRequest) -> HttpResponse:
    """How messages reach the person: by e-mail, phone and browser, and when (PG-18, BX-08)."""
    now = timezone.now()
    found = personal_channels(request.user, now)
    form = PreferenceForm(request.POST or None, paces=found.paces, rules=found.rules)
    if request.method == "POST" and form.is_valid():
        choose_paces(user=request.user, paces=form.paces(), at=now)
        notes.success(request, _("Saved."))
        return redirect("notifications:preferences")
    return _show_preferences(request, form=form)


def _show_preferences(request: SignedInRequest, **forms: Form) -> HttpResponse:
    """The page with a form that was filled in wrongly, or with none."""
    found = personal_channels(request.user, timezone.now())
    context = preferences_page_of(request.user, found, public_key(), **forms)
    is_wrong = any(form.errors for form in forms.values())
    return render_page(request, "notifications/preferences.html", context, status=422 if is_wrong else 200)


@require_POST
@signed_in
def preferences_test(request: SignedInRequest) -> HttpResponse:
    """Send the person a test message and say what the mail server answered."""
    tested = send_test(user=request.user, at=timezone.now())
    notes.add_message(request, notes.SUCCESS if tested.arrived else notes.ERROR, tested.text)
    return redirect("notifications:preferences")


@require_POST
@signed_in
def phone(request: SignedInRequest) -> HttpResponse:
    """Send a code to a phone number; the page then asks for it."""
    form = PhoneForm(request.POST)
    if not form.is_valid():
        return _show_preferences(request, phone_form=form)
    number, now = form.cleaned_data["number"], timezone.now()
    try:
        code = request_code(user=request.user, number=number, at=now)
    except ValidationError as error:
        form.add_error("number", error)
        return _show_preferences(request, phone_form=form)
    sent = tell_code(user=request.user, number=number, code=code)
    return _noted(request, sent.arrived, sent.text)


@require_POST
@signed_in
def phone_confirm(request: SignedInRequest) -> HttpResponse:
    """Take the code that was sent to a phone."""
    if confirm_phone(user=request.user, code=request.POST.get("code", ""), at=timezone.now()):
        return _noted(request, True, _("Your phone is confirmed."))
    return _noted(request, False, _("This code is wrong or too old. Have a new one sent."))


@require_POST
@signed_in
def phone_remove(request: SignedInRequest) -> HttpResponse:
    """Send the person no SMS any more."""
    remove_phone(user=request.user, at=timezone.now())
    return _noted(request, True, _("You get no SMS any more."))


@require_POST
@signed_in
def phone_test(request: SignedInRequest) -> HttpResponse:
    """Send the person a test SMS."""
    phone = get_object_or_404(Phone.objects.select_related("user").exclude(number=""), user=request.user)
    tested = test_phone(phone=phone, at=timezone.now())
    return _noted(request, tested.arrived, tested.text)


@require_POST
@signed_in
def browser_add(request: SignedInRequest) -> HttpResponse:
    """Send the person's messages to this browser, which gave its address for push messages."""
    try:
        endpoint = parse_subscription(request.POST.get("subscription", ""))
        label = browser_label(request.headers.get("User-Agent", ""))
        subscribe_browser(user=request.user, endpoint=endpoint, label=label, at=timezone.now())
    except ValidationError as error:
        return _noted(request, False, " ".join(error.messages))
    return _noted(request, True, _("This browser gets your messages."))


@require_POST
@signed_in
def browser_remove(request: SignedInRequest, key: str) -> HttpResponse:
    """Send the person's messages to a browser no more."""
    unsubscribe_browser(user=request.user, key=key, at=timezone.now())
    return _noted(request, True, _("The browser gets no messages any more."))


@require_POST
@signed_in
def browser_test(request: SignedInRequest, key: str) -> HttpResponse:
    """Send a test to one of the person's browsers."""
    rows = PushSubscription.objects.select_related("user")
    tested = test_browser(subscription=get_object_or_404(rows, user=request.user, key=key), at=timezone.now())
    return _noted(request, tested.arrived, tested.text)


@require_POST
@signed_in
def quiet_hours(request: SignedInRequest) -> HttpResponse:
    """The person's own quiet hours and time of the digest (BX-08)."""
    form = QuietForm(request.POST)
    if not form.is_valid():
        return _show_preferences(request, quiet_form=form)
    schedule_person(user=request.user, at=timezone.now(), **form.cleaned_data)
    return _noted(request, True, _("Saved."))


def _noted(request: SignedInRequest, arrived: bool, text: str) -> HttpResponse:
    notes.add_message(request, notes.SUCCESS if arrived else notes.ERROR, text)
    return redirect("notifications:preferences")


@require_safe
def service_worker(_request: HttpRequest) -> HttpResponse:
    """The script that shows push messages. It has to lie at the top of the site, whose pages it may open."""
    response = HttpResponse(worker_script(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


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
