"""What people did at the desks in the hours before the demo's now: parcels, refunds, disputes, proofs, messages."""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from django.core.files.base import File

from demo.casework.papers import carrier_letter, trace_picture
from demo.parcels import tracking_number
from disputes.commands.answers import submit_answer
from disputes.commands.arbitrating import Verdict, claim_arbitration, decide_arbitration
from disputes.models import Arbitration, Dispute, DisputeAnswer
from disputes.services.drafting import Said
from disputes.services.evidence import add_file, cite_trace
from evidence.models import EvidenceFile
from evidence.services.examining import examine_file
from evidence.services.receiving import receive_file
from orders.commands.logistics import claim_refusal, decide_claim, submit_claim
from orders.commands.messages import send_message
from orders.commands.parcels import NewParcel, ship_order
from orders.commands.refunds import offer_part, refuse_refund
from orders.models import Order, OrderState, Refund
from orders.queries.refunds import requested_usd
from orders.rules.logistics import ClaimKind
from orders.services.fakes import open_fake_dispatch_cases
from stores.models import Carrier, Membership, Store, User
from stores.principals import Person
from stores.services.carriers import register_carrier

PARTIAL_NOTE = "外箱压痕不影响使用，愿退还部分货款。"
REFUSAL_NOTE = "轨迹显示已按地址签收，商品与描述一致。"
ANSWER = "We are sorry for the trouble. Please see the carrier's trace; we offer to refund a part of the price."
VERDICT = "承运商轨迹完整且与订单一致，卖家已在响应时限内举证；买家未提供质量问题的照片。"
REPLY = "Hello, your parcel has left our warehouse. You can follow it with the tracking number on your order page."


@dataclass(frozen=True)
class Desk:
    """A store, a member who acts for it, and the demo's now."""

    store: Store
    person: Person
    now: datetime

    def ago(self, hours: float) -> datetime:
        return self.now - timedelta(hours=hours)

    def order(self, **found: object) -> Order | None:
        """The latest order of the store that has these columns."""
        rows = Order.objects.select_related("store__company").filter(store=self.store, **found)
        return rows.order_by("-created_at").first()

    def file(self, name: str, content: bytes, at: datetime) -> EvidenceFile:
        """A file that was handed in and examined."""
        kept = receive_file(
            company=self.store.company, name=name, content=File(io.BytesIO(content), name), principal=self.person, at=at
        )
        examine_file(file=kept, at=at)
        return kept

    def trace(self, order: Order, at: datetime) -> EvidenceFile:
        """A screenshot of an order's trace."""
        picture = trace_picture(order=order, events=list(order.trackingevents.order_by("-at")))
        return self.file(f"trace-{order.tracking_no}.jpg", picture, at)

    def letter(self, order: Order, at: datetime) -> EvidenceFile:
        """The carrier's letter about an order's parcel."""
        name = Carrier.objects.get(code=order.carrier).name.encode("ascii", "ignore").decode().strip()
        return self.file(
            f"pickup-{order.tracking_no}.pdf", carrier_letter(carrier=name or "Carrier", orders=[order], at=at), at
        )


def act_at_desks(*, reviewers: tuple[User, User], at: datetime) -> None:
    """What was done at the stores' desks before ``at``, and what operations decided."""
    open_fake_dispatch_cases(at=at - timedelta(days=2))
    stores = Store.objects.select_related("company").filter(company__is_demo=True)
    stores = stores.exclude(status=Store.Status.CLOSED).order_by("pk")
    for store in stores:
        owner = Membership.objects.select_related("user").filter(company=store.company, role=Membership.Role.OWNER)
        desk = Desk(store, Person(owner.order_by("pk")[0].user), at)
        _register_carriers(desk)
        if store.mode == Store.Mode.MIRRORED:
            continue
        _ship_in_two_parcels(desk)
        _answer_refunds(desk)
        _answer_dispute(desk)
        _hand_in_proofs(desk, reviewers[0])
        _reply(desk)
    _judge_arbitration(reviewers[0], at)
    open_fake_dispatch_cases(at=at)


def _register_carriers(desk: Desk) -> None:
    """The approved carriers that the store ships with, registered when it opened (TM-18)."""
    used = Order.objects.filter(store=desk.store).order_by().values("carrier").distinct()
    for code in Carrier.objects.filter(code__in=used, approved=True).order_by("code").values_list("code", flat=True):
        register_carrier(
            store=desk.store, carrier_code=code, actor=desk.person.actor, at=desk.store.opened_at or desk.now
        )


def _ship_in_two_parcels(desk: Desk) -> None:
    order = desk.order(state=OrderState.PAID, is_presale=False, ship_by__gte=desk.ago(-12))
    if order is None:
        return
    rng, carrier = Random(order.order_no), "AE_STANDARD"
    parcels = [NewParcel(carrier, tracking_number("lp", rng)) for _place in range(2)]
    ship_order(order=order, parcels=parcels, principal=desk.person, at=desk.ago(0.5))


def _answer_refunds(desk: Desk) -> None:
    """Of refunds that have waited for two days, one is refused, and of another a part is offered."""
    waiting = Refund.objects.select_related("order__store__company", "store").filter(
        store=desk.store, completed_at=None, answered_at=None, requested_at__range=(desk.ago(96), desk.ago(48))
    )
    for refund, answer in zip(waiting.order_by("requested_at")[:2], (_offer, _refuse), strict=False):
        answer(desk, refund)


