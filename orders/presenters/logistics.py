"""The abnormal pool and the logistics of one order in words (TM-03, TM-11, AF-06)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.forms import BaseForm
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.pages import formats
from core.pages.components import Banner, Fact
from core.templatetags.ui import duration, instant
from evidence.rules import Limits, RefusedFileError
from orders.models import LogisticsClaim, Order, TrackingEvent
from orders.queries.abnormal import AbnormalOrder, AbnormalPool
from orders.queries.order_logistics import OrderLogistics, TracedParcel
from orders.queries.scan_intervals import ScanIntervals
from orders.rules.logistics import ClaimKind, ClaimState, Refusal
from orders.rules.pool import PoolPeriod
from orders.rules.traces import Fault, TraceFault
from stores.claims import name_of
from stores.models import Carrier, Store

REFUSALS: dict[Refusal, Any] = {
    Refusal.MIRRORED: gettext_lazy("This store mirrors another platform; hand it in there."),
    Refusal.NO_PARCEL: gettext_lazy("The order has no parcel with this number any more. Reload the page."),
    Refusal.NOT_ABNORMAL: gettext_lazy("The parcel is neither in the abnormal pool nor held; no proof is needed."),
    Refusal.NOT_DELIVERED: gettext_lazy("The parcel was not delivered yet. If it is lost, choose that."),
    Refusal.DELIVERED: gettext_lazy("The carrier says it was delivered. If that is not so, choose false delivery."),
    Refusal.WAITING: gettext_lazy("One of this kind is under review already. Wait for it, or withdraw it first."),
    Refusal.NO_FILE: gettext_lazy("Attach the carrier's document."),
    Refusal.NO_PDF: gettext_lazy("A pickup proof is the carrier's document as PDF; add it."),
    Refusal.TIME_MISSING: gettext_lazy("Give the time of the pickup that stands in the proof."),
    Refusal.TIME_AHEAD: gettext_lazy("The pickup lies in the future. Check the time."),
    Refusal.TIME_BEFORE_ORDER: gettext_lazy("The pickup lies before the order was placed. Check the time."),
}
# What each kind means and what proves it.
KIND_HELP: dict[ClaimKind, Any] = {
    ClaimKind.PICKUP: gettext_lazy("The carrier has the parcel but did not scan it: attach its receipt as PDF."),
    ClaimKind.FALSE_DELIVERY: gettext_lazy("It was scanned as delivered, and the buyer did not get it."),
    ClaimKind.LOSS: gettext_lazy("The carrier confirms in writing that the parcel is lost."),
    ClaimKind.DAMAGE: gettext_lazy("It arrived damaged by the carrier: photos and the carrier's report."),
}
STATE_LEVELS = {
    ClaimState.OPEN: "info",
    ClaimState.ACCEPTED: "ok",
    ClaimState.REFUSED: "red",
    ClaimState.WITHDRAWN: "na",
}


# As many faults of a trace are told.
MOST_FAULTS = 3


# ── The pool ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class PoolRow:
    """An order of the pool; ``word`` with ``level``: how bad it is; ``waiting``: what is under review about it."""

    number: str
    url: str
    repair_url: str
    level: str
    word: str
    silent: str
    since: datetime
    last_scan: str
    carrier: str
    lane: str
    tracking_no: str
    waiting: str


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """A carrier of the store: how often it scans, and generally does; ``longer``: the share of intervals that are
    longer than the target."""

    name: str
    under_way: str
    interval: str
    typical: str
    longer: str
    seldom: bool


@dataclass(frozen=True, slots=True)
class LogisticsPage:
    """What templates/orders/logistics.html reads."""

    nav: dict[str, Any]
    store: Store
    rows: list[PoolRow]
    page: Page[Any]
    recheck: str
    carriers: list[CarrierRow]
    target_hours: int
    days: int
    carriers_url: str
    now: datetime


def carrier_rows(found: ScanIntervals) -> list[CarrierRow]:
    """The store's carriers by how often they scan (AF-13)."""
    return [
        CarrierRow(
            name=one.name,
            under_way=formats.number(one.under_way),
            interval=duration(one.pace.mean) if one.pace.mean else formats.NO_VALUE,
            typical=_("%(hours)s h") % {"hours": one.typical_hours} if one.typical_hours else formats.NO_VALUE,
            longer=formats.NO_VALUE if one.pace.longer_share is None else formats.percent(one.pace.longer_share),
            seldom=one.seldom,
        )
        for one in found.carriers
    ]


