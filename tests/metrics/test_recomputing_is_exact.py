"""Late data, corrections, exclusions and policies with effective dates: the facts always equal those of the
reference (DM-34, DM-35, MX-02, MX-08)."""

import os
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.dirty import mark_orders_dirty
from core.models import DirtySubject
from disputes.models import Dispute
from metrics.facts.updating import apply_dirty, rebuild_facts
from orders.models import Exclusion, Order
from tests.metrics.edges import publish
from tests.metrics.test_facts_against_reference import (
    NAMES,
    Facts,
    common,
    everything,
    import_bundle,
    known_at,
    stored_facts,
)
from tests.oracle.bundle import Bundle, merge, split_bundle
from tests.oracle.corrections import make_corrections
from tests.oracle.facts import Exclusion as Excluded
from tests.oracle.facts import compute_facts
from tests.oracle.generator import LEAP_DAY, RandomChooser, make_bundle
from tests.oracle.policy import DAY, HOUR, SHIPPED, PolicyHistory
from tests.oracle.strategies import EXCLUDABLE_METRICS

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
SEEDS = range(200) if THOROUGH else [0, *(pytest.param(seed, marks=pytest.mark.sqlite_only) for seed in (1, 2))]
# Counting parameters that a version changes: the product's key with its value, the reference's field with its own.
CHANGES = (
    ("counting__dispatch_hours", 48, "ship_by_after", 48 * HOUR),
    ("counting__slow_dispatch_hours", 24, "slow_handling", 24 * HOUR),
    ("counting__outcome_days", 3, "outcome_after", 3 * DAY),
    ("counting__silence_hours", 24, "pool_silence", 24 * HOUR),
    ("counting__first_scan_hours", 48, "pool_first_scan", 48 * HOUR),
    ("counting__reply_hours", 4, "reply_within", 4 * HOUR),
    ("counting__confirm_hours", 24, "confirm_within", 24 * HOUR),
    ("counting__review_hold_hours", 24, "review_wait", 24 * HOUR),
    ("counting__eligible_wait_days", 1, "system_confirm_wait", DAY),
    ("counting__min_order_usd", "200", "eligible_min_usd", Decimal(200)),
    ("feedback__late_review_days", 2, "auto_review_open", 2 * DAY),
)


def publish_some(rng: random.Random) -> PolicyHistory:
    """Up to two versions that begin while the orders come in, each with some parameters of its own."""
    history, held = [(0, SHIPPED)], SHIPPED
    values: dict[str, object] = {}
    for start in sorted(rng.sample(range(1, 6), rng.randint(0, 2))):
        # To the second: an order of that second counts by the new version.
        instant = LEAP_DAY + start * DAY + rng.choice((0, 16 * HOUR, -1, 1))
        for key, value, name, own in rng.sample(CHANGES, rng.randint(1, 5)):
            values[key] = value
            held = replace(held, **{name: own})
        publish(datetime.fromtimestamp(instant, UTC), **values)
        history.append((instant, held))
    return history


def exclude_some(rng: random.Random, excluded: set[Excluded]) -> None:
    """Exclude orders, reviews and disputes that are there from metrics; take some exclusions back."""
    orders = list(Order.objects.select_related("store").order_by("id"))
    disputes = list(Dispute.objects.select_related("store", "order").order_by("id"))
    for number in range(rng.randint(0, 6) if orders else 0):
        kind, metric = rng.choice(("order", "order", "order", "review", "dispute")), rng.choice(EXCLUDABLE_METRICS)
        order, subject = rng.choice(orders), None
        if kind == "dispute":
            if not disputes:
                continue
            subject = rng.choice(disputes)
            order, metric = subject.order, rng.choice(("liability_rate", "dispute_rate", "odr"))
        key = (order.store.store_no, subject.dispute_no if subject else order.order_no)
        mark = (kind, key, rng.choice(("dsr", metric)) if kind == "order" else metric)
        if mark in excluded:
            continue
        excluded.add(mark)
        Exclusion.objects.create(
            store=order.store,
            order=order,
            subject_kind=kind,
            subject_id=subject.pk if subject else order.pk,
            metric=mark[2],
            cause_no=f"A{number}",
            created_at=datetime(2024, 3, 9, tzinfo=UTC),
        )
        mark_orders_dirty(order_ids=[order.pk], store_id=order.store_id)
    for row in Exclusion.objects.select_related("order__store"):
        if rng.random() < 0.2:
            mark_orders_dirty(order_ids=[row.order_id], store_id=row.store_id)
            number = Dispute.objects.get(pk=row.subject_id).dispute_no if row.subject_kind == "dispute" else ""
            key = (row.order.store.store_no, number or row.order.order_no)
            excluded.discard((row.subject_kind, key, row.metric))
            row.delete()