def _offer(desk: Desk, refund: Refund) -> None:
    at = desk.ago(4)
    amount = (requested_usd(refund) / 2).quantize(Decimal("0.01"))
    files = [desk.trace(refund.order, at)]
    offer_part(refund=refund, amount_usd=amount, note=PARTIAL_NOTE, files=files, principal=desk.person, at=at)


def _refuse(desk: Desk, refund: Refund) -> None:
    at = desk.ago(3)
    refuse_refund(
        refund=refund,
        reason="delivered_as_described",
        note=REFUSAL_NOTE,
        files=[desk.trace(refund.order, at)],
        principal=desk.person,
        at=at,
    )


def _answer_dispute(desk: Desk) -> None:
    """The dispute whose golden hours ended lately is answered with the trace and an offer."""
    at = desk.ago(2)
    waiting = Dispute.objects.select_related("order__store", "store__company").filter(
        store=desk.store, state=Dispute.State.OPEN, opened_at__range=(desk.ago(48), desk.ago(26))
    )
    dispute = waiting.exclude(order__tracking_no="").order_by("opened_at").first()
    if dispute is None:
        return
    cite_trace(dispute=dispute, tracking_no=dispute.order.tracking_no, principal=desk.person, at=at)
    add_file(
        dispute=dispute,
        file=desk.trace(dispute.order, at),
        name=f"trace-{dispute.order.tracking_no}.jpg",
        kind="full_trace",
        principal=desk.person,
        at=at,
    )
    amount = (dispute.order.total_usd / 5).quantize(Decimal("0.01"))
    submit_answer(
        dispute=dispute,
        said=Said(DisputeAnswer.Plan.PARTIAL_REFUND, amount, ANSWER, "en", ""),
        principal=desk.person,
        at=at,
    )


def _hand_in_proofs(desk: Desk, reviewer: User) -> None:
    """Of parcels without a pickup scan, one's proof was accepted and another's waits; a false delivery is claimed."""
    unscanned = Order.objects.select_related("store__company").filter(
        store=desk.store, state=OrderState.SHIPPED, first_scan_at=None, shipped_at__range=(desk.ago(72), desk.ago(24))
    )
    newest = list(unscanned.exclude(tracking_no="").order_by("-shipped_at")[:20])
    for hours in (5.0, 0.7):
        order = next((one for one in newest if _lacks_proof(one, desk.ago(hours))), None)
        if order is None:
            continue
        newest.remove(order)
        claim = submit_claim(
            order=order,
            kind=ClaimKind.PICKUP,
            carrier=order.carrier,
            tracking_no=order.tracking_no,
            happened_at=_pickup_of(order),
            files=[(desk.letter(order, desk.ago(hours)), f"pickup-{order.tracking_no}.pdf")],
            principal=desk.person,
            at=desk.ago(hours),
        )
        if hours > 2:
            decide_claim(claim=claim, accepted=True, reason="", reviewer=reviewer, at=desk.ago(hours - 1))
    delivered = desk.order(state=OrderState.DELIVERED, delivered_at__range=(desk.ago(96), desk.ago(12)))
    if delivered is not None and delivered.tracking_no:
        submit_claim(
            order=delivered,
            kind=ClaimKind.FALSE_DELIVERY,
            carrier=delivered.carrier,
            tracking_no=delivered.tracking_no,
            statement="买家称未收到包裹，签收地点与收货地址不符。",
            files=[(desk.letter(delivered, desk.ago(6)), "proof-of-delivery-request.pdf")],
            principal=desk.person,
            at=desk.ago(6),
        )


def _pickup_of(order: Order) -> datetime | None:
    """When the carrier is said to have taken the parcel."""
    return None if order.shipped_at is None else order.shipped_at + timedelta(hours=3)


def _lacks_proof(order: Order, at: datetime) -> bool:
    """Whether a pickup proof may be handed in at an instant: a parcel is not abnormal as soon as it was shipped."""
    refusal = claim_refusal(
        order=order, kind=ClaimKind.PICKUP, tracking_no=order.tracking_no, happened_at=_pickup_of(order), at=at
    )
    return refusal is None


def _reply(desk: Desk) -> None:
    """The buyer who wrote some hours ago is answered."""
    order = desk.order(messages__sender="buyer", messages__sent_at__range=(desk.ago(8), desk.ago(4)))
    if order is not None:
        send_message(order=order, text=REPLY, language="en", template="", principal=desk.person, at=desk.ago(1))


def _judge_arbitration(reviewer: User, at: datetime) -> None:
    """Of the cases that wait for operations the one that came first is decided."""
    waiting = Arbitration.objects.select_related("dispute__order", "dispute__store").filter(
        ended_at=None, dispute__store__company__is_demo=True
    )
    arbitration = waiting.order_by("begun_at").first()
    if arbitration is None or waiting.count() < 2:
        return
    decided_at = at - timedelta(hours=1)
    claim_arbitration(arbitration=arbitration, reviewer=reviewer, at=decided_at)
    verdict = Verdict(Dispute.Liability.BUYER, Decimal(0), VERDICT)
    decide_arbitration(
        arbitration=arbitration, verdict=verdict, reviewer=reviewer, at=decided_at, version=arbitration.version
    )