def pool_rows(pool: AbnormalPool, store: Store, sites: dict[str, str], at: datetime) -> list[PoolRow]:
    """The rows of a page of the pool."""
    return [_pool_row(row, pool, store, sites, at) for row in pool.rows]


def _pool_row(row: AbnormalOrder, pool: AbnormalPool, store: Store, sites: dict[str, str], at: datetime) -> PoolRow:
    order, silent = row.order, at - row.silent_since
    if row.last_scan is None:
        level, word = "red", _("no first scan")
    elif silent > pool.recheck:
        level, word = "red", _("to be re-checked")
    else:
        level, word = "yellow", _("silent")
    return PoolRow(
        number=order.order_no,
        url=reverse("dashboard:order", args=[store.store_no, order.order_no]),
        repair_url=reverse("orders:order_logistics", args=[store.store_no, order.order_no]),
        level=level,
        word=word,
        silent=duration(silent),
        since=row.silent_since,
        last_scan=_scan_text(row.last_scan),
        carrier=_carrier_name(row.carrier, order.carrier),
        lane=sites.get(order.site, order.site),
        tracking_no=order.tracking_no,
        waiting=str(row.waiting.get_kind_display()) if row.waiting else "",
    )


def _scan_text(scan: TrackingEvent | None) -> str:
    if scan is None:
        return ""
    return " · ".join(part for part in (str(scan.get_kind_display()), scan.place, scan.text) if part)


def _carrier_name(carrier: Carrier | None, code: str) -> str:
    return carrier.name if carrier else code


