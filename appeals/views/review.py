"""The page on which an appeal is decided, and what can be done there (AP-04, PN-09)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.forms.decisions import OVERALL, accept_supported, fields_of_row, given_fields, verdicts_of
from appeals.forms.drafts import version_in
from appeals.models import Appeal, ReviewDraft
from appeals.presenters.review import BAR_WORDS
from appeals.queries.review_case import ReviewCase, appeal_for_review, review_case
from appeals.queries.reviewers import REASSIGN_PERMISSION, reviewers_for
from appeals.services.claiming import BarredReviewerError, claim_appeal, hand_over_appeal, release_appeal
from appeals.services.deciding import IncompleteDecisionError, decide_appeal, mark_complex, save_draft
from appeals.views.review_page import Filled, render_review
from appeals.views.reviewing import reviewer_of, staff_of
from core.pages.components import Banner
from rulebook.queries import policies_held
from stores.access import audit_inspection, principal_of
from stores.models import User


@dataclass(frozen=True, slots=True)
class Act:
    """What a reviewer asks for: the form as it was sent."""

    request: HttpRequest
    case: ReviewCase
    user: User
    given: dict[str, list[str]]
    at: datetime

    @property
    def appeal(self) -> Appeal:
        return self.case.appeal


def review(request: HttpRequest, pk: int) -> HttpResponse:
    """The appeal with everything that its decision needs; a post does what its button says."""
    user, now = (reviewer_of if request.method == "POST" else staff_of)(request), timezone.now()
    appeal = appeal_for_review(pk)
    if appeal is None:
        raise Http404
    audit_inspection(principal_of(request), appeal.store)
    if request.method == "POST":
        act = Act(request, review_case(appeal, now), user, given_fields(request.POST), now)
        do = ACTS.get(request.POST.get("do", ""), _preview)
        try:
            return do(act)
        except BarredReviewerError as error:
            return _again(act, 409, Banner("red", "", str(BAR_WORDS[error.bar])))
    with policies_held():
        case = review_case(appeal, now)
        return render_review(request, case, user=user, at=now, filled=Filled(_draft(case, user)))


def _draft(case: ReviewCase, user: User) -> Mapping[str, list[str]]:
    """What the person had filled in, else what an earlier round decided."""
    draft = ReviewDraft.objects.filter(appeal=case.appeal, reviewer=user, blind=False).first()
    if draft is not None:
        return dict(draft.fields)
    found: dict[str, list[str]] = {}
    for order in case.orders:
        found |= fields_of_row(order)
    return found


def _again(act: Act, status: int, banner: Banner | None = None, gaps: Any = None) -> HttpResponse:
    """The page once more, with what was filled in."""
    filled = Filled(act.given, gaps or {}, banner)
    return render_review(act.request, act.case, user=act.user, at=act.at, filled=filled, status=status)


def _keep(act: Act) -> None:
    save_draft(appeal=act.appeal, reviewer=act.user, blind=False, fields=act.given, at=act.at)


def _here(act: Act) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:appeals_appeal_review", args=[act.appeal.pk]))


def _to_queue() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:appeals_appeal_queue"))


def _decide(act: Act) -> HttpResponse:
    try:
        done = decide_appeal(
            appeal=act.appeal,
            decisions=verdicts_of(act.given, act.case.orders),
            reviewer=act.user,
            at=act.at,
            version=version_in(act.request.POST),
            reason="".join(act.given.get(OVERALL, [])[:1]).strip(),
        )
    except IncompleteDecisionError as error:
        _keep(act)
        banner = Banner(
            "red", _("Not sent"), _("Each order that is not accepted has to say what fails and what would pass.")
        )
        return _again(act, 422, banner, error.gaps)
    if not done:
        _keep(act)
        return _again(act, 409, Banner("red", _("Not sent"), _("Somebody else was faster, or the appeal has changed.")))
    messages.success(act.request, _("Decision on %(number)s sent.") % {"number": act.appeal.number})
    return _to_queue()


def _preview(act: Act) -> HttpResponse:
    _keep(act)
    return _again(act, 200)


def _accept_supported(act: Act) -> HttpResponse:
    save_draft(
        appeal=act.appeal,
        reviewer=act.user,
        blind=False,
        fields=accept_supported(act.given, act.case.orders),
        at=act.at,
    )
    return _here(act)


def _claim(act: Act) -> HttpResponse:
    if "version" in act.request.POST:
        _keep(act)
    if not claim_appeal(appeal=act.appeal, reviewer=act.user, at=act.at):
        return _again(act, 409)
    return _here(act)


def _release(act: Act) -> HttpResponse:
    if "version" in act.request.POST:
        _keep(act)
    if not release_appeal(appeal=act.appeal, reviewer=act.user, at=act.at):
        return _again(act, 409)
    messages.success(act.request, _("Released; what you filled in is kept."))
    return _to_queue()


def _complex(act: Act) -> HttpResponse:
    _keep(act)
    if not mark_complex(appeal=act.appeal, reviewer=act.user, at=act.at):
        return _again(act, 409)
    messages.success(act.request, _("Marked as complex; the review has more time."))
    return _here(act)


def _hand_over(act: Act) -> HttpResponse:
    _keep(act)
    holder, chosen = act.appeal.claimed_by, act.request.POST.get("to", "")
    to = reviewers_for(act.appeal).filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None
    if to is None:
        return _again(act, 422, Banner("red", "", _("Choose a colleague to hand it over to.")))
    if holder != act.user and not act.user.has_perm(REASSIGN_PERMISSION):
        return _again(act, 409)
    if not hand_over_appeal(appeal=act.appeal, holder=holder, to=to, by=act.user, at=act.at):
        return _again(act, 409)
    messages.success(act.request, _("Handed over."))
    return _to_queue()


ACTS: Mapping[str, Callable[[Act], HttpResponse]] = {
    "decide": _decide,
    "preview": _preview,
    "accept_supported": _accept_supported,
    "claim": _claim,
    "release": _release,
    "complex": _complex,
    "hand_over": _hand_over,
}
