"""Linked stores are re-examined at once when one reaches a level (DP-05)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from core.events import SYSTEM, record_events
from core.models import Event
from metrics.catalogue import Calendar
from metrics.models import Published
from metrics.rules.days import run_begins
from orders.services.cases import open_risk_case
from penalties.figures import LEVELS, LIABILITY, level_names
from penalties.queries.levels import policies_on
from penalties.queries.linked import linked_stores
from penalties.thresholds import near_thresholds
from rulebook.policy import Policy
from stores.models import Store

CASE, EXAMINED = "linked_stores", "linked_stores.examined"
RULE = "DP-05"

Examination = dict[str, Any]


def examine_linked_stores(*, reached: Mapping[int, int], day: date) -> None:
    """Open a case for operations about each governed store that reaches a level on a day, and tell the stores linked to
    it.

    ``reached``: the level by store, counted from 1. Call it in the transaction that grades the day, once. What a linked
    store is told names nobody else and holds its own figures alone (RL-08).
    """
    linked = {pk: stores for pk, stores in linked_stores(reached).items() if stores} if reached else {}
    if not linked:
        return
    policy = policies_on(LEVELS.calendar)(day)
    names = level_names(policy)
    others = {one.pk: one for stores in linked.values() for one in stores}
    examined = _examine(others, day, policy)
    told: dict[int, int] = {}
    for pk, store in Store.objects.select_related("company").in_bulk(list(linked)).items():
        level = reached[pk]
        _open_case(store, names[level - 1], day, [(one, examined[one.pk]) for one in linked[pk]])
        for one in linked[pk]:
            told[one.pk] = max(level, told.get(one.pk, 0))
    record_events([_event(others[pk], names[level - 1], day, examined[pk]) for pk, level in told.items()])


def _open_case(store: Store, level: str, day: date, linked: Sequence[tuple[Store, Examination]]) -> None:
    stores = [{"store": one.store_no, "company": one.company.company_no, **found} for one, found in linked]
    open_risk_case(
        store=store,
        kind=CASE,
        subject_kind="store",
        subject_key=store.store_no,
        facts={"level": level, "day": day.isoformat(), "stores": stores},
        at=run_begins(day, LEVELS.calendar),
        dedupe=f"{level} {day.isoformat()}",
    )


def _event(store: Store, level: str, day: date, found: Examination) -> Event:
    return Event(
        kind=EXAMINED,
        subject_kind="store",
        subject_key=store.store_no,
        actor=SYSTEM,
        at=run_begins(day, LEVELS.calendar),
        store_no=store.store_no,
        company_no=store.company.company_no,
        cause=RULE,
        after={"level": level, "day": day.isoformat(), **found},
    )


def _examine(stores: Collection[int], day: date, policy: Policy) -> dict[int, Examination]:
    """What was last published of stores: the liability rate, and what is near a threshold, by store."""
    found: dict[int, Examination] = {pk: {"near": []} for pk in stores}
    nights = Q(day=day, calendar=Calendar.PERFORMANCE) | Q(day=day - timedelta(days=1), calendar=Calendar.RATING)
    rows = Published.objects.filter(nights, store_id__in=stores).order_by("calendar")
    for store_id, scorecard in rows.values_list("store_id", "scorecard"):
        found[store_id]["near"] += near_thresholds(scorecard, policy)
        if "value" in scorecard.get(LIABILITY, {}):
            found[store_id]["liability"] = scorecard[LIABILITY]["value"]
    return found
