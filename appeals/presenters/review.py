"""The page on which a reviewer decides an appeal (AP-04, BX-05, BX-07, BX-12)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from appeals.models import STATES, Appeal, AppealReview
from appeals.presenters.decisions import decision_sentences, stored_verdict
from appeals.presenters.review_effect import DecisionEffect
from appeals.presenters.review_evidence import EvidenceViewer
from appeals.presenters.review_orders import OrderGroup
from appeals.presenters.review_queue import subject_of
from appeals.presenters.wording import EXCEPTIONS, LEVELS
from appeals.queries.review_case import Precedent, ReviewCase, SellerHistory
from appeals.rules import AppealState, Bar, OrderDecision, Verdict
from core.pages import formats
from core.pages.components import Banner, Fact
from metrics.words import value_text
from notifications.presenters.parts import numbered_url, unit_of
from rulebook.reading import word
from stores.claims import Holder, name_of
from stores.models import User

STATE_WORDS: Mapping[str, Any] = dict(STATES)
BAR_WORDS: dict[Bar, Any] = {
    Bar.DECIDED_BEFORE: gettext_lazy("You have decided on it before; somebody else reviews it."),
    Bar.OWN_COMPANY: gettext_lazy("You are a member of this company; somebody else reviews it."),
}


@dataclass(frozen=True, slots=True)
class AppealedSubject:
    """What the appeal is against: words, the notice's page and how it stands."""

    text: str
    number: str
    url: str
    value: str
    level: str


@dataclass(frozen=True, slots=True)
class PastOrder:
    """What was decided on an order before, and why."""

    place: int
    level: str
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class PastReview:
    """An earlier decision on this appeal, or on the first one."""

    title: str
    who: str
    at: datetime
    level: str
    word: str
    orders: list[PastOrder]


@dataclass(frozen=True, slots=True)
class PrecedentRow:
    """A decided appeal with the same exception."""

    number: str
    url: str
    level: str
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class DecisionTally:
    """How many orders are decided in which way: a mark with a word."""

    level: str
    word: str


@dataclass(frozen=True, slots=True)
class Permissions:
    """What the reader may do: ``decides``: fill in and send; ``claims``: claim first; ``hands_over`` to a colleague."""

    decides: bool = False
    claims: bool = False
    hands_over: bool = False


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """What templates/appeals/review.html reads."""

    number: str
    store: str
    store_url: str
    level: str
    tags: list[str]
    subject: AppealedSubject
    state: str
    due_at: datetime | None
    begun_at: datetime | None
    holder: Holder | None
    may: Permissions
    banners: list[Banner]
    evidence: EvidenceViewer
    groups: list[OrderGroup]
    tallies: list[DecisionTally]
    reasons: list[tuple[str, str]]
    overall: str
    statement: str
    named_error: str
    effect: DecisionEffect | None
    history: list[Fact]
    record_url: str
    precedents: list[PrecedentRow]
    past: list[PastReview]
    colleagues: list[tuple[int, str]]
    version: int
    blind: bool
    complex: bool
    complex_until: datetime | None
    action_url: str
    queue_url: str
    now: datetime
    nav: dict[str, Any]


def subject_part(appeal: Appeal, *, linked: bool) -> AppealedSubject:
    """What the appeal is against; not ``linked`` where the notice's page would tell the first decision."""
    notice = appeal.notice
    if notice is None:
        return AppealedSubject(subject_of(appeal), appeal.subject_key, "", "", "")
    return AppealedSubject(
        text=subject_of(appeal),
        number=notice.number,
        url=numbered_url(appeal.store, notice.number) if linked else "",
        value=value_text(notice.value, unit_of(notice), [notice.yellow, notice.red]),
        level=notice.level,
    )


def tallies_of(verdicts: Iterable[Verdict]) -> list[DecisionTally]:
    """How many orders are accepted, rejected, to be supplemented, and open still."""
    made = [verdict.decision for verdict in verdicts]
    words: tuple[tuple[OrderDecision, str, Any], ...] = (
        (OrderDecision.ACCEPTED, "ok", pgettext_lazy("orders", "accepted")),
        (OrderDecision.REJECTED, "red", pgettext_lazy("orders", "rejected")),
        (OrderDecision.SUPPLEMENT, "yellow", pgettext_lazy("orders", "to be supplemented")),
        (OrderDecision.PENDING, "no_data", pgettext_lazy("orders", "undecided")),
    )
    return [
        DecisionTally(level, f"{text} {made.count(decision)}") for decision, level, text in words if decision in made
    ]


