"""Training the early-warning model, and scoring open orders with it (TM-06)."""

import random
from datetime import datetime, timedelta
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from disputes.models import Dispute
from insights.models import OrderScore, WarningModel
from insights.queries.warning.history import Floats
from insights.queries.warning.models import quality_from
from insights.queries.warning.snapshots import Snapshots
from insights.services.scoring import score_orders
from insights.services.training import TooLittleData, flatness_of, train_model
from orders.models import Order, TrackingEvent
from stores.models import Store
from tests.orders.build import DAY, HOUR, NOW, make_order, scan
from tests.stores.people import make_store

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]
ORDERS = 700


def fill(store: Store, count: int = ORDERS) -> None:
    """A year of orders; of those whose trace falls silent after dispatch most end in a dispute, of others few."""
    rng, orders, scans, disputes = random.Random(7), [], [], []
    for number in range(count):
        paid = NOW - 360 * DAY + timedelta(seconds=int(number * 355 * 86400 / count))
        silent = rng.random() < 0.125
        orders.append(
            Order(
                store=store, order_no=f"T{number:05d}", created_at=paid - HOUR, paid_at=paid, shipped_at=paid + DAY,
                delivered_at=None if silent else paid + 12 * DAY, state="shipped", carrier="C", site="ES",
                total_amount=20, total_usd=20, currency="USD", buyer_ref=f"b{number}",
            )
        )  # fmt: skip
        days = range(1, 2) if silent else range(1, 12, 2)
        scans += [(number, paid + day * DAY + HOUR) for day in days]
        if rng.random() < (0.8 if silent else 0.03):
            disputes.append((number, paid + rng.randint(14, 30) * DAY))
    made = Order.objects.bulk_create(orders)
    TrackingEvent.objects.bulk_create(
        [TrackingEvent(store=store, order=made[number], at=at, kind="transit") for number, at in scans]
    )
    Dispute.objects.bulk_create(
        [
            Dispute(
                store=store, order=made[number], dispute_no=f"D{number}", kind="not_received", opened_at=at,
                closed_at=at + DAY, state="closed",
            )
            for number, at in disputes
        ]
    )  # fmt: skip


def train(at: datetime = NOW) -> WarningModel:
    trained = train_model(at=at)
    assert isinstance(trained, WarningModel)
    return trained


@pytest.mark.rule("TM-06")
def test_a_model_learns_warns_and_says_how_good_it_was() -> None:
    store = make_store()
    fill(store)
    first, text = train(), StringIO()
    call_command("train_risk", at=NOW, stdout=text)
    again = WarningModel.objects.latest("pk")
    assert (first.terms, first.figures, first.orders) == (again.terms, again.figures, ORDERS)
    assert f"AUC {first.figures['auc']:.3f}" in text.getvalue()
    quality = quality_from(first.figures)
    assert quality.auc is not None
    assert quality.auc > 0.75
    assert quality.brier < quality.brier_constant
    assert quality.top_precision > 3 * quality.troubled / quality.rows
    for band in quality.bands:
        if band.rows >= 150:
            assert abs(band.expected / 1000 - band.troubled / band.rows) < 0.12

    sent = {"paid_at": NOW - 9 * DAY, "shipped_at": NOW - 8 * DAY, "carrier": "C", "site": "ES"}
    silent, moving, disputed, old = (make_order(store, **sent) for _number in range(4))
    Order.objects.filter(pk=old.pk).update(paid_at=NOW - 90 * DAY, shipped_at=NOW - 89 * DAY)
    for hours in range(8):
        scan(moving, NOW - (8 - hours) * DAY + HOUR)
    scan(silent, NOW - 8 * DAY + HOUR)
    Dispute.objects.create(store=store, order=disputed, dispute_no="X", kind="quality", opened_at=NOW - HOUR)
    score_orders(company_id=store.company_id, store_ids=[store.pk], at=NOW)
    scores = {row.order_id: row for row in OrderScore.objects.filter(order__in=[silent, moving, disputed, old])}
    assert set(scores) == {silent.pk, moving.pk}
    assert scores[silent.pk].score > 3 * scores[moving.pk].score
    row = scores[silent.pk]
    assert max(row.points, key=row.points.__getitem__) == "trace_silence"
    assert row.base + sum(row.points.values()) == row.score
    assert row.facts["silence"] == 8 * 86400 - 3600
    assert row.model == again

    # Nothing is written twice, and whoever gets into trouble has no score any more.
    OrderScore.objects.update(scored_at=NOW - DAY)
    score_orders(company_id=store.company_id, store_ids=[store.pk], at=NOW)
    assert OrderScore.objects.get(order=moving).scored_at == NOW - DAY
    Dispute.objects.create(store=store, order=silent, dispute_no="Y", kind="quality", opened_at=NOW)
    score_orders(company_id=store.company_id, store_ids=[store.pk], at=NOW)
    assert not OrderScore.objects.filter(order=silent).exists()


