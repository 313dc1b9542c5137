"""The carriers stage of the night: advice on dependence on one carrier (PN-36)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models.fields.json import KT

from core.events import SYSTEM, record_events
from core.models import Event
from metrics.catalogue import Calendar
from metrics.models import Published
from metrics.rules.days import day_end
from notifications.models import Advice
from notifications.queries.dependence import Dependence, dependence_of
from notifications.rules import is_backfill
from notifications.services.advising import SAYS_NOTHING, advice_beside, holding, may_begin
from rulebook.policy import Policy
from rulebook.queries import policy_at
from rulebook.rules import decimal_text
from stores.models import Carrier, Store
from stores.services.holding import hold_stores
from stores.shards import EVERY_STORE, Shard

ROWS_AT_ONCE = 500
# What shipments are known and enough by: a metric of the same orders (MX-05, MX-07).
SHIPMENTS = "slow_fulfilment"
PLACES = 10


def advise_on_carriers(*, day: date, at: datetime, calendar: Calendar, shard: Shard = EVERY_STORE) -> int:
    """Issue the advice for a performance day, once until the share recovers; returns how many.

    A rerun adds nothing, and a day that is run too late gives none (MX-09)."""
    policy = policy_at(day_end(day, calendar) - timedelta(seconds=1))
    late = is_backfill(day_end(day, calendar), at, policy.judging.backfill_hours)
    if calendar != Calendar.PERFORMANCE or late:
        return 0
    given, after = 0, 0
    while rows := _published(day, shard, after):
        after = rows[-1][0]
        known = [store_id for store_id, level in rows if level is not None and level not in SAYS_NOTHING]
        given += _advise_batch(known, policy, day, at)
    return given


def _published(day: date, shard: Shard, after: int) -> list[tuple[int, str | None]]:
    """Stores with the level of their shipments."""
    rows = Published.objects.filter(day=day, calendar=Calendar.PERFORMANCE, store_id__gt=after).order_by("store_id")
    return list(shard.narrow(rows).values_list("store_id", KT(f"scorecard__{SHIPMENTS}__level"))[:ROWS_AT_ONCE])


@transaction.atomic
def _advise_batch(store_ids: Sequence[int], policy: Policy, day: date, at: datetime) -> int:
    """Issue and end advice for some stores on a day."""
    least, threshold = policy.metrics[SHIPMENTS].min_denominator, policy.notices.carrier_dependence_share
    found = {pk: one for pk, one in dependence_of(store_ids, day, policy).items() if one.total >= least}
    held = advice_beside(found, day, Advice.Kind.DEPENDENCE)
    due = {pk for pk, one in found.items() if (one.share > threshold) != bool(holding(held[pk, ""], day))}
    if not due:
        return 0
    # Runs of other days can't change these stores' advice while the rows are locked.
    there = hold_stores(due)
    held = advice_beside(there, day, Advice.Kind.DEPENDENCE)
    fallen = {pk: found[pk] for pk in there if found[pk].share > threshold and may_begin(held[pk, ""], day)}
    recovered = [one.pk for pk in there if found[pk].share <= threshold for one in holding(held[pk, ""], day)]
    Advice.objects.filter(pk__in=recovered, recovered_on=None).update(recovered_on=day)
    return _give(fallen, policy, day, at)


def _give(fallen: Mapping[int, Dependence], policy: Policy, day: date, at: datetime) -> int:
    stores = Store.objects.select_related("company").in_bulk(list(fallen))
    kind = Advice.Kind.DEPENDENCE
    Advice.objects.bulk_create([Advice(store=stores[pk], kind=kind, opened_on=day) for pk in fallen])
    names = Carrier.objects.in_bulk({one.carrier for one in fallen.values()})
    named = {code: carrier.name or code for code, carrier in names.items()}
    events = []
    for pk, one in fallen.items():
        shown = replace(one, carrier=named.get(one.carrier, one.carrier))
        events.append(_given(stores[pk], shown, policy, day, at))
    record_events(events)
    return len(fallen)


def _given(store: Store, found: Dependence, policy: Policy, day: date, at: datetime) -> Event:
    return Event(
        kind="advice.dependence",
        subject_kind="advice",
        subject_key=f"{store.store_no}/dependence/{day.isoformat()}",
        store_no=store.store_no,
        company_no=store.company.company_no,
        actor=SYSTEM,
        at=at,
        cause="PN-36",
        after={
            "day": day.isoformat(),
            "carrier": found.carrier,
            "share": decimal_text(found.share, PLACES),
            "shipments": found.total,
            "threshold": str(policy.notices.carrier_dependence_share),
            "days": policy.notices.carrier_dependence_days,
        },
    )
