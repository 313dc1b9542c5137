"""The desk of refunds and returns: what lapses first, each row with its action (TM-12, TM-13)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.pages.addresses import address_maker
from core.pages.formats import money
from orders.models import Refund, ReturnParcel
from orders.presenters.refund_words import asked_words, refusal_of, result_of, state_of
from orders.queries.refund_desk import MOST_COUNTED, TABS, DeskTab
from orders.queries.refunds import REFUND, Clocked
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store


@dataclass(frozen=True, slots=True)
class TabLink:
    label: str
    url: str
    current: bool
    count: str | None


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A refund or a return: ``due`` where something is awaited from the seller, ``action`` what to press."""

    url: str
    title: str
    amount: str
    order_no: str
    site: str
    level: str
    state: str
    facts: list[str]
    due: datetime | None
    since: datetime | None
    action: str


@dataclass(frozen=True, slots=True)
class DeskPage:
    """What templates/orders/refunds.html reads."""

    nav: dict[str, Any]
    now: datetime
    store: Store
    mirrored: bool
    tab: DeskTab
    tabs: list[TabLink]
    rows: list[DeskRow]
    page: Page[Any]
    silence: str
    empty: tuple[str, str]


def desk_page(
    request: StoreRequest,
    tab: DeskTab,
    page: Page[Any],
    clocked: Sequence[Clocked[Any]],
    counts: Mapping[str, int],
    now: datetime,
) -> DeskPage:
    """The rows of one tab; ``clocked`` are those of the page."""
    store = request.store
    refund_url = address_maker("orders:refund", store.store_no)
    return_url = address_maker("orders:return", store.store_no)
    rows = [
        refund_row(one, refund_url(one.row.refund_no))
        if tab.kind == REFUND
        else return_row(one, return_url(one.row.return_no))
        for one in clocked
    ]
    mirrored = store.mode == Store.Mode.MIRRORED
    return DeskPage(
        nav=nav(request, current="refunds"),
        now=now,
        store=store,
        mirrored=mirrored,
        tab=tab,
        tabs=list(_tabs(store, tab, counts)),
        rows=rows,
        page=page,
        silence=_silence(tab, mirrored=mirrored),
        empty=_empty(tab),
    )


def _tabs(store: Store, shown: DeskTab, counts: Mapping[str, int]) -> Iterable[TabLink]:
    base = reverse("orders:refunds", args=[store.store_no])
    for tab in TABS:
        count = counts.get(tab.code)
        text = None if count is None else f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)
        yield TabLink(str(tab.label), f"{base}?tab={tab.code}", tab is shown, text)


def refund_row(clocked: Clocked[Refund], url: str) -> DeskRow:
    """A refund as a row."""
    refund, in_time = clocked.row, clocked.due is not None
    level, state = state_of(refund, in_time=in_time)
    asked, total = asked_words(refund), money(refund.order.total_usd)
    facts = [] if asked == total else [_("of %(total)s") % {"total": total}]
    if refund.offered_usd is not None:
        facts.append(_("offered %(amount)s") % {"amount": money(refund.offered_usd)})
    if reason := refusal_of(refund):
        facts.append(reason)
    if refund.defaulted:
        facts.append(_("nobody answered"))
    paid = refund.completed_at is not None and refund.amount_usd is not None
    return DeskRow(
        url=url,
        title=refund.refund_no,
        amount=money(refund.amount_usd or 0) if paid else asked,
        order_no=refund.order.order_no,
        site=clocked.site,
        level=level,
        state=state,
        facts=facts,
        due=clocked.due,
        since=refund.requested_at,
        action=_("Answer") if in_time else pgettext("verb", "Open"),
    )


def return_row(clocked: Clocked[ReturnParcel], url: str) -> DeskRow:
    """A return as a row."""
    parcel, in_time = clocked.row, clocked.due is not None
    facts = [result_of(parcel)] if parcel.result else []
    return DeskRow(
        url=url,
        title=parcel.return_no,
        amount=money(parcel.order.total_usd),
        order_no=parcel.order.order_no,
        site=clocked.site,
        level="red" if in_time else "info",
        state=parcel.get_state_display(),
        facts=facts,
        due=clocked.due,
        since=parcel.received_at or parcel.shipped_back_at,
        action=_("Inspect") if in_time else pgettext("verb", "Open"),
    )


def _silence(tab: DeskTab, *, mirrored: bool) -> str:
    """What follows if nobody acts on the rows of a tab."""
    if tab.code == "answer":
        if mirrored:
            return _("Answer on the platform: if nobody does in time, it refunds in full.")
        return _("A refund that is not answered in time is paid in full, to the second its clock ends.")
    if tab.code == "inspect":
        if mirrored:
            return _("Record the result on the platform: if nobody does in time, it goes as the buyer described.")
        return _("A return that is not inspected in time is taken as the buyer described it, and the refund is paid.")
    if tab.code == "waiting":
        return _("Agreed refunds wait for the goods, offered parts for the buyer. Nothing is to be done here.")
    return ""


def _empty(tab: DeskTab) -> tuple[str, str]:
    texts = {
        "answer": (_("No refund to answer"), _("Requests of buyers appear here, the one that lapses first in front.")),
        "inspect": (_("No return to inspect"), _("Parcels that came back appear here until they are inspected.")),
        "waiting": (_("Nothing waits"), _("Agreed refunds and offered parts stay here until they are paid.")),
        "back": (_("Nothing is on its way back"), _("Parcels that buyers send back appear here.")),
        "over": (_("No finished refund"), _("Refunds that were paid, refused or withdrawn appear here.")),
    }
    return texts[tab.code]
