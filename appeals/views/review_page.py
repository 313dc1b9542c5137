"""The page of a review, put together for reading, deciding and deciding blind (AP-04, BX-07)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from appeals.forms.decisions import OVERALL, Given, verdicts_of
from appeals.models import AppealReview
from appeals.presenters.review import (
    Permissions,
    ReviewPage,
    colleague_choices,
    history_facts,
    past_reviews,
    precedent_rows,
    reason_choices,
    state_banner,
    subject_part,
    tallies_of,
)
from appeals.presenters.review_effect import DecisionEffect, decision_effect
from appeals.presenters.review_evidence import evidence_of
from appeals.presenters.review_orders import order_groups
from appeals.presenters.review_queue import tags_of
from appeals.queries.effects import effect_of
from appeals.queries.review_case import ReviewCase
from appeals.queries.reviewers import REASSIGN_PERMISSION, REVIEW_PERMISSION, bar_of, blind_bar_of, reviewers_for
from appeals.rules import AppealState, Bar, Gap, OrderDecision, Verdict
from appeals.services.deciding import complex_due_at
from core.pages.components import Banner
from core.pages.responses import render_page
from rulebook.queries import policy_at
from stores.claims import Holder, holder_of
from stores.desk import desk_nav
from stores.models import User


@dataclass(frozen=True, slots=True)
class Filled:
    """What is filled in: the form's fields, what they lack, and what came of sending them."""

    given: Given
    gaps: Mapping[int, list[Gap]] = field(default_factory=dict)
    banner: Banner | None = None


def render_review(
    request: HttpRequest,
    case: ReviewCase,
    *,
    user: User,
    at: datetime,
    filled: Filled,
    status: int = 200,
    review: AppealReview | None = None,
) -> HttpResponse:
    """The page; ``review``: the blind review that it is for."""
    appeal, store = case.appeal, case.appeal.store
    verdicts = verdicts_of(filled.given, case.orders)
    holder = holder_of(review or appeal, user=user, at=at)
    bar = blind_bar_of(appeal, user) if review else bar_of(appeal, user)
    waits = review.decided_at is None if review else appeal.state == AppealState.REVIEW
    may = _permissions(user, holder, bar, blind=review is not None) if waits else Permissions()
    own = None if review else state_banner(appeal, holder, bar, timezone.get_current_timezone())
    page = ReviewPage(
        number=appeal.number,
        store=store.name,
        store_url=reverse("dashboard:panel", args=[store.store_no]),
        level=str(store.get_level_display()),
        tags=tags_of(appeal),
        subject=subject_part(appeal, linked=review is None),
        state=appeal.state,
        due_at=None if review else case.due_at,
        begun_at=case.begun_at,
        holder=holder,
        may=may,
        banners=[banner for banner in (filled.banner, own) if banner is not None],
        evidence=evidence_of(case.files, appeal.findings, request.GET.get("page")),
        groups=order_groups(case.orders, verdicts, filled.gaps, store_no=None if review else store.store_no),
        tallies=tallies_of(verdicts.values()),
        reasons=reason_choices(policy_at(at).appeals.rejection_reasons),
        overall="".join(filled.given.get(OVERALL, [])[:1]),
        statement=appeal.statement,
        named_error=appeal.named_error,
        # A blind reviewer would see in it what was excluded.
        effect=_effect(case, verdicts, at) if waits and review is None else None,
        history=history_facts(case.history) if case.history else [],
        record_url=reverse("notifications:list", args=[store.store_no]),
        precedents=precedent_rows(case.precedents, case.orders),
        past=past_reviews(case, {str(order.row.pk): order.row.place for order in case.orders}),
        colleagues=colleague_choices(reviewers_for(appeal), user) if may.hands_over else [],
        version=appeal.version,
        blind=review is not None,
        complex=appeal.is_complex,
        complex_until=complex_due_at(appeal) if may.decides and not review and not appeal.is_complex else None,
        action_url=request.path,
        queue_url=reverse("admin:appeals_appealreview_blind" if review else "admin:appeals_appeal_queue"),
        now=at,
        nav=desk_nav(request, "blind" if review else "queue"),
    )
    return render_page(request, "appeals/review.html", page, status=status)


def _permissions(user: User, holder: Holder | None, bar: Bar | None, *, blind: bool) -> Permissions:
    if not user.has_perm(REVIEW_PERMISSION):
        return Permissions()
    mine = holder is not None and holder.mine
    may_reassign = not blind and (mine or user.has_perm(REASSIGN_PERMISSION))
    return Permissions(decides=mine and bar is None, claims=holder is None and bar is None, hands_over=may_reassign)


def _effect(case: ReviewCase, verdicts: Mapping[int, Verdict], at: datetime) -> DecisionEffect:
    accepted = [
        order.row.order_id for order in case.orders if verdicts[order.row.pk].decision == OrderDecision.ACCEPTED
    ]
    return decision_effect(effect_of(case.subject, accepted, at))
