"""The page of a store's listings: parts, filters, rows (PG-14)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.pages import formats
from core.pages.addresses import address_maker
from core.pages.components import Tab
from core.pages.tables import Column
from dashboard.forms.listings import CHECKS, ListingFilterForm
from dashboard.queries.listings import ListingList
from disputes.presenters.listing_words import marks_of
from disputes.queries.listings import DELISTED, EVERY, FLAGGED, MEND, OFFLINE, ListingQuery
from notifications.models import Notice
from notifications.presenters.parts import notice_url
from rulebook.policy import Policy
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Listing, Store

PART_WORDS: Mapping[str, Any] = {
    EVERY: pgettext_lazy("listings", "All"),
    MEND: pgettext_lazy("listings", "With findings"),
    FLAGGED: pgettext_lazy("listings", "Images flagged"),
    DELISTED: pgettext_lazy("listings", "Delisted"),
    OFFLINE: pgettext_lazy("listings", "Offline"),
}
STATE_TONES = {
    Listing.Status.ONLINE: "ok",
    Listing.Status.OFFLINE: "na",
    Listing.Status.DELISTED: "red",
}
# Marks of a row up to this number, the others counted.
MOST_MARKS = 3


@dataclass(frozen=True, slots=True)
class ListingState:
    """Whether a listing is offered: tone, word, and of a delisted one until when, or what is to be known."""

    tone: str
    word: str
    until: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ListingRow:
    """A listing; ``marks``: its findings, the worst first; ``image``: what is to be known of its image."""

    title: str
    sku: str
    url: str
    state: ListingState
    marks: list[str]
    more: str
    checked: bool
    image: str
    complaints: str


@dataclass(frozen=True, slots=True)
class ListingsPage:
    """What templates/dashboard/listings.html reads; ``notice_url``: of the notice whose listings alone are shown;
    ``figure``: what stated tolerances and colour notes are worth, with its source."""

    nav: dict[str, Any]
    store: Store
    now: datetime
    tabs: list[Tab]
    form: ListingFilterForm
    clear_url: str
    columns: list[Column]
    rows: list[ListingRow]
    page: Page[Listing]
    figure: str
    notice: Notice | None
    notice_url: str
    is_mirrored: bool
    empty_title: str
    empty_text: str


def listings_page_of(
    request: StoreRequest, form: ListingFilterForm, found: ListingList, policy: Policy, now: datetime
) -> ListingsPage:
    store = request.store
    address = address_maker("dashboard:listing", store.store_no)
    base = reverse("dashboard:listings", args=[store.store_no])
    return ListingsPage(
        nav=nav(request, current="listings"),
        store=store,
        now=now,
        tabs=_tabs(found, base),
        form=form,
        clear_url=f"{base}{_asked(ListingQuery(store, found.query.part), None)}",
        columns=_columns(),
        rows=[_row(listing, found, address(listing.sku), now) for listing in found.page],
        page=found.page,
        figure=figure_of(policy),
        notice=found.notice,
        notice_url=notice_url(found.notice, store.store_no) if found.notice else "",
        is_mirrored=store.mode == Store.Mode.MIRRORED,
        empty_title=_("No listing here"),
        empty_text=_empty(found),
    )


def figure_of(policy: Policy) -> str:
    """The reference figure on tolerances and colour notes (DP-17)."""
    share = formats.percent(policy.disputes.tolerance_lowers, places=0)
    return _("Sellers who state tolerances and colour notes have %(share)s fewer disputes as not described.") % {
        "share": share
    }


def _tabs(found: ListingList, base: str) -> list[Tab]:
    return [
        Tab(
            str(label),
            f"{base}{_asked(found.query, found.notice, part=part)}",
            found.query.part == part,
            found.counts[part],
        )
        for part, label in PART_WORDS.items()
    ]


def _asked(query: ListingQuery, notice: Notice | None, **changed: str) -> str:
    names = {check: name for name, check in CHECKS.items()}
    given = {
        "part": query.part,
        "notice": notice.number if notice else "",
        "check": names[query.check] if query.check is not None else "",
        "q": query.text,
        **changed,
    }
    kept = {name: value for name, value in given.items() if value and (name, value) != ("part", EVERY)}
    return f"?{urlencode(kept)}" if kept else ""


def _columns() -> list[Column]:
    return [
        Column("listing", _("Listing")),
        Column("state", _("State")),
        Column("findings", _("Text")),
        Column("image", _("Image")),
        Column("complaints", _("Complaints upheld"), figure=True),
    ]


def _row(listing: Listing, found: ListingList, url: str, now: datetime) -> ListingRow:
    marks = marks_of(listing.findings)
    left = len(marks) - MOST_MARKS
    return ListingRow(
        title=listing.title or listing.sku,
        sku=listing.sku if listing.title else "",
        url=url,
        state=state_of(listing, listing.sku in found.delistings, now),
        marks=marks[:MOST_MARKS],
        more=ngettext("%(count)s more", "%(count)s more", left) % {"count": left} if left > 0 else "",
        checked=listing.findings is not None,
        image=_("like one that was complained about") if getattr(listing, "is_flagged", False) else "",
        complaints=formats.number(found.complaints.get(listing.sku, 0)),
    )


def state_of(listing: Listing, is_delisted: bool, now: datetime) -> ListingState:
    """How a listing stands; ``is_delisted``: whether a delisting is in force, which in a mirrored store is its
    platform's to carry out."""
    word = str(listing.get_status_display())
    if listing.status != Listing.Status.DELISTED:
        if is_delisted:
            return ListingState("yellow", word, note=_("the platform is expected to delist it"))
        return ListingState(STATE_TONES[Listing.Status(listing.status)], word)
    if listing.relist_after is None:
        return ListingState("red", word, note=_("until it is released"))
    if listing.relist_after <= now:
        return ListingState("red", word, note=_("may go online again"))
    return ListingState("red", word, until=listing.relist_after)


_EMPTY: Mapping[str, Any] = {
    EVERY: gettext_lazy("Listings come with listings.csv, their images beside it. Import it on the page Data."),
    MEND: gettext_lazy("No text has a finding. New and changed listings are checked within a minute."),
    FLAGGED: gettext_lazy("No image looks like one that was complained about."),
    DELISTED: gettext_lazy("No listing is delisted."),
    OFFLINE: gettext_lazy("No listing is offline."),
}


def _empty(found: ListingList) -> str:
    query = found.query
    if query.check is not None or query.text or query.skus is not None:
        return _("No listing matches the filters.")
    return str(_EMPTY[query.part])
