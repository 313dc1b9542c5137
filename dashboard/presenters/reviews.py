"""The reviews desk as a page shows it (PG-09, AF-03, AF-07, AF-13, AF-15)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from appeals.models import Appeal
from appeals.rules import AppealKind
from core.pages import formats
from core.pages.components import Fact, Tab
from core.pages.tables import Column
from dashboard.queries.reviews import SHARES, TRACES, FeedbackFigures, ReviewsDesk
from metrics.catalogue import METRICS
from orders.models import Review
from orders.presenters.message_desk import thread_url
from orders.queries.listing import shown_count
from orders.queries.review_list import DIMENSIONS, Part, ReviewList
from orders.queries.scan_intervals import CarrierScans
from orders.queries.templates import SHIPPED
from orders.replies import ReplySubject
from rulebook.policy import Policy
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store

SUBJECTS = {
    "described": ReplySubject.DESCRIBED,
    "communication": ReplySubject.COMMUNICATION,
    "shipping": ReplySubject.SHIPPING,
}

HOUR = 3_600


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A review; ``told`` is what became of it, ``reply_url`` the thread with a template by its lowest dimension."""

    url: str
    number: str
    listing: str
    stars: str
    dimensions: str
    negative: bool
    text: str
    photo: bool
    at: datetime
    revised_at: datetime | None
    told: str
    reply_url: str
    appeal_url: str
    appeal: str


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """A carrier's figures in words; ``slow``: it scans more seldom than the rules need (AF-13)."""

    name: str
    days: str
    reviews: str
    hours: str
    slow: bool


@dataclass(frozen=True, slots=True)
class ReviewsPage:
    """What templates/dashboard/reviews.html reads; ``targets`` are facts with what is aimed at as their note."""

    nav: dict[str, Any]
    now: datetime
    part: str
    tabs: list[Tab]
    form: Any
    clear_url: str
    columns: list[Column]
    rows: list[ReviewRow]
    earlier: str
    later: str
    shares: list[Fact]
    targets: list[Fact]
    carriers: list[CarrierRow]
    scan_hours: int
    messages_url: str
    guides_url: str
    late_days: int


def reviews_page(request: StoreRequest, form: Any, found: ReviewsDesk, now: datetime) -> ReviewsPage:
    """A page of the desk."""
    store, policy, listed = request.store, found.policy, found.listed
    return ReviewsPage(
        nav=nav(request, current="reviews"),
        now=now,
        part=listed.part.value,
        tabs=_tabs(store, listed),
        form=form,
        clear_url=_url(store, listed.part),
        columns=_columns(),
        rows=[_row(store, review, found) for review in listed.page.rows],
        earlier=listed.page.earlier,
        later=listed.page.later,
        shares=[_share(store, code, found.figures) for code in SHARES],
        targets=_targets(store, found.figures, policy),
        carriers=_carriers(found.figures),
        scan_hours=policy.feedback.target_scan_interval_hours,
        messages_url=reverse("orders:messages", args=[store.store_no]),
        guides_url=reverse("orders:guides", args=[store.store_no]),
        late_days=policy.feedback.late_review_days,
    )


def _url(store: Store, part: Part) -> str:
    return f"{reverse('dashboard:reviews', args=[store.store_no])}?{urlencode({'part': part.value})}"


def _tabs(store: Store, listed: ReviewList) -> list[Tab]:
    labels = {
        Part.NEGATIVE: _("Negative"),
        Part.BUYERS: _("By buyers"),
        Part.SYSTEM: _("Reviewed by the system"),
    }
    counts = {Part.NEGATIVE: shown_count(listed.negative)}
    return [Tab(label, _url(store, part), part == listed.part, counts.get(part)) for part, label in labels.items()]


def _columns() -> list[Column]:
    return [
        Column("order", _("Order")),
        Column("stars", _("Stars")),
        Column("text", pgettext("review", "Text")),
        Column("created", pgettext("review", "Reviewed")),
        Column("actions", _("What you can do")),
    ]


