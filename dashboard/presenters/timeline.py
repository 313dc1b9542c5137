"""Everything that happened to one order, and what is planned, in one order of time (TM-01)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.events import event_label, event_text
from core.models import Deadline, Event
from core.templatetags.ui import duration, money
from dashboard.queries.order_details import OrderDetails
from disputes.models import Dispute
from orders.models import Fulfilment, Message, Order, ReplacedShipment, Review, TrackingEvent
from orders.queries.order import OrderFile
from orders.rules.clocks import FIRST_SCAN, RECEIPT, SILENCE
from orders.rules.parcels import Parcel
from orders.rules.pool import BEFORE_PICKUP, PoolPeriod

# What stands first where several things share a second: the order of an order's life.
(PLAN, LIFE, PARCEL, GAP, TALK, CASE, AUDIT) = range(7)
PARCEL_KINDS = ("order.shipped", "order.parcel_added")
# What the clocks of a governed store's orders lead to.
CLOCK_TITLES = {
    SILENCE: gettext_lazy("Abnormal unless a scan comes before"),
    FIRST_SCAN: gettext_lazy("Abnormal unless a first scan comes before"),
    RECEIPT: gettext_lazy("Receipt is confirmed by the system"),
}
SCAN_LEVELS = {"delivered": "ok", "exception": "yellow", "returned": "red", "lost": "red"}


@dataclass(frozen=True)
class Entry:
    """One line of the timeline, as templates/components/timeline.html takes it."""

    at: datetime
    rank: int
    title: str
    text: str = ""
    actor: str = ""
    level: str = "info"
    future: bool = False
    url: str = ""


def timeline(found: OrderDetails, at: datetime) -> list[Entry]:
    """Every entry, oldest first; what lies after ``at`` is marked as still to come. Of what was done here the step
    itself says who did it; the audit adds what no other line tells."""
    file = found.file
    entries = [*_life(found), *_plans(file.order, at), *_parcel(found), *_gaps(file.stays, at)]
    entries += [*_talk(file), *_cases(file), *_disputes(found.cases.disputes), *_clocks(found.deadlines, at)]
    entries += _audit(found)
    return sorted(entries, key=lambda entry: (entry.at, entry.rank))


def _life(found: OrderDetails) -> Iterator[Entry]:
    file, order = found.file, found.file.order
    # A delivery that both the source and the carrier tell of is one line: the scan.
    scanned = {event.at for event in file.scans if event.kind == TrackingEvent.Kind.DELIVERED}
    told_delivery = None if order.delivered_given in scanned else order.delivered_given
    yield Entry(order.created_at, LIFE, _("Order created"))
    steps: tuple[tuple[datetime | None, str, str, str, str], ...] = (
        (order.paid_at, _("Paid"), payment_words(order.payment_method), "info", "order.paid"),
        (order.dispatch_confirmed_at, _("Dispatch confirmed by the seller"), "", "info", "order.dispatch_confirmed"),
        (
            order.shipped_at,
            _("Shipped"),
            _parcel_text(found, order),
            "info",
            "order.shipped",
        ),
        (told_delivery, _("Delivered, as the source says"), "", "ok", "order.delivered"),
        (order.confirmed_at, _("Receipt confirmed"), by_whom(order.confirmed_by), "ok", "order.receipt_confirmed"),
        (
            order.cancelled_at,
            _("Cancelled"),
            " · ".join(filter(None, (by_whom(order.cancelled_by), order.cancel_reason))),
            "yellow",
            "order.cancelled",
        ),
        (order.refunded_given, _("Refunded in full, as the source says"), "", "yellow", "order.refunded"),
        (order.closed_at, _("Closed"), "", "ok", "order.closed"),
    )
    for moment, title, text, level, kind in steps:
        if moment is not None:
            yield Entry(moment, LIFE, title, text, level=level, actor=_doer(file, moment, kind))


# How buyers pay, as sources name it; words of their own stay as they are, and so do names such as PayPal.
PAYMENTS = {
    "card": gettext_lazy("by card"),
    "credit_card": gettext_lazy("by credit card"),
    "debit_card": gettext_lazy("by debit card"),
    "voucher": gettext_lazy("by voucher"),
    "alipay": gettext_lazy("by Alipay"),
    "paypal": "PayPal",
    "klarna": "Klarna",
    "boleto": "Boleto",
    "mir": "Mir",
}


def payment_words(method: str) -> str:
    """How the buyer paid."""
    return str(PAYMENTS.get(method.lower(), method))


def _parcel_text(found: OrderDetails, row: Order | Parcel | ReplacedShipment) -> str:
    carrier = found.carriers.get(row.carrier)
    return " ".join(filter(None, (carrier.name if carrier else row.carrier, row.tracking_no)))


def _doer(file: OrderFile, moment: datetime, *kinds: str) -> str:
    """Who did what happened at an instant; empty for what a source told."""
    done = [event for event in file.events if event.at == moment and event.kind in kinds]
    return file.actors[done[0].actor] if done else ""


def by_whom(actor: str) -> str:
    """Who confirmed or cancelled, in words."""
    words = {
        "buyer": _("by the buyer"),
        "seller": _("by the seller"),
        "system": _("by the system"),
        "platform": _("by the platform"),
    }
    return words.get(actor, actor)


def _plans(order: Order, at: datetime) -> Iterator[Entry]:
    plans = (
        (order.ship_by, order.shipped_at, _("Planned: shipped by")),
        (order.estimated_delivery_at, order.delivered_at, _("Planned: delivered by")),
    )
    by_platform = order.fulfilled_by == Fulfilment.PLATFORM
    ended = [moment for moment in (order.cancelled_at, order.refunded_at) if moment is not None]
    for planned, done, title in plans:
        if planned is None:
            continue
        waiting = done is None and not any(moment <= planned for moment in ended)
        # A promise that was kept, or that nobody waits for any more, is no instant to come.
        if planned > at and not waiting:
            continue
        yield Entry(
            planned,
            PLAN,
            title,
            "" if by_platform else _kept(planned, done),
            level="no_data" if by_platform else _promise_level(planned, done, waiting, at),
            future=waiting and planned > at,
        )


def _kept(planned: datetime, done: datetime | None) -> str:
    if done is None:
        return ""
    if done <= planned:
        return _("kept, %(span)s before") % {"span": duration(planned - done)}
    return _("missed by %(span)s") % {"span": duration(done - planned)}


def _promise_level(planned: datetime, done: datetime | None, waiting: bool, at: datetime) -> str:
    if done is not None:
        return "ok" if done <= planned else "yellow"
    return "red" if waiting and planned <= at else "no_data"


def _parcel(found: OrderDetails) -> Iterator[Entry]:
    file, several = found.file, len(found.parcels) > 1
    for one in found.parcels:
        parcel = one.parcel
        if parcel.number > 1 and parcel.shipped_at is not None:
            title = _("Parcel %(number)s dispatched") % {"number": parcel.number}
            who = _doer(file, parcel.shipped_at, *PARCEL_KINDS)
            yield Entry(parcel.shipped_at, PARCEL, title, _parcel_text(found, parcel), actor=who)
        for event in one.scans:
            place = " · ".join(filter(None, (event.place, event.text)))
            title = _scan_title(event, parcel.number if several else 0)
            yield Entry(event.at, PARCEL, title, place, level=SCAN_LEVELS.get(event.kind, "info"))
    for former in file.replaced:
        text = _("until then %(parcel)s") % {"parcel": _parcel_text(found, former)}
        who = _doer(file, former.replaced_at, "order.number_replaced")
        yield Entry(former.replaced_at, PARCEL, _("Tracking number replaced"), text, level="yellow", actor=who)


def _scan_title(event: TrackingEvent, parcel: int) -> str:
    label = _("Shipping label made")
    title = label if event.kind == BEFORE_PICKUP else _("Scan: %(kind)s") % {"kind": event.get_kind_display()}
    return _("%(title)s, parcel %(number)s") % {"title": title, "number": parcel} if parcel else title


def _clocks(deadlines: Sequence[Deadline], at: datetime) -> Iterator[Entry]:
    """What a timer will do, unless something happens before."""
    for deadline in deadlines:
        if deadline.kind in CLOCK_TITLES and deadline.due_at > at:
            yield Entry(deadline.due_at, PLAN, str(CLOCK_TITLES[deadline.kind]), future=True)


def _gaps(stays: Iterable[PoolPeriod], at: datetime) -> Iterator[Entry]:
    for stay in stays:
        lasted = (min(stay.left, at) if stay.left else at) - stay.entered
        if stay.silent_since is None:
            title = _("Abnormal: no first scan")
            text = _("The first scan was due by then.")
        else:
            title = _("Abnormal: the trace fell silent")
            text = _("No scan for %(span)s.") % {"span": duration(stay.entered - stay.silent_since)}
        if stay.entered <= at:
            span = {"span": duration(lasted)}
            ended = stay.left is not None and stay.left <= at
            text += (
                " "
                + (
                    _("There was no scan for another %(span)s.")
                    if ended
                    else _("There has been none for %(span)s since.")
                )
                % span
            )
        yield Entry(stay.entered, GAP, title, text, level="yellow" if stay.left else "red", future=stay.entered > at)


def _talk(file: OrderFile) -> Iterator[Entry]:
    for message in file.messages:
        title = _("Message from the buyer") if message.sender == Message.Sender.BUYER else _("Message from the store")
        who = "" if message.sender == Message.Sender.BUYER else _doer(file, message.sent_at, "message.sent")
        words = (who, _("automatic") if message.automatic else message.language)
        yield Entry(message.sent_at, TALK, title, message.text, actor=" · ".join(filter(None, words)))


def _cases(file: OrderFile) -> Iterator[Entry]:
    yield from _reviews(file.reviews)
    for refund in file.refunds:
        amount = money(refund.amount_usd) if refund.amount_usd is not None else ""
        text = " · ".join(filter(None, (refund.refund_no, amount, _("in full") if refund.full else "")))
        yield Entry(refund.requested_at, CASE, _("Refund asked for"), text, level="yellow")
        if refund.completed_at is not None:
            yield Entry(refund.completed_at, CASE, _("Refund completed"), text, level="yellow")
    for parcel in file.returns:
        steps = (
            (parcel.shipped_back_at, _("Return sent back"), ""),
            (parcel.received_at, _("Return received"), ""),
            (parcel.inspected_at, _("Return inspected"), parcel.result),
        )
        yield from (
            Entry(at, CASE, title, " · ".join(filter(None, (parcel.return_no, text))))
            for at, title, text in steps
            if at
        )
    settlement = file.settlement
    if settlement is not None and settlement.released_at is not None:
        paid = money(settlement.amount, settlement.currency) if settlement.amount is not None else ""
        yield Entry(settlement.released_at, CASE, _("Funds released"), paid, level="ok")


def _reviews(reviews: Iterable[Review]) -> Iterator[Entry]:
    for review in reviews:
        if review.kind == Review.Kind.AUTO:
            yield Entry(review.created_at, CASE, _("Reviewed by the system"), _("no stars; it counts in no rating"))
        else:
            yield Entry(
                review.created_at, CASE, _("Reviewed by the buyer"), _stars(review), level=_star_level(review.described)
            )
        if review.revised_at is not None:
            yield Entry(review.revised_at, CASE, _("Review revised"), _stars(review))
        if review.revoked_at is not None:
            yield Entry(review.revoked_at, CASE, _("Review revoked"))


def _stars(review: Review) -> str:
    parts = (
        (_("described"), review.described),
        (_("communication"), review.communication),
        (_("shipping"), review.shipping),
    )
    given = " · ".join(f"{name} {stars}★" for name, stars in parts if stars is not None)
    return " — ".join(filter(None, (given, review.text)))


def _star_level(stars: int | None) -> str:
    if stars is None:
        return "info"
    return "ok" if stars >= 4 else "yellow" if stars == 3 else "red"


def _disputes(disputes: Sequence[Dispute]) -> Iterator[Entry]:
    for dispute in disputes:
        name = f"{dispute.dispute_no} · {dispute.get_kind_display()}"
        yield Entry(dispute.opened_at, CASE, _("Dispute opened"), name, level="red")
        if dispute.responded_at is not None:
            yield Entry(dispute.responded_at, CASE, _("Dispute answered"), dispute.dispute_no)
        if dispute.closed_at is not None:
            withdrawn = dispute.state == Dispute.State.WITHDRAWN
            liable = dispute.get_liability_display() if dispute.liability else ""
            text = " · ".join(
                filter(None, (dispute.dispute_no, _("liable: %(who)s") % {"who": liable} if liable else ""))
            )
            title = _("Dispute withdrawn") if withdrawn else _("Dispute closed")
            level = "yellow" if dispute.liability == Dispute.Liability.SELLER else "info"
            yield Entry(dispute.closed_at, CASE, title, text, level=level)


def _audit(found: OrderDetails) -> Iterator[Entry]:
    """What people and timers did, beside what a line of its own tells with who did it."""
    file = found.file
    told = {(event.kind, event.at) for event in file.events if _is_told(event, found)}
    names = {**found.actors, **file.actors}
    for event in (*file.events, *found.related):
        if (event.kind, event.at) not in told:
            text = " · ".join(filter(None, (event.cause, event_text(event))))
            yield Entry(event.at, AUDIT, str(event_label(event)), text, actor=names[event.actor])


def _is_told(event: Event, found: OrderDetails) -> bool:
    order = found.file.order
    steps: dict[str, list[datetime | None]] = {
        "order.paid": [order.paid_at],
        "order.dispatch_confirmed": [order.dispatch_confirmed_at],
        "order.shipped": [order.shipped_at],
        "order.parcel_added": [one.parcel.shipped_at for one in found.parcels],
        "order.number_replaced": [former.replaced_at for former in found.file.replaced],
        "order.receipt_confirmed": [order.confirmed_at],
        "order.cancelled": [order.cancelled_at],
        "order.refunded": [order.refunded_given],
        "order.closed": [order.closed_at],
        "message.sent": [message.sent_at for message in found.file.messages],
    }
    return event.at in steps.get(event.kind, [])
