"""An order's parcels: traces, numbers, and what can be done with them (TM-01, DM-17)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from core.templatetags.ui import instant
from dashboard.forms.parcels import FurtherParcelForm, ParcelForm
from dashboard.presenters.dispatch_findings import FaultRow
from dashboard.queries.parcels import ParcelFile
from orders.models import Fulfilment, Order, OrderState, TrackingEvent
from stores.models import Carrier, Store

SHIP, ADD, REPLACE = "ship", "add", "replace"


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """A parcel: ``notes`` on its number, its scans newest first, whether its number can be replaced here."""

    number: int
    title: str
    carrier: str
    carrier_note: str
    tracking_no: str
    shipped_at: datetime | None
    notes: list[str]
    scans: list[TrackingEvent]


@dataclass(frozen=True, slots=True)
class ParcelAttempt:
    """A form that was sent and not carried out: what for, what is wrong; ``old``: the number to be replaced."""

    do: str
    form: ParcelForm
    faults: Sequence[FaultRow] = ()
    old: str = ""

    @property
    def blocked(self) -> bool:
        """Whether it can't be carried out at all."""
        return any(fault.level == "red" for fault in self.faults) or bool(self.form.errors)


@dataclass(frozen=True, slots=True)
class ParcelsPart:
    """What templates/dashboard/_order_parcels.html reads. The forms are None where the action is not possible;
    ``on_platform``: it happens on the platform that the store mirrors (DM-11a)."""

    url: str
    parcels: list[ParcelRow]
    attempt: ParcelAttempt | None
    ship: ParcelForm | None = None
    add: FurtherParcelForm | None = None
    replace: ParcelForm | None = None
    on_platform: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)


def may_ship(order: Order) -> bool:
    """Whether the order waits for its seller's dispatch."""
    return order.state == OrderState.PAID and order.fulfilled_by == Fulfilment.SELLER


def may_change(order: Order) -> bool:
    """Whether parcels can be added and numbers replaced."""
    return order.state == OrderState.SHIPPED and order.fulfilled_by == Fulfilment.SELLER


def parcels_part(
    order: Order,
    files: Sequence[ParcelFile],
    carriers: Mapping[str, Carrier],
    *,
    url: str,
    writes: bool,
    lines: Sequence[tuple[int, str]],
    attempt: ParcelAttempt | None = None,
) -> ParcelsPart:
    """The parcels and the forms that fit the order's state; the form that was sent comes back filled in."""
    governed = order.store.mode != Store.Mode.MIRRORED
    tried = {attempt.do: attempt.form} if attempt else {}
    acts = writes and (may_ship(order) or may_change(order))
    changes = acts and governed and may_change(order)

    def form(do: str, made: type[ParcelForm], **more: object) -> ParcelForm:
        return tried.get(do) or made(store=order.store, auto_id=f"{do}-%s", **more)

    further = form(ADD, FurtherParcelForm, lines=lines) if changes else None
    assert further is None or isinstance(further, FurtherParcelForm)
    return ParcelsPart(
        url=url,
        parcels=[_row(one, carriers, several=len(files) > 1) for one in files],
        attempt=attempt,
        ship=form(SHIP, ParcelForm) if acts and governed and may_ship(order) else None,
        add=further,
        replace=form(REPLACE, ParcelForm) if changes else None,
        on_platform=acts and not governed,
    )


def _row(one: ParcelFile, carriers: Mapping[str, Carrier], *, several: bool) -> ParcelRow:
    parcel = one.parcel
    carrier = carriers.get(parcel.carrier)
    return ParcelRow(
        number=parcel.number,
        title=_("Parcel %(number)s") % {"number": parcel.number} if several else _("Parcel"),
        carrier=carrier.name if carrier else parcel.carrier,
        carrier_note=_("not approved") if carrier is not None and not carrier.approved else "",
        tracking_no=parcel.tracking_no,
        shipped_at=parcel.shipped_at,
        notes=list(_notes(one)),
        scans=list(reversed(one.scans)),
    )


def _notes(one: ParcelFile) -> Iterator[str]:
    if one.parcel.lines:
        yield _("holds positions %(lines)s") % {"lines": ", ".join(map(str, one.parcel.lines))}
    if one.parcel.former:
        yield _("earlier number: %(numbers)s") % {"numbers": ", ".join(one.parcel.former)}
    if one.scans:
        last = one.scans[-1]
        yield _("last scan: %(kind)s, %(at)s") % {"kind": last.get_kind_display(), "at": instant(last.at)}
    elif one.parcel.shipped_at is not None:
        yield _("no scan yet")