def reference(bundle: Bundle, policy: PolicyHistory, excluded: Iterable[Excluded]) -> Facts:
    facts = compute_facts(bundle, policy=policy, exclusions=excluded)
    kept = {key: {name: n for name, n in row.items() if name in NAMES} for key, row in facts.items()}
    return {key: row for key, row in kept.items() if row}


def made(seed: int) -> tuple[random.Random, Bundle, Bundle]:
    chooser = RandomChooser(seed)
    first = make_bundle(chooser, stores=2, orders=9)
    return random.Random(seed), first, make_corrections(chooser, first)


@pytest.mark.rule("DM-34", "DM-35", "DM-30", "MX-02", "MX-08")
@pytest.mark.parametrize("seed", SEEDS)
def test_any_way_to_the_same_data_gives_the_facts_of_the_reference(seed):
    rng, first, later = made(seed)
    history, excluded = publish_some(rng), set()
    for part in split_bundle(first, rng, rng.randint(1, 3), everywhere=("fx_rates",)):
        import_bundle(part, shuffle=rng)
        if rng.random() < 0.5:
            exclude_some(rng, excluded)
        if rng.random() < 0.6:
            apply_dirty(batch=rng.choice((1, 3, 1000)))
    import_bundle(first, shuffle=rng)
    assert stable_facts(rng) == reference(first, history, excluded)
    exclude_some(rng, excluded)
    import_bundle(later, shuffle=rng)
    if rng.random() < 0.5:
        stable_facts(rng)
    exclude_some(rng, excluded)
    assert stable_facts(rng) == reference(merge(first, later), history, excluded)
    incremental = everything()
    rebuild_facts()
    assert everything() == incremental


def stable_facts(rng: random.Random) -> Facts:
    """The facts once the log is empty; taking it in again changes nothing."""
    apply_dirty(batch=rng.choice((1, 2, 5, 1000)))
    assert not DirtySubject.objects.exists()
    before = everything()
    order_ids = list(Order.objects.values_list("store_id", "id"))
    for store_id, order_id in rng.sample(order_ids, len(order_ids) // 2):
        mark_orders_dirty(order_ids=[order_id], store_id=store_id)
    result = apply_dirty()
    assert (result.differences, everything()) == (0, before)
    return common(stored_facts())


@pytest.mark.rule("DM-35", "DM-30", "MX-08")
@pytest.mark.parametrize("seed", SEEDS)
def test_replay_of_the_days_ends_where_a_rebuild_does(seed):
    rng, first, later = made(1000 + seed)
    history, excluded = publish_some(rng), set()
    for number in range(1, 7):
        until = LEAP_DAY + (number - 2) * rng.choice((1, 2)) * DAY + rng.choice((-1, 0, 57_600, 86_399))
        import_bundle(known_at(first, until, number))
        exclude_some(rng, excluded)
        apply_dirty()
    import_bundle(first)
    import_bundle(later)
    assert stable_facts(rng) == reference(merge(first, later), history, excluded)
    replayed = everything()
    rebuild_facts()
    assert everything() == replayed


def test_versions_of_the_tests_change_what_counts():
    found = set()
    for seed in range(30):
        _rng, first, _later = made(seed)
        shipped = reference(first, SHIPPED, ())
        for _key, _value, name, own in CHANGES:
            history = [(0, SHIPPED), (LEAP_DAY + 2 * DAY, replace(SHIPPED, **{name: own}))]
            if reference(first, history, ()) != shipped:
                found.add(name)
    assert found == {name for _key, _value, name, _own in CHANGES}
