"""Pickup proofs and logistics claims as staff see them: the queue, and one beside what the data say (TM-11, AF-08)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.pages.components import Banner, Fact, Tab
from core.rules import has_lapsed
from core.templatetags.ui import instant, money
from evidence.presenters import SheetPage, sheet_page, shown_page
from orders.models import LogisticsClaim
from orders.presenters.logistics import STATE_LEVELS, ParcelPart, parcel_parts, stay_lines
from orders.presenters.working import ClaimBar
from orders.queries.working import ClaimReview
from orders.rules.logistics import FAULTS, ClaimKind, ClaimState, FileSays
from stores.claims import Holder, holder_of, name_of
from stores.models import User

# What follows from accepting each kind.
CONSEQUENCES: dict[ClaimKind, Any] = {
    ClaimKind.PICKUP: gettext_lazy("The pickup is added to the trace at the stated time; the order leaves the pool."),
    ClaimKind.FALSE_DELIVERY: gettext_lazy("The automatic review is revoked, the shipping compensation recorded."),
    ClaimKind.LOSS: gettext_lazy(
        "The trace ends with the loss; the automatic review is revoked, the shipping compensation recorded."
    ),
    ClaimKind.DAMAGE: gettext_lazy("The automatic review is revoked, the shipping compensation recorded."),
}


@dataclass(frozen=True, slots=True)
class ClaimQueueRow:
    """Something in the queue."""

    url: str
    kind: str
    order_no: str
    tracking_no: str
    store: str
    due_at: datetime | None
    overdue: bool
    level: str
    word: str
    holder: Holder | None
    act: str


@dataclass(frozen=True, slots=True)
class ClaimQueuePage:
    """What templates/orders/claim_queue.html reads."""

    tabs: list[Tab]
    rows: list[ClaimQueueRow]
    page: Page[Any]
    may_decide: bool
    now: datetime
    nav: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Viewer:
    """What templates/evidence/viewer.html reads."""

    pages: list[SheetPage]
    shown: int


@dataclass(frozen=True, slots=True)
class Check:
    """Whether something that the form states stands in a file."""

    level: str
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """What templates/orders/claim.html reads."""

    title: str
    order_no: str
    order_url: str
    store: str
    store_url: str
    due_at: datetime | None
    stated: list[Fact]
    statement: str
    checks: list[Check]
    evidence: Viewer
    parcels: list[ParcelPart]
    stays: list[str]
    earlier: list[Fact]
    consequence: str
    bar: ClaimBar
    banners: list[Banner]
    reason: str
    action_url: str
    queue_url: str
    now: datetime
    nav: dict[str, Any]


def claim_tabs(counts: dict[str, int], part: str) -> list[Tab]:
    """What waits, and what was decided."""
    url = reverse("admin:orders_logisticsclaim_queue")
    labels = {"proofs": _("Pickup proofs"), "claims": _("Logistics claims"), "decided": _("Decided")}
    return [
        Tab(label, f"{url}?{urlencode({'part': name})}", name == part, counts.get(name))
        for name, label in labels.items()
    ]


def claim_queue_row(row: LogisticsClaim, *, user: User, at: datetime) -> ClaimQueueRow:
    """One row of the queue."""
    is_open = row.state == ClaimState.OPEN
    holder = holder_of(row, user=user, at=at) if is_open else None
    return ClaimQueueRow(
        url=reverse("admin:orders_logisticsclaim_review", args=[row.pk]),
        kind=str(row.get_kind_display()),
        order_no=row.order.order_no,
        tracking_no=row.tracking_no,
        store=row.store.name,
        due_at=row.due_at if is_open else None,
        overdue=is_open and has_lapsed(row.due_at, at),
        level="" if is_open else STATE_LEVELS[ClaimState(row.state)],
        word=str(row.get_state_display()),
        holder=holder,
        act="watch" if not is_open else "claim" if holder is None else "continue" if holder.mine else "watch",
    )


def stated_facts(found: ClaimReview) -> list[Fact]:
    """What the seller states."""
    row = found.claim
    names = {one.carrier.code: one.carrier.name for one in found.data.parcels if one.carrier}
    return [
        Fact(_("Carrier"), names.get(row.carrier, row.carrier)),
        Fact(_("Tracking number"), row.tracking_no),
        *([Fact(_("Picked up"), instant(row.happened_at))] if row.kind == ClaimKind.PICKUP else []),
        Fact(_("Handed in"), instant(row.submitted_at), name_of(row.submitted_by)),
        *(
            [Fact(_("Shipping part"), money(row.order.shipping_amount, row.order.currency))]
            if row.kind in FAULTS and row.order.shipping_amount is not None
            else []
        ),
    ]


def file_checks(found: ClaimReview) -> list[Check]:
    """What each file says about what is stated; advice, a person decides."""
    checks = []
    for file in found.files:
        if not file.read:
            checks.append(Check("na", _("not read"), file.row.name))
            continue
        checks += _said(file.row.name, file.says)
    return checks


def _said(name: str, says: FileSays) -> list[Check]:
    words = ((says.number, _("tracking number")), (says.carrier, _("carrier")), (says.day, _("day of the pickup")))
    return [
        Check("ok", _("found"), f"{name}: {what}") if found else Check("yellow", _("not found"), f"{name}: {what}")
        for found, what in words
        if found is not None
    ]


def viewer_of(found: ClaimReview, asked: str | None) -> Viewer:
    """Every page of every file."""
    pages: list[SheetPage] = []
    for file in found.files:
        row = file.row
        for page in range(1, row.file.pages + 1):
            pages.append(sheet_page(row.file, page, name=row.name, place=row.place, number=len(pages) + 1))
    return Viewer(pages, shown_page(asked, len(pages)))


def review_parcels(found: ClaimReview, at: datetime) -> list[ParcelPart]:
    """What the data say about the parcels."""
    return parcel_parts(found.data, at)


def review_stays(found: ClaimReview) -> list[str]:
    return stay_lines(found.data.stays)


def earlier_facts(found: ClaimReview) -> list[Fact]:
    """What the store handed in before, and what became of it."""
    return [
        Fact(
            row.order.order_no,
            str(row.get_state_display()),
            row.reason,
            reverse("admin:orders_logisticsclaim_review", args=[row.pk]),
        )
        for row in found.earlier
    ]


def claim_banner(row: LogisticsClaim, bar: ClaimBar, *, is_own: bool) -> Banner | None:
    """What has to be known before deciding: that it was decided, by whom, or that somebody else has it."""
    if row.state != ClaimState.OPEN:
        given = {"state": row.get_state_display(), "who": name_of(row.decided_by), "at": instant(row.decided_at)}
        return Banner("info", _("%(state)s by %(who)s on %(at)s") % given, row.reason)
    if is_own:
        return Banner("yellow", "", _("It is about a company that you are a member of; somebody else decides it."))
    if bar.holder is not None and not bar.holder.mine:
        return Banner("info", "", _("%(who)s has claimed it; you can look.") % {"who": bar.holder.name})
    return None
