"""The weekly reports of a company: who gets them, a look at one, unsubscribing (PG-18)."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages as notes
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appeals.typesetting import TypesettingError
from core.pages.attachments import attached
from core.pages.responses import render_page
from core.ratelimits import is_within_limit
from notifications.channels.declaring import Outcome
from reports.forms import SubscriptionForm
from reports.models import ReportSubscription
from reports.presenters import UnsubscribePage, reports_page_of
from reports.queries import report_of, subscriptions_of
from reports.services import remove, report_pdf, send_now, subscribe, subscription_of_token, unsubscribe
from stores.access import WRITE, CompanyRequest, company_view

REPORTS_A_MINUTE = 6


@require_http_methods(["GET", "HEAD", "POST"])
@company_view(roles=WRITE, write_roles=WRITE)
def reports(request: CompanyRequest) -> HttpResponseBase:
    """Who gets the report; posting adds a member."""
    form, now = SubscriptionForm(request.POST or None, company=request.company), timezone.now()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        subscribe(
            company=request.company,
            person=form.chosen,
            weekday=given["weekday"],
            language=given["language"],
            actor=request.principal.actor,
            at=now,
        )
        notes.success(request, _("Saved."))
        return redirect(request.path)
    page = reports_page_of(request, subscriptions_of(request.company), form, now, settings.REPORT_HOUR)
    return render_page(request, "reports/reports.html", page, status=422 if form.errors else 200)


@require_safe
@company_view(roles=WRITE)
def preview(request: CompanyRequest) -> HttpResponseBase:
    """The page as it would be now, for the person who asks."""
    now, language = timezone.now(), get_language() or settings.LANGUAGE_CODE
    if not _may_make(request):
        return HttpResponse(_("Wait a minute, then try again."), status=429)
    try:
        content = report_pdf(report_of(request.company, request.user, now), language)
    except TypesettingError:
        return HttpResponse(_("The report could not be made just now. Try again in a minute."), status=503)
    return attached(HttpResponse(content, content_type="application/pdf"), f"report-{now:%Y%m%d}.pdf")


@require_POST
@company_view(roles=WRITE, write_roles=WRITE)
def report_send(request: CompanyRequest, subscription_id: int) -> HttpResponseBase:
    """Send a subscriber the report as it is now."""
    subscription, now = _subscription(request, subscription_id), timezone.now()
    if not _may_make(request):
        notes.error(request, _("Wait a minute, then try again."))
        return redirect("reports:reports", request.company.company_no)
    try:
        answer = send_now(subscription=subscription, at=now)
    except TypesettingError:
        notes.error(request, _("The report could not be made just now. Try again in a minute."))
        return redirect("reports:reports", request.company.company_no)
    if answer.outcome == Outcome.SENT:
        notes.success(request, _("Sent to %(address)s.") % {"address": subscription.person.email})
    else:
        notes.error(request, _("The mail server did not take it: %(answer)s") % {"answer": answer.text})
    return redirect("reports:reports", request.company.company_no)


@require_POST
@company_view(roles=WRITE, write_roles=WRITE)
def report_remove(request: CompanyRequest, subscription_id: int) -> HttpResponseBase:
    """Send a member no report any more; one who gets none already is left at that."""
    found = _subscriptions(request).filter(pk=subscription_id).first()
    if found is not None:
        remove(subscription=found, actor=request.principal.actor, at=timezone.now())
    notes.success(request, _("Removed."))
    return redirect("reports:reports", request.company.company_no)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def report_unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop a report by the link in it, without signing in (RFC 8058). Reading the page changes nothing: mail programs
    follow links."""
    found = subscription_of_token(token)
    if found is None:
        raise Http404
    if request.method == "POST":
        unsubscribe(subscription=found, at=timezone.now())
    page = UnsubscribePage(found.company.name, done=request.method == "POST")
    return render_page(request, "reports/unsubscribe.html", page)


def _may_make(request: CompanyRequest) -> bool:
    """Each takes seconds of a processor, which others need too."""
    return is_within_limit(
        f"team-report:{request.company.pk}", limit=REPORTS_A_MINUTE, period=timedelta(minutes=1), at=timezone.now()
    )


def _subscription(request: CompanyRequest, subscription_id: int) -> ReportSubscription:
    return get_object_or_404(_subscriptions(request), pk=subscription_id)


def _subscriptions(request: CompanyRequest) -> QuerySet[ReportSubscription]:
    return ReportSubscription.objects.filter(company=request.company).select_related("person", "company")
