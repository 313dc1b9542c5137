"""Linked stores are re-examined at once when one reaches a level (DP-05)."""

from collections.abc import Mapping, Sequence
from datetime import date

from core.events import SYSTEM, record_events
from core.models import Event
from metrics.rules.days import run_begins
from orders.services.cases import open_risk_case
from penalties.figures import LEVELS, level_names
from penalties.queries.levels import policies_on
from penalties.queries.linked import linked_stores
from stores.models import Store

CASE, EXAMINED = "linked_stores", "linked_stores.examined"
RULE = "DP-05"


def examine_linked_stores(*, reached: Mapping[int, int], day: date) -> None:
    """Open a case for operations about each governed store that reaches a level on a day, and tell the stores linked to
    it.

    ``reached``: the level by store, counted from 1. Call it in the transaction that grades the day; nights that run in
    parts grade linked stores one after the other, so rows hold no figures: readers find them by the day
    (`penalties.queries.linked`). What a linked store is told names nobody else (RL-08).
    """
    linked = {pk: stores for pk, stores in linked_stores(reached).items() if stores} if reached else {}
    if not linked:
        return
    names = level_names(policies_on(LEVELS.calendar)(day))
    told: dict[tuple[str, str], Event] = {}
    for pk, store in Store.objects.select_related("company").in_bulk(list(linked)).items():
        level = names[reached[pk] - 1]
        _open_case(store, level, day, linked[pk])
        told |= {(one.store_no, level): _event(one, level, day) for one in linked[pk]}
    known = Event.objects.filter(kind=EXAMINED, subject_key__in={number for number, _level in told})
    before = {(one.subject_key, one.after["level"]) for one in known if one.after["day"] == day.isoformat()}
    record_events([event for key, event in told.items() if key not in before])


def _open_case(store: Store, level: str, day: date, linked: Sequence[Store]) -> None:
    open_risk_case(
        store=store,
        kind=CASE,
        subject_kind="store",
        subject_key=store.store_no,
        facts={
            "level": level,
            "day": day.isoformat(),
            "stores": [{"store": one.store_no, "company": one.company.company_no} for one in linked],
        },
        at=run_begins(day, LEVELS.calendar),
        dedupe=f"{level} {day.isoformat()}",
    )


def _event(store: Store, level: str, day: date) -> Event:
    return Event(
        kind=EXAMINED,
        subject_kind="store",
        subject_key=store.store_no,
        actor=SYSTEM,
        at=run_begins(day, LEVELS.calendar),
        store_no=store.store_no,
        company_no=store.company.company_no,
        cause=RULE,
        after={"level": level, "day": day.isoformat()},
    )