# ── One order ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ParcelPart:
    """A parcel: its facts, what is wrong with its number, and the letter to its carrier."""

    title: str
    facts: list[Fact]
    letter: str
    letter_id: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """Something that was handed in. ``may_withdraw``: by the reader, now."""

    pk: int
    kind: str
    tracking_no: str
    level: str
    state: str
    submitted_at: datetime
    due_at: datetime | None
    told: str
    files: list[tuple[str, str]]
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class HandIn:
    """The form and what came of sending it; ``help``: each kind with what proves it."""

    form: BaseForm
    help: list[tuple[str, str]]
    limits: Limits
    refused: Sequence[RefusedFileError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OrderLogisticsPage:
    """What templates/orders/order_logistics.html reads; ``hand_in``: None where nothing can be handed in."""

    nav: dict[str, Any]
    store: Store
    order: Order
    banners: list[Banner]
    parcels: list[ParcelPart]
    stays: list[str]
    claims: list[ClaimRow]
    hand_in: HandIn | None
    mirrored: bool
    now: datetime


def parcel_parts(found: OrderLogistics, at: datetime) -> list[ParcelPart]:
    """The order's parcels."""
    several = len(found.parcels) > 1
    stalled = {stay.parcel for stay in found.stays if stay.left is None}
    return [
        ParcelPart(
            title=_("Parcel %(number)s") % {"number": one.parcel.number} if several else _("Parcel"),
            facts=_parcel_facts(one, at, stalled=one.parcel.number in stalled),
            letter=carrier_letter(found.order, one),
            letter_id=f"letter-{one.parcel.number}",
        )
        for one in found.parcels
    ]


def _parcel_facts(one: TracedParcel, at: datetime, *, stalled: bool) -> list[Fact]:
    scans = [scan for scan in one.scans if scan.kind != TrackingEvent.Kind.LABEL]
    last = scans[-1] if scans else None
    unapproved = one.carrier is not None and not one.carrier.approved
    return [
        Fact(_("Carrier"), _carrier_name(one.carrier, one.parcel.carrier), _("not approved") if unapproved else ""),
        Fact(_("Tracking number"), one.parcel.tracking_no),
        Fact(_("Shipped"), instant(one.parcel.shipped_at)),
        Fact(_("First scan"), instant(scans[0].at) if scans else ""),
        Fact(_("Last scan"), instant(last.at) if last else "", _scan_text(last)),
        *([Fact(_("Silent for"), duration(at - last.at))] if last and last.kind not in _ENDS else []),
        *([Fact(_("Trace"), _("not valid"))] if stalled else _trace_facts(one)),
    ]


def _trace_facts(one: TracedParcel) -> list[Fact]:
    """Whether the trace is valid (AF-06); of a parcel under way, whether it is so far."""
    under_way = all(scan.kind != TrackingEvent.Kind.DELIVERED for scan in one.scans)
    faults = [fault for fault in one.faults if not under_way or fault.fault in (Fault.SILENT, Fault.SPARSE)]
    if not faults:
        said = _("valid so far") if under_way else _("valid")
        return [Fact(_("Trace"), said)] if one.scans else []
    return [Fact(_("Trace"), _("not valid"), "; ".join(_fault_text(fault) for fault in faults[:MOST_FAULTS]))]


def _fault_text(fault: TraceFault) -> str:
    if fault.fault is Fault.NO_PICKUP:
        return _("no pickup scan")
    if fault.fault is Fault.NO_DELIVERY:
        return _("no delivery scan")
    given = {"since": instant(fault.since), "until": instant(fault.until), "events": fault.events}
    if fault.fault is Fault.SILENT:
        return _("silent from %(since)s to %(until)s") % given
    return _("only %(events)s scans from %(since)s to %(until)s") % given


_ENDS = frozenset({TrackingEvent.Kind.DELIVERED, TrackingEvent.Kind.RETURNED, TrackingEvent.Kind.LOST})


def carrier_letter(order: Order, one: TracedParcel) -> str:
    """What to write to the carrier about a parcel, to be copied."""
    scans = [scan for scan in one.scans if scan.kind != TrackingEvent.Kind.LABEL]
    given = {
        "number": one.parcel.tracking_no,
        "shipped": instant(one.parcel.shipped_at or order.shipped_at),
        "order": order.order_no,
        "scan": f"{instant(scans[-1].at)}, {_scan_text(scans[-1])}" if scans else "",
    }
    if scans:
        known = _("Its last scan was on %(scan)s; since then there is none.")
        wanted = _("Please find out where it is, have the missing scans added, and tell us when it will go on.")
    else:
        known = _("There is no pickup scan yet.")
        wanted = _("Please confirm the pickup and send the pickup receipt with carrier, number and time as PDF.")
    text = [
        _("Inquiry about parcel %(number)s"),
        "",
        _("Parcel %(number)s of order %(order)s was handed over on %(shipped)s."),
        known,
        wanted,
    ]
    return "\n".join(text) % given


def stay_lines(stays: Sequence[PoolPeriod]) -> list[str]:
    """Every stay in the pool, past ones too: that it was in stays on record (TM-03)."""
    return [_stay_line(stay) for stay in stays]


def _stay_line(stay: PoolPeriod) -> str:
    given = {"entered": instant(stay.entered), "left": instant(stay.left)}
    if stay.left is None:
        return _("In the abnormal pool since %(entered)s") % given
    return _("Was in the abnormal pool from %(entered)s to %(left)s") % given


def claim_rows(claims: Sequence[LogisticsClaim], *, may_write: bool) -> list[ClaimRow]:
    """What was handed in, the latest first."""
    return [
        ClaimRow(
            pk=row.pk,
            kind=str(row.get_kind_display()),
            tracking_no=row.tracking_no,
            level=STATE_LEVELS[ClaimState(row.state)],
            state=str(row.get_state_display()),
            submitted_at=row.submitted_at,
            due_at=row.due_at if row.state == ClaimState.OPEN else None,
            told=_told(row),
            files=[(one.name, reverse("evidence:file", args=[one.file_id])) for one in row.files.all()],
            may_withdraw=may_write and row.state == ClaimState.OPEN,
        )
        for row in claims
    ]


def _told(row: LogisticsClaim) -> str:
    """What came of it, in words."""
    if row.state == ClaimState.REFUSED:
        return row.reason
    if row.state != ClaimState.ACCEPTED:
        return ""
    if row.kind == ClaimKind.PICKUP:
        return (
            _("The pickup on %(at)s was added to the trace.") % {"at": instant(row.happened_at)} if row.scan_id else ""
        )
    if row.compensation is None:
        return _("The carrier's fault is proven.")
    due = {"amount": f"{row.compensation.normalize():f} {row.currency}"}
    return _("The carrier's fault is proven. Shipping compensation due: %(amount)s.") % due


def kind_help(kinds: Sequence[ClaimKind], labels: dict[str, Any]) -> list[tuple[str, str]]:
    """Each kind that can be handed in with what proves it."""
    return [(str(labels[kind]), str(KIND_HELP[kind])) for kind in kinds]


def decided_by(row: Any) -> str:
    """Who decided, for staff."""
    return name_of(row.decided_by)
