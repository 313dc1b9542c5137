"""What can be done about a notice, in words, as three columns (PN-30, PN-07)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy, pgettext_lazy

from appeals.models import EXCEPTION_TYPES
from appeals.queries.suggestions import Suggestion
from core.pages import formats
from dashboard.queries.what_now import AppealWay, Standing, WhatNow
from notifications.complaints import COPYRIGHT
from notifications.models import Notice
from notifications.presenters.parts import rectify_text, rectify_url
from notifications.queries.rectify import Waiting, WaitingOrders
from notifications.rules import State

EXCEPTION_WORDS = dict(EXCEPTION_TYPES)
EVIDENCE_WORDS: dict[str, Any] = {
    "order_proof": pgettext_lazy("kind of evidence", "order proof"),
    "carrier_trace": pgettext_lazy("kind of evidence", "carrier trace"),
    "platform_messages": pgettext_lazy("kind of evidence", "platform messages"),
    "third_party_document": pgettext_lazy("kind of evidence", "third-party document"),
    "buyer_abuse": pgettext_lazy("kind of evidence", "proof of a malicious buyer"),
}
# Days of the past orders are listed one by one up to this number, then as a span.
MOST_DAYS = 4


@dataclass(frozen=True, slots=True)
class WayItem:
    """A line of a column: what, why, and a clock or a word at the end."""

    what: str
    why: str = ""
    due: datetime | None = None
    at: str = ""


@dataclass(frozen=True, slots=True)
class WayPart:
    """A column: how many orders, what is to be known, its lines, and the way on."""

    count: int
    sub: str
    items: list[WayItem]
    url: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class WaysPart:
    """The three columns, and how many problem orders count no more."""

    save: WayPart
    claim: WayPart
    past: WayPart
    gone: str


def ways_part(notice: Notice, store_no: str, now: WhatNow, urls: Mapping[str, str]) -> WaysPart:
    """The columns; ``urls``: where the ``appeal``, the ``plan`` and the ``past`` problem orders are."""
    gone = len(now.of(Standing.GONE))
    return WaysPart(
        save=_save(notice, store_no, now),
        claim=_claim(notice, now, urls),
        past=_past_complaints(now) if notice.metric == COPYRIGHT else _past(now, urls),
        gone=_gone(notice, gone) if gone else "",
    )


def _gone(notice: Notice, count: int) -> str:
    if notice.metric == COPYRIGHT:
        text = ngettext(
            "%(count)s complaint of this notice counts no more: it was decided the other way.",
            "%(count)s complaints of this notice count no more: they were decided the other way.",
            count,
        )
        return text % {"count": formats.number(count)}
    text = ngettext(
        "%(count)s problem order of this notice counts no more: it left the window, was excluded, or its data changed.",
        "%(count)s problem orders of this notice count no more: they left the window, were excluded, or their data"
        " changed.",
        count,
    )
    return text % {"count": formats.number(count)}


_WAITING: Mapping[Waiting, tuple[Any, Any, Any]] = {
    Waiting.OVERDUE: (
        ngettext_lazy("%(count)s order overdue, not shipped", "%(count)s orders overdue, not shipped", "count"),
        gettext_lazy("counted as late already, but the buyer may cancel any moment, which counts too"),
        gettext_lazy("not counted yet"),
    ),
    Waiting.SHIP: (
        ngettext_lazy("%(count)s order to ship", "%(count)s orders to ship", "count"),
        gettext_lazy("among the problem orders"),
        gettext_lazy("not among the problem orders: each one missed is one more to appeal"),
    ),
    Waiting.ANSWER: (
        ngettext_lazy("%(count)s dispute to answer", "%(count)s disputes to answer", "count"),
        gettext_lazy("counted already; without an answer the seller may be found liable as well"),
        gettext_lazy("not counted yet: without an answer the seller may be found liable"),
    ),
    Waiting.STALLED: (
        ngettext_lazy("%(count)s parcel stands still", "%(count)s parcels stand still", "count"),
        gettext_lazy("have the carrier search for it before it counts as lost"),
        gettext_lazy("have the carrier search for it before it counts as lost"),
    ),
    Waiting.LISTING: (
        ngettext_lazy("%(count)s listing shows its image still", "%(count)s listings show their images still", "count"),
        gettext_lazy("show another image or take it offline: the notice ends some days after none is shown"),
        gettext_lazy("show another image or take it offline: the notice ends some days after none is shown"),
    ),
}


def _save(notice: Notice, store_no: str, now: WhatNow) -> WayPart:
    found = now.rectification
    items = [_waiting_item(group) for group in now.waiting]
    if not found.waiting:
        return WayPart(0, _("Nothing of it is in your hands any more."), [])
    return WayPart(
        count=found.waiting,
        sub=_("Do this first: the longer it waits, the more is lost."),
        items=items,
        url=rectify_url(notice, store_no, found.tab),
        action=rectify_text(found.waiting, found.tab),
    )


def _waiting_item(group: WaitingOrders) -> WayItem:
    what, counted, new = _WAITING[group.what]
    why = counted if group.counted == group.count else new
    if 0 < group.counted < group.count:
        why = _("%(count)s of them are problem orders already; each one missed is one more") % {
            "count": formats.number(group.counted)
        }
    return WayItem(str(what % {"count": group.count}), str(why), group.first_due)


def _claim(notice: Notice, now: WhatNow, urls: Mapping[str, str]) -> WayPart:
    if now.way is AppealWay.UNDERWAY:
        number = now.appeal.number if now.appeal else ""
        return WayPart(
            0, _("Appeal %(number)s is under way.") % {"number": number}, [], urls["appeal"], _("To the appeal")
        )
    if now.way in (AppealWay.WAIVED, AppealWay.CLOSED):
        plan = urls.get("plan", "")
        return WayPart(0, _no_appeal(notice, now.way), [], plan, _("To the improvement plan") if plan else "")
    count = len(now.suggestions)
    if notice.metric == COPYRIGHT and not count:
        own = _("Appeal with what proves that the image is yours: original files, a licence, an invoice.")
        return WayPart(0, own, [], urls["appeal"], _("Appeal"))
    if not count:
        nothing = _("The data of no order suggest an exception. You may still appeal with evidence of your own.")
        return WayPart(0, nothing, [], urls["appeal"], _("Appeal anyway"))
    items = _suggestion_items(list(now.suggestions.values()))
    return WayPart(count, str(_WAY_WORDS[now.way]), items, urls["appeal"], _appeal_action(now, count))


_WAY_WORDS: Mapping[AppealWay, Any] = {
    AppealWay.OPEN: gettext_lazy("The exceptions that the orders' data suggest."),
    AppealWay.SECOND: gettext_lazy(
        "One second appeal is left, with new evidence or a named error; the plan waits for it."
    ),
    AppealWay.PREPARE: gettext_lazy("The platform decides: prepare the case here and hand it in there."),
}


def _appeal_action(now: WhatNow, count: int) -> str:
    if now.appeal is not None:
        return _("Continue the appeal")
    text = ngettext("Appeal %(count)s order", "Appeal %(count)s orders", count)
    return text % {"count": formats.number(count)}


def _no_appeal(notice: Notice, way: AppealWay) -> str:
    if way is AppealWay.WAIVED:
        return _("Nobody of the company opened the notice in time, so its appeal is waived.")
    state = State(notice.state)
    told: dict[State, Any] = {
        State.ACCEPTED: gettext_lazy("The appeal was accepted: nothing follows from this notice."),
        State.PLAN: gettext_lazy("It was appealed and still stands: the improvement plan decides."),
        State.FAILED: gettext_lazy("The improvement plan failed: a senior reviewer decides."),
        State.RESOLVED: gettext_lazy("The notice is resolved."),
        State.RECTIFIED: gettext_lazy("The notice is rectified: nothing has to be appealed."),
        State.CLEARED: gettext_lazy("The notice is cleared: nothing has to be appealed."),
        State.ESCALATED: gettext_lazy("A red notice replaced this one: appeal that one."),
        State.HISTORICAL: gettext_lazy("A record only: nothing follows from it."),
        State.PREDICTED: gettext_lazy("The metric is within its thresholds again."),
    }
    return str(told.get(state, _("The appeal window has closed.")))


def _suggestion_items(found: Sequence[Suggestion]) -> list[WayItem]:
    """One line per exception, the most orders first."""
    groups: dict[str, list[Suggestion]] = defaultdict(list)
    for one in found:
        groups[one.exception].append(one)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return [_suggestion_item(exception, group) for exception, group in ordered]


def _suggestion_item(exception: str, group: Sequence[Suggestion]) -> WayItem:
    text = ngettext("%(count)s order: %(exception)s", "%(count)s orders: %(exception)s", len(group))
    reasons = list(dict.fromkeys(str(one.text) for one in group))
    return WayItem(
        what=text % {"count": formats.number(len(group)), "exception": EXCEPTION_WORDS[exception]},
        why=_("; ").join(reasons),
        at=_evidence_text(group),
    )


def _evidence_text(group: Sequence[Suggestion]) -> str:
    ready = sum(one.is_ready for one in group)
    if ready == len(group):
        return _("evidence is there")
    if ready:
        return _("%(count)s with all evidence") % {"count": formats.number(ready)}
    missing = sorted({kind for one in group for kind in one.missing})
    return _("missing: %(kinds)s") % {"kinds": evidence_text(missing)}


def evidence_text(kinds: Sequence[str]) -> str:
    """Kinds of evidence in words."""
    return _(", ").join(str(EVIDENCE_WORDS.get(kind, kind)) for kind in kinds)


def _past(now: WhatNow, urls: Mapping[str, str]) -> WayPart:
    count = sum(now.leaving.values())
    if not count:
        return WayPart(0, _("None of this notice's problem orders is past."), [])
    items = [WayItem(_orders_text(number), at=days) for number, days in _leaving_days(list(now.leaving.items()))]
    text = ngettext("See this %(count)s order", "See these %(count)s orders", count) % {"count": formats.number(count)}
    return WayPart(
        count, _("Nothing can be done about them: they leave the window by themselves."), items, urls["past"], text
    )


def _past_complaints(now: WhatNow) -> WayPart:
    count = sum(now.leaving.values())
    if not count:
        return WayPart(0, _("No complaint is mended yet."), [])
    text = ngettext_lazy("%(count)s complaint", "%(count)s complaints", "count")
    items = [WayItem(str(text % {"count": number}), at=days) for number, days in _leaving_days([*now.leaving.items()])]
    return WayPart(
        count, _("Their listings show other images or are offline. They leave the window by themselves."), items
    )


def _orders_text(count: int) -> str:
    return ngettext("%(count)s order", "%(count)s orders", count) % {"count": formats.number(count)}


def _leaving_days(leaving: Sequence[tuple[date, int]]) -> list[tuple[int, str]]:
    """How many leave when; the first days together where there are many."""
    listed = [(number, formats.day(day)) for day, number in leaving]
    if len(leaving) <= MOST_DAYS:
        return listed
    early, late = leaving[: -MOST_DAYS + 1], listed[-MOST_DAYS + 1 :]
    span = _("%(first)s to %(last)s") % {"first": formats.day(early[0][0]), "last": formats.day(early[-1][0])}
    return [(sum(number for _day, number in early), span), *late]
