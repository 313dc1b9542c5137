"""Orders that are open right now in a chosen state, so that every countdown and queue has something in it.

The random year ends in many open orders; these few are there whatever the seed. Times are hours before now
(negative: after now).
"""

from dataclasses import dataclass
from random import Random

from demo.disputes import Dispute, Refund, Return, Trouble
from demo.draws import DAY, HOUR, DemoClock
from demo.feedback import Conversation, spoken
from demo.order_planner import Order, OrderPlanner
from demo.parcels import Scan, tracking_number
from demo.texts import SCAN_NOTES, question
from demo.world import CARRIERS


@dataclass(frozen=True, slots=True)
class Case:
    """One order; every field but the first two in hours before now."""

    store_no: str
    created: float
    paid: float | None = None
    dispatch_confirmed: float | None = None
    ship_by: float | None = None
    presale: bool = False
    shipped: float | None = None
    scans: tuple[tuple[float, str], ...] = ()
    delivered: float | None = None
    confirmed: float | None = None
    cancelled: float | None = None
    cancelled_by: str = ""
    disputed: tuple[str, float] | None = None
    responded: float | None = None
    arbitration: float | None = None
    refund_asked: float | None = None
    sent_back: float | None = None
    came_back: float | None = None
    asked: float | None = None


CASES = (
    # To pay, to confirm within four hours, to ship within hours or days, overdue.
    Case("110001", created=2.2),
    Case("110001", created=1.1, paid=1.0, ship_by=-71),
    Case("110001", created=3.6, paid=3.5, ship_by=-68.5),
    Case("110001", created=70.2, paid=70, dispatch_confirmed=69, ship_by=-2),
    Case("110001", created=67.2, paid=67, dispatch_confirmed=66, ship_by=-5),
    Case("110001", created=52.2, paid=52, dispatch_confirmed=51, ship_by=-20),
    Case("110002", created=78.1, paid=78, dispatch_confirmed=77, ship_by=6),
    Case("110002", created=102.1, paid=102, dispatch_confirmed=101, ship_by=30),
    Case("110002", created=200, paid=199.5, dispatch_confirmed=199, ship_by=-216, presale=True),
    # On the way: no first scan, stalled 48 h and 72 h, never picked up, out for delivery, exception.
    Case("110002", created=60, paid=59.8, dispatch_confirmed=58, ship_by=-12, shipped=31),
    Case("110002", created=62, paid=61.8, dispatch_confirmed=60, ship_by=-10, shipped=34),
    Case(
        "110002",
        created=190,
        paid=189,
        dispatch_confirmed=188,
        ship_by=117,
        shipped=150,
        scans=((140, "pickup"), (51, "transit")),
    ),
    Case(
        "130002",
        created=230,
        paid=229,
        ship_by=109,
        shipped=200,
        scans=((190, "pickup"), (170, "transit"), (81, "transit")),
    ),
    Case("120002", created=200, paid=199, ship_by=127, shipped=150, scans=((151, "label"),)),
    Case(
        "110001",
        created=200,
        paid=199,
        ship_by=127,
        shipped=180,
        scans=(
            (172, "pickup"),
            (145, "transit"),
            (118, "transit"),
            (90, "customs"),
            (62, "transit"),
            (34, "transit"),
            (5, "out_for_delivery"),
            (2, "exception"),
        ),
    ),
    # Received yesterday, a refund to answer, a parcel to inspect, messages to answer.
    Case(
        "130001",
        created=260,
        paid=259,
        ship_by=187,
        shipped=240,
        scans=(
            (230, "pickup"),
            (200, "transit"),
            (170, "transit"),
            (140, "customs"),
            (110, "transit"),
            (80, "transit"),
            (52, "transit"),
            (26, "out_for_delivery"),
            (22, "delivered"),
        ),
        delivered=22,
    ),
    Case("120002", created=420, paid=419, ship_by=347, shipped=400, delivered=190, refund_asked=116),
    Case("120002", created=420, paid=419, ship_by=347, shipped=400, delivered=140, refund_asked=20),
    Case(
        "120002",
        created=800,
        paid=799,
        ship_by=727,
        shipped=770,
        delivered=560,
        refund_asked=500,
        sent_back=400,
        came_back=40,
    ),
    Case("120004", created=31, paid=30, dispatch_confirmed=29, ship_by=-42, asked=23),
    Case("120004", created=9, paid=8, dispatch_confirmed=7, ship_by=-64, asked=2),
    # The dispute desk: golden hours, late, unanswered, answered, in arbitration.
    Case("120002", created=400, paid=399, ship_by=327, shipped=380, delivered=150, disputed=("quality", 3)),
    Case("120002", created=410, paid=409, ship_by=337, shipped=390, delivered=160, disputed=("not_as_described", 22)),
    Case("120002", created=500, paid=499, ship_by=427, shipped=480, delivered=220, disputed=("not_as_described", 68)),
    Case(
        "120002", created=520, paid=519, ship_by=447, shipped=500, delivered=240, disputed=("quality", 50), responded=44
    ),
    Case(
        "120002",
        created=560,
        paid=559,
        ship_by=487,
        shipped=540,
        delivered=330,
        disputed=("platform_claim", 180),
        responded=170,
        arbitration=40,
    ),
    Case(
        "120004",
        created=900,
        paid=899,
        ship_by=827,
        shipped=880,
        delivered=660,
        confirmed=600,
        disputed=("chargeback", 30),
    ),
    Case("130001", created=700, paid=699, ship_by=627, shipped=680, disputed=("not_received", 12)),
    # What people answered lately: refunds, a dispute, a case decided by operations, a message.
    Case("120004", created=480, paid=479, ship_by=407, shipped=460, delivered=200, refund_asked=80),
    Case("120004", created=490, paid=489, ship_by=417, shipped=470, delivered=210, refund_asked=66),
    Case("120004", created=530, paid=529, ship_by=457, shipped=510, delivered=230, disputed=("quality", 40)),
    Case(
        "120002",
        created=580,
        paid=579,
        ship_by=507,
        shipped=560,
        delivered=340,
        disputed=("quality", 170),
        responded=160,
        arbitration=44,
    ),
    Case("110001", created=31, paid=30, dispatch_confirmed=29, ship_by=-42, asked=5),
    # Parcels that left late five days ago in a store with few orders: the appeal against its notice has been rejected,
    # and the improvement plan is to be written.
    *(
        Case(
            "120001",
            created=224 + place,
            paid=223 + place,
            dispatch_confirmed=222 + place,
            ship_by=124 + 0.1 * place,
            shipped=118 + 0.1 * place,
            scans=((112, "pickup"), (84, "transit"), (56, "transit"), (28, "transit")),
        )
        for place in range(8)
    ),
    # Yesterday's disputes there: the notices are of last night, and one of them nobody has opened yet.
    *(
        Case(
            "120001",
            created=430 + 9 * place,
            paid=429 + 9 * place,
            dispatch_confirmed=428 + 9 * place,
            ship_by=357 + 9 * place,
            shipped=410 + 9 * place,
            delivered=110 + 9 * place,
            disputed=(kind, 27.2 + 0.1 * place),
        )
        for place, kind in enumerate(
            ("quality", "not_as_described", "quality", "not_as_described", "quality", "quality")
        )
    ),
    # Called off today.
    Case("130002", created=20, paid=19.8, ship_by=-100, cancelled=3, cancelled_by="seller"),
)


