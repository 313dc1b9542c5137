"""A year of a governed store lived day by day, by commands and timers, against the same year imported at once: the same
orders, facts, holds and clocks that still run (DM-21, DM-22, DM-27, DM-35)."""

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db.models import Model

from core.models import Deadline
from core.sweeping import sweep
from disputes.commands.actions import follow_dispute, withdraw_dispute
from disputes.models import Dispute
from intake.canonical import FILES
from metrics.counters import COUNTERS
from metrics.facts.updating import apply_dirty
from metrics.models import Fact
from orders import commands
from orders.commands.actions import follow_order
from orders.holds import holds_of
from orders.models import Order, OrderState, Review, TrackingEvent
from orders.services.auto_reviews import replace_auto_reviews
from stores.models import Carrier, Store
from stores.principals import Program, Scope, System
from tests.intake.helpers import take
from tests.stores.people import make_store

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGIN, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
# What the store's data consist of, as an export of another installation would.
EXPORTED = ("orders", "tracking_events", "reviews", "refunds", "disputes", "settlements", "messages")
CARRIERS = {"cainiao": (True, True), "post": (True, False), "other": (False, False)}


@dataclass
class Life:
    """What happens to one order: acts with their instants; when receipt has to be confirmed, and by whom; when an
    automatic review has to be made. Both are worked out here, by plain arithmetic."""

    order_no: str
    acts: list[tuple[datetime, Callable[[], object]]]
    confirmed: tuple[datetime, str] | None = None
    automatic: datetime | None = None


