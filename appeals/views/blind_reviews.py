"""Blind second reviews: what waits, and the page without what the first reviewer saw and decided (BX-07)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appeals.forms.decisions import given_fields, verdicts_of
from appeals.models import AppealReview, ReviewDraft
from appeals.presenters.blind_reviews import BlindRow, blind_rows
from appeals.presenters.review import BAR_WORDS
from appeals.queries.blind_reviews import blind_page, blind_review_for, next_blind_review
from appeals.queries.review_case import review_case
from appeals.services.claiming import BarredReviewerError, claim_blind_review, release_blind_review
from appeals.services.deciding import IncompleteDecisionError, decide_blind_review, save_draft
from appeals.views.review_page import Filled, render_review
from appeals.views.reviewing import reviewer_of, staff_of
from core.pages.components import Banner
from core.pages.responses import render_page
from rulebook.queries import policies_held
from stores.access import audit_inspection, principal_of
from stores.desk import desk_nav
from stores.models import User


@dataclass(frozen=True, slots=True)
class BlindPage:
    """What templates/appeals/blind_reviews.html reads."""

    rows: list[BlindRow]
    page: Page[Any]
    now: datetime
    nav: dict[str, Any]


@require_safe
def blind_queue(request: HttpRequest) -> HttpResponse:
    """The decisions that wait for a blind review."""
    user, now = staff_of(request), timezone.now()
    found = blind_page(request.GET.get("page"))
    rows = blind_rows(found.object_list, user=user, at=now)
    return render_page(request, "appeals/blind_reviews.html", BlindPage(rows, found, now, desk_nav(request, "blind")))


@require_POST
def claim_next_blind(request: HttpRequest) -> HttpResponse:
    """Claim the oldest blind review that the person may make and show it."""
    user, now = reviewer_of(request), timezone.now()
    while (review := next_blind_review(user, now)) is not None:
        if claim_blind_review(review=review, reviewer=user, at=now):
            return HttpResponseRedirect(reverse("admin:appeals_appealreview_decide", args=[review.pk]))
    messages.info(request, _("No blind review waits for you now."))
    return HttpResponseRedirect(reverse("admin:appeals_appealreview_blind"))


def blind_review(request: HttpRequest, pk: int) -> HttpResponse:
    """An appeal to decide again, without effect."""
    user, now = reviewer_of(request), timezone.now()
    review = blind_review_for(pk)
    if review is None:
        raise Http404
    if review.decided_at is not None:
        messages.info(request, _("It has been decided again already."))
        return HttpResponseRedirect(reverse("admin:appeals_appealreview_blind"))
    audit_inspection(principal_of(request), review.appeal.store)
    if request.method == "POST":
        try:
            return _act(request, review, user, now)
        except BarredReviewerError as error:
            return _page(
                request, review, user, now, Filled({}, banner=Banner("red", "", str(BAR_WORDS[error.bar]))), 409
            )
    draft = ReviewDraft.objects.filter(appeal=review.appeal, reviewer=user, blind=True).first()
    with policies_held():
        return _page(request, review, user, now, Filled(draft.fields if draft else {}))


def _page(
    request: HttpRequest, review: AppealReview, user: User, now: datetime, filled: Filled, status: int = 200
) -> HttpResponse:
    case = review_case(review.appeal, now, blind=True)
    return render_review(request, case, user=user, at=now, filled=filled, status=status, review=review)


def _act(request: HttpRequest, review: AppealReview, user: User, now: datetime) -> HttpResponse:
    do, given = request.POST.get("do", ""), given_fields(request.POST)
    if do == "claim" and claim_blind_review(review=review, reviewer=user, at=now):
        return HttpResponseRedirect(request.path)
    if given:
        save_draft(appeal=review.appeal, reviewer=user, blind=True, fields=given, at=now)
    if do == "release" and release_blind_review(review=review, reviewer=user):
        return HttpResponseRedirect(reverse("admin:appeals_appealreview_blind"))
    if do == "decide":
        return _decide(request, review, user, given, now)
    return _page(request, review, user, now, Filled(given), 409 if do in ("claim", "release") else 200)


def _decide(
    request: HttpRequest, review: AppealReview, user: User, given: dict[str, list[str]], now: datetime
) -> HttpResponse:
    case = review_case(review.appeal, now, blind=True)
    try:
        done = decide_blind_review(review=review, decisions=verdicts_of(given, case.orders), reviewer=user, at=now)
    except IncompleteDecisionError as error:
        banner = Banner("red", _("Not sent"), _("Decide every order."))
        return _page(request, review, user, now, Filled(given, error.gaps, banner), 422)
    if not done:
        return _page(
            request,
            review,
            user,
            now,
            Filled(given, banner=Banner("red", _("Not sent"), _("Somebody else has claimed it."))),
            409,
        )
    messages.success(request, _("Blind review of %(number)s sent.") % {"number": review.appeal.number})
    return HttpResponseRedirect(reverse("admin:appeals_appealreview_blind"))