def _row(store: Store, review: Review, found: ReviewsDesk) -> ReviewRow:
    order, listed = review.order, found.listed
    most = found.policy.counting.negative_to_stars
    negative = review.described is not None and review.described <= most and review.revoked_at is None
    url, words = _appeal(store, order.order_no, found.appeals) if negative else ("", "")
    return ReviewRow(
        url=reverse("dashboard:order", args=[store.store_no, order.order_no]),
        number=order.order_no,
        listing=listed.titles.get(order.sku, order.sku),
        stars="–" if review.described is None else f"{review.described} ★",
        dimensions=_dimensions(review),
        negative=negative,
        text=review.text,
        photo=review.has_photo,
        at=review.created_at,
        revised_at=review.revised_at,
        told=_told(review, replaced=review.order_id in listed.replaced),
        reply_url=_reply_url(store, review) if review.kind == Review.Kind.BUYER else "",
        appeal_url=url,
        appeal=words,
    )


def _dimensions(review: Review) -> str:
    names = {"communication": _("communication"), "shipping": _("shipping")}
    return ", ".join(
        f"{label} {getattr(review, name)}" for name, label in names.items() if getattr(review, name) is not None
    )


def _told(review: Review, *, replaced: bool) -> str:
    """What became of a review (AF-07, AF-08)."""
    if review.revoked_at is not None:
        return _("revoked, counts nowhere")
    if review.kind == Review.Kind.AUTO:
        return _("the buyer's own review stands in its place") if replaced else _("counts in no rating")
    return _("stands in place of the review by the system") if replaced else ""


def _reply_url(store: Store, review: Review) -> str:
    """The thread, with the template for the dimension that has the fewest stars."""
    given = [(getattr(review, name), place, name) for place, name in enumerate(DIMENSIONS) if getattr(review, name)]
    subject = SUBJECTS[min(given)[2]] if given else ReplySubject.DESCRIBED
    return f"{thread_url(store, review.order.order_no)}?{urlencode({'template': f'{SHIPPED}:{subject}'})}"


def _appeal(store: Store, order_no: str, appeals: Mapping[str, Appeal]) -> tuple[str, str]:
    """The way to the appeal that exists, else to a new one; nothing limits when a review can be appealed."""
    if order_no in appeals:
        return reverse("appeals:appeal", args=[store.store_no, appeals[order_no].number]), _("To the appeal")
    return reverse("appeals:start", args=[store.store_no, AppealKind.REVIEW, order_no]), _("Appeal against it")


def _share(store: Store, code: str, figures: FeedbackFigures) -> Fact:
    return Fact(
        str(METRICS[code].title),
        _percent(figures.values[code]),
        url=reverse("dashboard:metric", args=[store.store_no, code]),
    )


def _targets(store: Store, figures: FeedbackFigures, policy: Policy) -> list[Fact]:
    feedback, replies = policy.feedback, figures.replies
    in_target = Fraction(replies.in_target, replies.answered) if replies.answered else None
    return [
        Fact(
            str(METRICS[TRACES].title),
            _percent(figures.values[TRACES]),
            _("target at least %(share)s") % {"share": formats.limit_percent(feedback.target_trace_complete)},
            reverse("dashboard:metric", args=[store.store_no, TRACES]),
        ),
        Fact(
            _("Answered within %(hours)s hours") % {"hours": feedback.target_reply_hours},
            _percent(in_target),
            _("of the first messages of the latest %(count)s threads that were answered") % {"count": replies.answered},
            reverse("orders:messages", args=[store.store_no]),
        ),
    ]


def _carriers(figures: FeedbackFigures) -> list[CarrierRow]:
    """Those that scan too seldom first, then those that the store ships with, then those of earlier reviews."""
    scans = {one.code: one for one in figures.scans.carriers}
    return [_carrier(code, scans.get(code), figures) for code in dict.fromkeys([*scans, *sorted(figures.delays)])]


def _carrier(code: str, scans: CarrierScans | None, figures: FeedbackFigures) -> CarrierRow:
    delay = figures.delays.get(code)
    mean = scans.pace.mean if scans else None
    return CarrierRow(
        name=figures.carrier_names.get(code) or code,
        days=_number(delay.days if delay else None),
        reviews=formats.number(delay.reviews if delay else 0),
        hours=_number(Fraction(int(mean.total_seconds()), HOUR) if mean is not None else None),
        slow=scans is not None and scans.seldom,
    )


def _percent(value: Fraction | None) -> str:
    return formats.NO_VALUE if value is None else formats.percent(value)


def _number(value: Fraction | None) -> str:
    return formats.NO_VALUE if value is None else formats.number(value, 1)