class Year:
    """The lives of the orders of a store."""

    def __init__(self, store: Store, seed: int) -> None:
        self.store, self.random = store, random.Random(seed)
        scope = frozenset({Scope.parse("orders:write")})
        self.seller = Program("erp", store.company_id, frozenset({store.pk}), scope)

    def life(self, place: int) -> Life:
        draw = self.random
        number, carrier = f"Y{place:03}", draw.choice(["cainiao", "cainiao", "post", "other"])
        paid = BEGIN + timedelta(days=draw.randrange(363), minutes=draw.randrange(1440))
        life = Life(
            number, [(paid - HOUR, lambda: self._create(number, paid - HOUR)), (paid, lambda: self._pay(number, paid))]
        )
        if draw.random() < 0.7:
            life.acts.append((paid + 2 * HOUR, lambda: self._do(number, commands.confirm_dispatch, paid + 2 * HOUR)))
        shipped = paid + draw.randrange(5, 60) * HOUR
        if draw.random() < 0.1:
            self._cancel(life, shipped)
            return life
        life.acts.append((shipped, lambda: self._ship(number, carrier, shipped)))
        delivered, is_valid = self._travel(life, shipped)
        if delivered is None:
            life.acts.append((shipped + 40 * DAY, lambda: self._refund(number, shipped + 40 * DAY)))
            return life
        self._after_delivery(life, delivered, carrier, is_valid)
        return life

    def _after_delivery(self, life: Life, delivered: datetime, carrier: str, is_valid: bool) -> None:
        draw, number = self.random, life.order_no
        approved, official = CARRIERS[carrier]
        due = delivered + (10 if official else 15) * DAY
        dispute = None
        if draw.random() < 0.3:
            opened = delivered + draw.randrange(1, 17 * 24) * HOUR
            dispute = opened, opened + draw.randrange(5, 90) * HOUR
            self._dispute(life, *dispute)
            if opened <= due:
                due = max(due, dispute[1])
        by_buyer = delivered + draw.randrange(1, 12 * 24) * HOUR + 7 * timedelta(minutes=1)
        if draw.random() < 0.4 and (by_buyer < due or not is_valid):
            life.confirmed = by_buyer, "buyer"
            life.acts.append((by_buyer, lambda: self._confirm(number, by_buyer)))
        elif is_valid:
            life.confirmed = due, "system"
        reviewed = None
        if draw.random() < 0.5:
            reviewed = delivered + draw.randrange(1, 40 * 24) * HOUR + 13 * timedelta(minutes=1)
            stars = draw.randrange(1, 6)
            life.acts.append((reviewed, lambda: self._review(number, reviewed, stars)))
        if life.confirmed and is_valid and approved:
            at = _next_day(life.confirmed[0])
            if dispute and dispute[0] <= at:
                at = max(at, _next_day(dispute[1]))
            life.automatic = at if reviewed is None or reviewed > at else None

    def _travel(self, life: Life, shipped: datetime) -> tuple[datetime | None, bool]:
        """The scans of a parcel: when it is delivered, if it is, and whether its trace is valid (AF-06)."""
        draw = self.random
        picked, legs = shipped + draw.choice([5, 30]) * HOUR, draw.randrange(4, 14)
        silent = draw.random() < 0.25
        steps = [30 * HOUR] * legs
        if silent:
            steps[draw.randrange(legs)] = 75 * HOUR
        scans = [picked]
        for step in steps:
            scans.append(scans[-1] + step)
        lost = draw.random() < 0.1
        kinds = ["pickup", *["transit"] * (legs - 1), "transit" if lost else "delivered"]
        for at, kind in zip(scans, kinds, strict=True):
            life.acts.append((at, self._scan(life.order_no, at, kind)))
        return (None, False) if lost else (scans[-1], not silent)

    # ── What people and carriers do ──

    def _order(self, number: str) -> Order:
        return Order.objects.select_related("store").get(store=self.store, order_no=number)

    def _do(self, number: str, command: Callable[..., Any], at: datetime, **given: Any) -> None:
        outcome = command(order=self._order(number), at=at, **{"principal": self.seller, **given})
        assert outcome.holds, str(outcome)

    def _create(self, number: str, at: datetime) -> None:
        money: dict[str, Any] = {"total_amount": 20 if number < "Y006" else 80, "currency": "USD"}
        order = Order.objects.create(
            store=self.store, order_no=number, created_at=at, total_usd=money["total_amount"], usd_rate=1, **money
        )
        follow_order(order, at)

    def _pay(self, number: str, at: datetime) -> None:
        self._do(number, commands.record_payment, at)

    def _cancel(self, life: Life, at: datetime) -> None:
        given = {"cancelled_by": "buyer", "reason": "changed their mind"}
        life.acts.append((at, lambda: self._do(life.order_no, commands.cancel_order, at, **given)))

    def _ship(self, number: str, carrier: str, at: datetime) -> None:
        self._do(number, commands.ship_order, at, carrier=carrier, tracking_no=f"T{number}")

    def _scan(self, number: str, at: datetime, kind: str) -> Callable[[], object]:
        def scan() -> None:
            order = self._order(number)
            TrackingEvent.objects.create(store=self.store, order=order, at=at, kind=kind, tracking_no=f"T{number}")
            follow_order(order, at)

        return scan

    def _confirm(self, number: str, at: datetime) -> None:
        self._do(number, commands.confirm_receipt, at, confirmed_by="buyer")

    def _refund(self, number: str, at: datetime) -> None:
        self._do(number, commands.refund_order, at, principal=System())

    def _dispute(self, life: Life, opened: datetime, withdrawn: datetime) -> None:
        number = life.order_no

        def open_dispute() -> None:
            order = self._order(number)
            named = {"dispute_no": f"D{number}", "kind": "quality", "opened_at": opened}
            follow_dispute(Dispute.objects.create(store=self.store, order=order, **named), opened)

        def withdraw() -> None:
            dispute = Dispute.objects.select_related("store", "order").get(store=self.store, dispute_no=f"D{number}")
            assert withdraw_dispute(dispute=dispute, principal=System(), at=withdrawn).holds

        life.acts += [(opened, open_dispute), (withdrawn, withdraw)]

    def _review(self, number: str, at: datetime, stars: int) -> None:
        order = self._order(number)
        Review.objects.create(store=self.store, order=order, created_at=at, described=stars)
        follow_order(order, at)
        replace_auto_reviews(order_ids=[order.pk])

    def live(self, lives: list[Life]) -> None:
        """Carry everything out in its order, with a sweep before each act and at the end of each day."""
        acts = [(at, 0, act) for life in lives for at, act in life.acts]
        ends = [(BEGIN + days * DAY, 1, lambda: None) for days in range(1, (END - BEGIN).days + 1)]
        for at, _rank, act in sorted([*acts, *ends], key=lambda step: step[:2]):
            if at > END:
                break
            sweep(at=at)
            act()
        sweep(at=END)