def history_facts(history: SellerHistory) -> list[Fact]:
    """The store's record in a few lines."""
    notices = _("red %(red)s · yellow %(yellow)s") % {"red": history.red, "yellow": history.yellow}
    same = (
        ngettext("%(count)s more", "%(count)s more", history.same_metric) % {"count": history.same_metric}
        if history.same_metric
        else _("none")
    )
    return [
        Fact(_("Notices in 180 days"), notices),
        Fact(_("Of this metric"), same),
        Fact(_("Appeals accepted"), f"{history.accepted} / {history.decided}"),
    ]


def precedent_rows(precedents: Sequence[Precedent], orders: Iterable[Any]) -> list[PrecedentRow]:
    """The nearest decided appeals."""
    words = ", ".join(dict.fromkeys(str(EXCEPTIONS[order.row.exception]) for order in orders if order.row.exception))
    return [
        PrecedentRow(
            number=one.appeal.number,
            url=reverse("admin:appeals_appeal_review", args=[one.appeal.pk]),
            level="ok" if one.accepted else "red",
            word=_("%(accepted)s of %(orders)s accepted") % {"accepted": one.accepted, "orders": one.orders},
            text=" · ".join(filter(None, (words, _("same carrier") if one.same_carrier else ""))),
        )
        for one in precedents
    ]


def past_reviews(case: ReviewCase, places: Mapping[str, int]) -> list[PastReview]:
    """What was decided before, the first appeal's decision included; of an order the place is the present one's."""
    return [_past(case.appeal, review, places) for review in case.past if review.decided_at is not None]


def _past(appeal: Appeal, review: AppealReview, places: Mapping[str, int]) -> PastReview:
    first = review.appeal_id != appeal.pk
    assert review.decided_at is not None
    orders = [
        _past_order(places.get(key, place), verdict) for place, (key, verdict) in enumerate(review.verdicts.items(), 1)
    ]
    return PastReview(
        title=_("First appeal %(number)s") % {"number": review.appeal.number} if first else _("Earlier decision"),
        who=name_of(review.reviewer),
        at=review.decided_at,
        level=LEVELS.get(review.outcome, "no_data"),
        word=str(STATE_WORDS[review.outcome]),
        orders=orders,
    )


def _past_order(place: int, stored: Mapping[str, Any]) -> PastOrder:
    levels = {"accepted": ("ok", _("accepted")), "rejected": ("red", _("rejected"))}
    level, text = levels.get(stored["decision"], ("yellow", _("needs supplement")))
    return PastOrder(place, level, text, decision_sentences(stored_verdict(stored), place))


def reason_choices(codes: Collection[str]) -> list[tuple[str, str]]:
    """The reasons that policy offers, in words."""
    return [(code, word(code)) for code in codes]


def state_banner(appeal: Appeal, holder: Holder | None, bar: Bar | None, zone: Any) -> Banner | None:
    """Why the page is for reading only."""
    if appeal.state != AppealState.REVIEW:
        return _decided_banner(appeal, zone)
    if bar is not None:
        return Banner("info", "", str(BAR_WORDS[bar]))
    if holder is not None and not holder.mine:
        text = _("%(who)s is reviewing it until %(until)s; you can read along.")
        assert holder.until is not None
        return Banner("info", "", text % {"who": holder.name, "until": formats.instant(holder.until, zone)})
    return None


def _decided_banner(appeal: Appeal, zone: Any) -> Banner:
    state = STATE_WORDS[appeal.state]
    if appeal.decided_at is None:
        return Banner("info", "", _("This appeal is no longer under review: %(state)s.") % {"state": state})
    given = {"who": name_of(appeal.decided_by), "at": formats.instant(appeal.decided_at, zone), "state": state}
    text = _("Decided by %(who)s at %(at)s: %(state)s.")
    return Banner(LEVELS.get(appeal.state, "info"), "", text % given)


def colleague_choices(colleagues: Iterable[User], me: User) -> list[tuple[int, str]]:
    """Whom the appeal can be handed over to."""
    return [(one.pk, name_of(one)) for one in colleagues if one.pk != me.pk]
