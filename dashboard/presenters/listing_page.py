"""One listing: its state, text with findings, image, complaints and what came of them (PG-14, DP-17)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.components import Banner, Fact
from dashboard.presenters.listings import ListingState, figure_of, state_of
from dashboard.queries.listings import ListingDetails
from disputes.models import CopyrightComplaint
from disputes.presenters.listing_words import CHECK_WORDS, reason_of
from disputes.rules.listing_check import DESCRIPTION, TITLE, ListingFinding, Span, language_of
from notifications.presenters.parts import notice_url
from penalties.models import Penalty
from rulebook.policy import Policy
from stores.access import StoreRequest, may_write
from stores.context_processors import nav
from stores.models import Listing, Store
from stores.principals import Area
from stores.rules import is_barred

# Where the tag of a text's language is another than its code.
LANGUAGE_TAGS = {"zh": "zh-Hans"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text; ``marked``: a finding lies in it."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class FindingItem:
    """A finding: what, why it harms, and the sentence to copy, which is in the listing's ``language``."""

    key: str
    title: str
    reason: str
    suggestion: str
    language: str


@dataclass(frozen=True, slots=True)
class LinkedLine:
    """A line with what it is about and when; ``url`` may be empty."""

    text: str
    url: str
    level: str
    word: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ListingPage:
    """What templates/dashboard/listing.html reads. ``offer``: what the button does, ``online``, ``offline`` or nothing;
    ``guidance``: why there is none."""

    nav: dict[str, Any]
    store: Store
    now: datetime
    listing: Listing
    facts: list[Fact]
    state: ListingState
    offer: str
    guidance: str
    title: list[Piece]
    description: list[Piece]
    findings: list[FindingItem]
    figure: str
    image_notes: list[str]
    complaints: list[LinkedLine]
    notices: list[LinkedLine]
    penalties: list[LinkedLine]
    disputes: list[LinkedLine]
    back_url: str
    banner: Banner | None


def listing_page_of(
    request: StoreRequest, found: ListingDetails, policy: Policy, now: datetime, banner: Banner | None = None
) -> ListingPage:
    """The page; ``banner``: what became of an action that could not be done."""
    store, listing = request.store, found.listing
    state = state_of(listing, found.delisting is not None, now)
    language = LANGUAGE_TAGS.get(spoken := language_of(f"{listing.title}\n{listing.description}"), spoken)
    offer, guidance = _offer(store, found, may_write(request.principal, store, Area.ORDERS), now)
    return ListingPage(
        nav=nav(request, current="listings"),
        store=store,
        now=now,
        listing=listing,
        facts=list(_facts(listing, found.category)),
        state=state,
        offer=offer,
        guidance=guidance,
        title=pieces(listing.title, _spans(found.findings, TITLE)),
        description=pieces(listing.description, _spans(found.findings, DESCRIPTION)),
        findings=[
            FindingItem(f"sentence-{place}", str(CHECK_WORDS[one.check]), reason_of(one), one.suggestion, language)
            for place, one in enumerate(found.findings, start=1)
        ],
        figure=figure_of(policy),
        image_notes=list(_image_notes(found)),
        complaints=[_complaint(one) for one in found.complaints],
        notices=[
            LinkedLine(
                one.number, notice_url(one, store.store_no), one.level, str(one.get_state_display()), one.triggered_at
            )
            for one in found.notices
        ],
        penalties=[_penalty(one, now) for one in found.penalties],
        disputes=[
            LinkedLine(
                f"{one.dispute_no} · {one.get_kind_display()}",
                reverse("dashboard:dispute", args=[store.store_no, one.dispute_no]),
                "na",
                str(one.get_state_display()),
                one.opened_at,
            )
            for one in found.disputes
        ],
        back_url=reverse("dashboard:listings", args=[store.store_no]),
        banner=banner,
    )


def _facts(listing: Listing, category: str) -> Iterator[Fact]:
    yield Fact(_("SKU"), listing.sku)
    if listing.category:
        yield Fact(_("Category"), category)
    if listing.price_usd is not None:
        yield Fact(_("Price"), formats.money(listing.price_usd))
    yield Fact(_("Image"), listing.image_file or formats.NO_VALUE)


def _offer(store: Store, found: ListingDetails, may_change: bool, now: datetime) -> tuple[str, str]:
    """What can be done with the listing, and what is said instead."""
    listing = found.listing
    if store.mode == Store.Mode.MIRRORED:
        return "", _("The platform offers this listing: take it offline or put it online in its back end.")
    if is_barred(listing.status, listing.relist_after, now):
        return "", barred_text(listing)
    if not may_change:
        return "", _("Owners and managers take listings offline and put them online.")
    return ("offline" if listing.status == Listing.Status.ONLINE else "online"), ""


def barred_text(listing: Listing) -> str:
    """Until when a delisted listing can't go online, in words."""
    if listing.relist_after is None:
        return _("It is delisted and can't go online until it is released.")
    at = formats.instant(listing.relist_after, get_current_timezone())
    return _("It is delisted and can't go online before %(at)s.") % {"at": at}


def _spans(findings: Sequence[ListingFinding], part: str) -> list[Span]:
    return [span for finding in findings for span in finding.spans if span.part == part]


def pieces(text: str, spans: Sequence[Span]) -> list[Piece]:
    """A text cut at the ends of findings; the pieces in order are the text."""
    found, place = [], 0
    for start, end in _merged(spans):
        found += [Piece(text[place:start], False), Piece(text[start:end], True)]
        place = end
    return [piece for piece in [*found, Piece(text[place:], False)] if piece.text]


def _merged(spans: Sequence[Span]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if merged and span.start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], span.end)
        else:
            merged.append((span.start, span.end))
    return merged


def _image_notes(found: ListingDetails) -> Iterator[str]:
    for complaint in found.flags.own:
        names = {"number": complaint.complaint_no, "sku": complaint.sku}
        yield _("It looks like the image of %(sku)s, about which complaint %(number)s was upheld.") % names
    if found.flags.elsewhere:
        yield _("It looks like an image that was the subject of an upheld complaint.")
    if found.flags:
        yield _("Replace it before it is complained about: show an image of your own.")


def _complaint(complaint: CopyrightComplaint) -> LinkedLine:
    level, word = {
        True: ("red", _("upheld")),
        False: ("ok", _("not upheld")),
        None: ("yellow", _("not decided yet")),
    }[complaint.upheld]
    return LinkedLine(complaint.complaint_no, "", level, word, complaint.resolved_at or complaint.opened_at)


def _penalty(penalty: Penalty, now: datetime) -> LinkedLine:
    over = penalty.ended_at is not None or (penalty.ends_at is not None and penalty.ends_at <= now)
    if over:
        word = _("over")
    elif penalty.predicted:
        word = _("predicted")
    else:
        word = _("in force")
    return LinkedLine(str(penalty.get_kind_display()), "", "na" if over else "red", word, penalty.starts_at)