def _next_day(instant: datetime) -> datetime:
    return datetime.combine(instant.date() + DAY, time(), UTC)


def _cells(model: type[Model], store: Store, names: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The rows of a store as an export writes them."""
    rows = model._default_manager.filter(store=store).order_by("pk")
    for row in rows.select_related("order") if model is not Order else rows:
        values = {name: getattr(row, target, None) for name, target in names.items()}
        number = row.order_no if isinstance(row, Order) else row.order.order_no
        yield {"store_no": "S2", "order_no": number} | {name: _text(value) for name, value in values.items()}


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def export(store: Store, folder: Path) -> Path:
    """The bundle of all that a store's orders are made of."""
    folder.mkdir()
    for name in EXPORTED:
        spec = FILES[name]
        columns = {one.name: one.target for one in spec.columns if one.target and hasattr(spec.model, one.target)}
        rows = list(_cells(spec.model, store, columns))
        if rows:
            with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as stream:
                writer = csv.DictWriter(stream, rows[0])
                writer.writeheader()
                writer.writerows(rows)
    return folder


def state_of(store: Store) -> dict[str, Any]:
    """What a store's year came to, apart from numbers of the database."""
    orders = list(Order.objects.filter(store=store).select_related("store").order_by("order_no"))
    hidden = {"id", "store", "source_at", "updated_at"}
    names = [field.name for field in Order._meta.concrete_fields if field.name not in hidden]
    facts = Fact.objects.filter(store=store).order_by("day").values_list("day", *(one.name for one in COUNTERS))
    running = Deadline.objects.filter(store_id=store.pk, subject_kind="order", state="open", due_at__gte=END)
    holds = holds_of(orders, END)
    return {
        "orders": [tuple(getattr(order, name) for name in names) for order in orders],
        "reviews": sorted(
            Review.objects.filter(store=store).values_list("order__order_no", "kind", "created_at", "described")
        ),
        "facts": [row for row in facts if any(row[1:])],
        "holds": [(order.order_no, holds[order.pk]) for order in orders],
        "clocks": sorted(running.values_list("subject_key", "kind", "due_at")),
    }


@pytest.mark.sqlite_only
@pytest.mark.rule("DM-21", "DM-22", "DM-27", "DM-35", "AF-01", "AF-04", "AF-05", "AF-06")
def test_a_year_lived_day_by_day_is_the_year_imported_at_once(db: None, tmp_path: Path) -> None:
    for code, (approved, official) in CARRIERS.items():
        Carrier.objects.update_or_create(code=code, defaults={"name": code, "approved": approved, "official": official})
    lived, imported = make_store("S1", mode="governed"), make_store("S2", mode="governed")
    year = Year(lived, seed=1)
    lives = [year.life(place) for place in range(12)]
    with time_machine.travel(END, tick=False):
        year.live(lives)
        take(export(lived, tmp_path / "bundle"), as_of=END)
        apply_dirty()
    at_once, day_by_day = state_of(imported), state_of(lived)
    for part, found in day_by_day.items():
        assert at_once[part] == found, part
    confirmed = {row.order_no: (row.confirmed_at, row.confirmed_by) for row in Order.objects.filter(store=lived)}
    automatic = dict(Review.objects.filter(store=lived, kind="auto").values_list("order__order_no", "created_at"))
    over = {OrderState.REFUNDED, OrderState.CANCELLED}
    for life in lives:
        happened = life.confirmed and life.confirmed[0] < END
        assert confirmed[life.order_no] == (life.confirmed if happened else (None, "")), life.order_no
        assert automatic.get(life.order_no) == (life.automatic if life.automatic and life.automatic < END else None)
    assert {order.state for order in Order.objects.filter(store=lived)} > over
