"""A store's planned orders as rows of a bundle, cut off at now."""

from random import Random

from demo.behaviour import DemoProfile
from demo.bundle import Tables
from demo.disputes import Dispute, Trouble
from demo.draws import DAY, HOUR, DemoClock, between, flag_text, instant_text, money_text
from demo.order_planner import Order

RELEASE_DAYS = 7
# Of a semi-managed store, each order whose cents this divides is shipped by the platform.
SHIPPED_BY_PLATFORM = 12
RISK_REVIEW_DAYS = 5


class StoreRows:
    """Writes one store's orders and what belongs to them; numbers its disputes, refunds and returns."""

    def __init__(self, tables: Tables, profile: DemoProfile, clock: DemoClock, rng: Random) -> None:
        self.tables, self.profile, self.clock, self.rng = tables, profile, clock, rng
        self.counts = {"D": 0, "R": 0, "B": 0}

    def add(self, order: Order, found: Trouble) -> None:
        """The order with its lines, scans, settlement and troubles, as far as they have happened."""
        self._add_settlement(order, found)
        sku = self._add_lines(order)
        self.tables.add("orders", self._order_row(order, sku))
        for scan in order.scans:
            if scan.at <= self.clock.now:
                row = (
                    order.store_no,
                    order.order_no,
                    scan.tracking_no,
                    instant_text(scan.at),
                    scan.kind,
                    scan.place,
                    scan.text,
                )
                self.tables.add("tracking_events", row)
        self._add_trouble(order, found)

    def spoil(self, order: Order) -> None:
        """Make the order contradict itself in time, as sources do (IX-05)."""
        if order.delivered is None or order.paid is None:
            return
        draw = self.rng.random()
        if draw < 0.34:
            order.delivered = max(order.paid, (order.shipped or order.paid) - 2 * HOUR)
        elif draw < 0.67:
            order.shipped = order.paid - between(self.rng, 60, 3 * HOUR)
        else:
            early = instant_text(order.created - between(self.rng, DAY, 9 * DAY))
            self.tables.add(
                "reviews", (order.store_no, order.order_no, "buyer", early, "", "5", "5", "5", "", flag_text(False))
            )

    def _past(self, instant: int | None) -> bool:
        return instant is not None and instant <= self.clock.now

    def _cut(self, instant: int | None) -> str:
        return instant_text(instant) if self._past(instant) else ""

    def _number(self, letter: str) -> str:
        self.counts[letter] += 1
        return f"{letter}{self.profile.store_no}{self.counts[letter]:05d}"

    def _add_lines(self, order: Order) -> str:
        """Lines of the few orders that have several; some of those leave the order's own sku empty."""
        if self.rng.random() >= 0.06:
            return order.sku
        goods = order.cents - order.shipping_cents
        first = goods * 7 // 10
        second = f"{self.profile.store_no}-EXTRA"
        self.tables.add("order_lines", (order.store_no, order.order_no, "1", order.sku, "1", money_text(first)))
        self.tables.add("order_lines", (order.store_no, order.order_no, "2", second, "2", money_text(goods - first)))
        return "" if self.rng.random() < 0.3 else order.sku

    def _order_row(self, order: Order, sku: str) -> tuple[str, ...]:
        cut, past = self._cut, self._past
        paid, sent = past(order.paid), past(order.shipped)
        foreign = order.currency != "USD"
        rate = f"{order.usd_rate:.6f}" if foreign and (self.profile.second_bundle or order.cents % 20) else ""
        return (
            order.store_no,
            order.order_no,
            sku,
            order.category,
            order.buyer,
            order.site.code,
            order.source,
            order.payment,
            flag_text(order.presale),
            instant_text(order.created),
            cut(order.paid),
            cut(order.dispatch_confirmed),
            instant_text(order.ship_by) if paid and order.give_ship_by else "",
            cut(order.shipped),
            order.carrier if sent else "",
            order.tracking_no if sent else "",
            instant_text(order.estimated) if paid else "",
            cut(order.delivered),
            cut(order.confirmed),
            order.confirmed_by if past(order.confirmed) else "",
            cut(order.cancelled),
            order.cancelled_by if past(order.cancelled) else "",
            order.cancel_reason if past(order.cancelled) else "",
            cut(order.refunded),
            cut(order.closed),
            money_text(order.cents),
            order.currency,
            rate,
            money_text(order.shipping_cents),
            money_text(order.premium_cents) if order.premium_cents else "",
            order.ip_hash,
            order.address,
            "platform" if self.profile.semi_managed and order.cents % SHIPPED_BY_PLATFORM == 0 else "seller",
        )

    def _add_settlement(self, order: Order, found: Trouble) -> None:
        """Funds are released on the 7th day after delivery unless something holds them (TM-04)."""
        if order.delivered is None or not self._past(order.delivered):
            return
        release = (order.delivered // DAY + RELEASE_DAYS) * DAY + 10 * HOUR
        reason = self._hold(order, found, release)
        for dispute in found.disputes:
            if dispute.opened < release and dispute.closed is not None:
                release = max(release, dispute.closed + HOUR)
        if order.refunded is not None and order.refunded <= release:
            return
        if order.abnormal and order.confirmed is None:
            reason = reason or "abnormal_logistics"
        released = "" if reason else self._cut(release)
        open_dispute = any(not self._past(dispute.closed) for dispute in found.disputes if self._past(dispute.opened))
        if released and order.confirmed is not None and not open_dispute:
            order.closed = max(order.confirmed, release)
        held = "" if released else reason
        row = (order.store_no, order.order_no, released, money_text(order.cents), order.currency, held)
        self.tables.add("settlements", row)

    def _hold(self, order: Order, found: Trouble, release: int) -> str:
        """Why the funds are held now; empty when nothing but time does."""
        now = self.clock.now
        if not self.profile.payout_account_bound:
            return "kyc_blocked"
        if any(self._past(dispute.opened) and not self._past(dispute.closed) for dispute in found.disputes):
            return "in_dispute" if found.disputes[0].opened < release else ""
        assert order.delivered is not None
        review = (order.delivered // DAY + RISK_REVIEW_DAYS) * DAY
        return "risk_review" if review <= now < release else ""

    def _add_trouble(self, order: Order, found: Trouble) -> None:
        for dispute in found.disputes:
            if self._past(dispute.opened):
                self.tables.add("disputes", self._dispute_row(dispute))
        for refund in found.refunds:
            if self._past(refund.requested):
                row = (
                    order.store_no,
                    self._number("R"),
                    order.order_no,
                    instant_text(refund.requested),
                    refund.state(self.clock.now),
                    self._cut(refund.completed),
                    money_text(refund.cents_usd),
                    flag_text(refund.full),
                )
                self.tables.add("refunds", row)
        for parcel in found.returns:
            if self._past(parcel.shipped_back):
                instants = (parcel.shipped_back, parcel.received, parcel.inspected)
                result = parcel.result if self._past(parcel.inspected) else ""
                number = self._number("B")
                self.tables.add("returns", (order.store_no, number, order.order_no, *map(self._cut, instants), result))

    def _dispute_row(self, dispute: Dispute) -> tuple[str, ...]:
        ended = self._past(dispute.closed)
        return (
            dispute.order.store_no,
            self._number("D"),
            dispute.order.order_no,
            dispute.kind,
            instant_text(dispute.opened),
            dispute.state(self.clock.now),
            self._cut(dispute.responded),
            self._cut(dispute.closed),
            dispute.liability if ended else "",
            money_text(dispute.claimed),
            money_text(dispute.outcome) if ended else "",
        )