def open_case(
    case: Case, planner: OrderPlanner, talk: Conversation, clock: DemoClock, rng: Random
) -> tuple[Order, Trouble]:
    """The order of a case and what is wrong with it; its message is said at once."""

    def at(hours: float | None) -> int | None:
        return None if hours is None else clock.now - int(hours * HOUR)

    order = planner.place(clock.now - int(case.created * HOUR), {})
    order.source, order.presale = "platform", case.presale
    order.paid, order.dispatch_confirmed, order.ship_by = at(case.paid), at(case.dispatch_confirmed), at(case.ship_by)
    order.shipped, order.delivered, order.confirmed = at(case.shipped), at(case.delivered), at(case.confirmed)
    order.confirmed_by = "buyer" if case.confirmed else ""
    order.cancelled, order.cancelled_by = at(case.cancelled), case.cancelled_by
    order.cancel_reason = "out_of_stock" if case.cancelled else ""
    if order.paid is not None:
        order.estimated = order.paid // DAY * DAY + (order.site.promised_days + 1) * DAY - 1
    if order.shipped is not None:
        _send(order, case, planner, clock, rng)
    if case.asked is not None:
        language = spoken(order.site.language)
        talk.say(order, clock.now - int(case.asked * HOUR), "buyer", question(language, "before", rng), language)
    return order, _trouble(case, order, at(case.responded), at(case.arbitration), clock)


def _send(order: Order, case: Case, planner: OrderPlanner, clock: DemoClock, rng: Random) -> None:
    order.carrier = planner.carriers[0]
    order.tracking_no = tracking_number(CARRIERS[order.carrier].style, rng)
    scans = case.scans or _steady(case)
    order.scans = [
        Scan(clock.now - int(hours * HOUR), kind, "", SCAN_NOTES[kind][0], order.tracking_no) for hours, kind in scans
    ]


def _steady(case: Case) -> tuple[tuple[float, str], ...]:
    """A scan every 30 hours from dispatch to delivery; of parcels without one, none."""
    if case.delivered is None or case.shipped is None:
        return ()
    steps = int((case.shipped - case.delivered - 12) // 30) + 1
    transit = tuple((case.shipped - 8 - 30 * step, "transit" if step else "pickup") for step in range(steps))
    return (*transit, (case.delivered, "delivered"))


def _trouble(case: Case, order: Order, responded: int | None, arbitration: int | None, clock: DemoClock) -> Trouble:
    found = Trouble([], [], [])
    if case.disputed:
        kind, hours = case.disputed
        order.first_dispute = clock.now - int(hours * HOUR)
        found.disputes.append(Dispute(order, kind, order.first_dispute, order.usd_cents, responded, arbitration))
    if case.refund_asked is not None:
        requested = clock.now - int(case.refund_asked * HOUR)
        answered = requested + HOUR if case.sent_back else None
        found.refunds.append(Refund(order, requested, order.usd_cents, True, answered))
    if case.sent_back is not None and case.came_back is not None:
        back, came = clock.now - int(case.sent_back * HOUR), clock.now - int(case.came_back * HOUR)
        found.returns.append(Return(order, back, came))
    return found