@pytest.mark.rule("TM-06")
def test_scores_that_were_too_bold_later_are_drawn_together_by_what_all_stretches_say() -> None:
    rng = np.random.default_rng(3)
    number = 6_000
    placed = rng.normal(size=(number, 1))
    rows = Snapshots(
        np.arange(number), np.linspace(0, 400 * 86_400, number).astype(np.int64), np.zeros(number, dtype=np.int64)
    )

    def slope(strength: Floats | float) -> float:
        odds = np.exp(strength * placed[:, 0] - 2)
        troubled = (rng.random(number) < odds / (1 + odds)).astype(np.int64)
        return flatness_of(placed, Snapshots(rows.places, rows.at, troubled))

    assert slope(1.0) > 0.9
    # What told a lot at first tells less and less.
    assert 0.55 < slope(np.linspace(2, 0.5, number)) < 0.85
    assert flatness_of(placed, Snapshots(rows.places, rows.at, np.zeros(number, dtype=np.int64))) == 1


@pytest.mark.rule("TM-06")
def test_with_too_little_data_nothing_is_trained_and_policys_weights_score() -> None:
    store = make_store()
    fill(store, 60)
    refused = train_model(at=NOW)
    assert isinstance(refused, TooLittleData)
    assert refused.orders == 60
    with pytest.raises(CommandError, match=r"Too little data: 60 orders; .* \d+ to learn from, 100 needed"):
        call_command("train_risk", at=NOW)
    order = make_order(store, paid_at=NOW - DAY, ship_address="PO Box 4, Madrid, ES", site="ES")
    score_orders(company_id=store.company_id, store_ids=[store.pk], at=NOW)
    row = OrderScore.objects.get(order=order)
    assert (row.model, row.base) == (None, 0)
    assert row.points["address"] == 150
    assert sum(row.points.values()) == row.score


@pytest.mark.rule("TM-06")
def test_scores_know_a_buyer_only_within_the_company() -> None:
    own, other = make_store("S1"), make_store("S2")
    for store in (own, other):
        for number in range(4):
            order = make_order(
                store, paid_at=NOW - 30 * DAY, shipped_at=NOW - 29 * DAY, delivered_at=NOW - 20 * DAY, buyer_ref="b"
            )
            if store == other:
                Dispute.objects.create(
                    store=store, order=order, dispute_no=f"D{number}", kind="quality", opened_at=NOW - 9 * DAY
                )
    rows = []
    for store in (own, other):
        order = make_order(store, paid_at=NOW - DAY, buyer_ref="b")
        score_orders(company_id=store.company_id, store_ids=[store.pk], at=NOW)
        rows.append(OrderScore.objects.get(order=order))
    assert [row.facts.get("buyer_bad", 0) for row in rows] == [0, 4]
    assert [row.points.get("buyer_history", 0) for row in rows] == [0, 200]
