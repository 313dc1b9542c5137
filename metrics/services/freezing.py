"""Freezes of the published rating (SR-06): opened with the publishing of an anomalous day, ended by a reviewer."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from core.events import SYSTEM, record_event
from core.timebase import days_between, rating_day_end, window_start
from metrics.catalogue import Calendar
from metrics.events import FREEZE
from metrics.models import Fact, Published, RatingAnomalyCase, RatingFreeze
from metrics.models.governance import RATING_PLACES
from metrics.rules.anomaly import ANOMALY_COUNTERS, NEEDED_FEEDS, Anomaly, anomalies_of, expected_recovery
from metrics.rules.rating import is_rated_type
from rulebook.policy import Policy
from rulebook.queries import policy_at
from stores.models import Feed, Store, User
from stores.principals import Person

CAUSE = "SR-06"
NO_COUNTS = dict.fromkeys(ANOMALY_COUNTERS, 0)


class PredictedFreezeError(ValueError):
    """A predicted freeze holds nothing back, so there is nothing that a reviewer could end."""


def hold_ratings(*, computed: Mapping[int, str | None], day: date, at: datetime) -> dict[int, dict[str, Any]]:
    """Open the freezes that a rating day brings; returns, by store, what the published result of a store in a freeze
    has besides the computed one. ``computed``: the ratings by store, None without one.

    Call it in the transaction that appends the day's rows, before they are saved, with the stores' rows held: so that
    a day and its freeze are there together or not at all. A day published too late freezes nothing (MX-09), but stays
    in a freeze that goes on.
    """
    policy = policy_at(rating_day_end(day) - timedelta(seconds=1))
    freezes = _freezes_near(computed, day, policy.rating.anomaly_delay_days)
    late = at > rating_day_end(day) + timedelta(hours=policy.judging.backfill_hours)
    found = {} if late else _anomalies(computed, day, policy, freezes)
    stores = Store.objects.select_related("company").in_bulk(found)
    held = {}
    for store_id in [store_id for store_id in computed if store_id in freezes or store_id in found]:
        near, anomalies = freezes[store_id], found.get(store_id, [])
        if anomalies:
            predicted = stores[store_id].mode == Store.Mode.MIRRORED
            if not any(one.predicted == predicted for one in near if _covers(one, day)):
                near.append(_open_freeze(stores[store_id], day, anomalies, policy, at, predicted=predicted))
        _end_predictions(near, day, anomalies, policy)
        acting = [freeze for freeze in near if _covers(freeze, day) and not freeze.predicted]
        if acting:
            held[store_id] = _held(acting, computed[store_id])
    return held


def _freezes_near(stores: Collection[int], day: date, window: int) -> dict[int, list[RatingFreeze]]:
    """Freezes by store that go on, or ended within the window of days up to ``day`` or later."""
    found: dict[int, list[RatingFreeze]] = defaultdict(list)
    recent = Q(end_day=None) | Q(end_day__gte=window_start(day, window))
    for freeze in RatingFreeze.objects.filter(recent, store_id__in=stores, start_day__lte=day).order_by("id"):
        found[freeze.store_id].append(freeze)
    return found


def _covers(freeze: RatingFreeze, day: date) -> bool:
    return freeze.start_day <= day and (freeze.end_day is None or day <= freeze.end_day)


def _anomalies(
    stores: Collection[int], day: date, policy: Policy, freezes: Mapping[int, Sequence[RatingFreeze]]
) -> dict[int, list[Anomaly]]:
    """What is anomalous, by store: with known data only (MX-07), and of days that no reviewer has looked at yet."""
    first = window_start(day, policy.rating.anomaly_delay_days)
    counts: dict[int, dict[date, Mapping[str, int]]] = defaultdict(dict)
    facts = Fact.objects.filter(store_id__in=stores, day__gte=first, day__lte=day)
    for store_id, fact_day, *numbers in facts.values_list("store_id", "day", *ANOMALY_COUNTERS):
        counts[store_id][fact_day] = dict(zip(ANOMALY_COUNTERS, numbers, strict=True))
    known = _known_feeds(counts, day)
    types = dict(Store.objects.filter(id__in=counts).values_list("id", "store_type"))
    found = {}
    for store_id, by_day in counts.items():
        if not is_rated_type(policy, types[store_id]):
            continue
        ended = [one.end_day for one in freezes.get(store_id, ()) if one.end_day is not None and one.end_day < day]
        start = max([first, *(end + timedelta(days=1) for end in ended)])
        days = [(one, by_day.get(one, NO_COUNTS)) for one in days_between(start, day)]
        anomalies = [one for one in anomalies_of(days, policy) if known[store_id].issuperset(NEEDED_FEEDS[one.kind])]
        if anomalies:
            found[store_id] = anomalies
    return found


def _known_feeds(stores: Collection[int], day: date) -> dict[int, set[str]]:
    """The kinds of data that are known to the end of a rating day, by store."""
    found: dict[int, set[str]] = {store_id: set() for store_id in stores}
    feeds = Feed.objects.filter(store_id__in=stores, known_until__gte=rating_day_end(day))
    for store_id, kind in feeds.values_list("store_id", "kind"):
        found[store_id].add(kind)
    return found


def _open_freeze(
    store: Store, day: date, anomalies: Sequence[Anomaly], policy: Policy, at: datetime, *, predicted: bool
) -> RatingFreeze:
    """A prediction asks nobody to look: another platform's people will (DM-11a)."""
    causes = [one.as_data() for one in anomalies]
    freeze = RatingFreeze.objects.create(
        store=store,
        start_day=day,
        predicted=predicted,
        held=_last_shown(store, day),
        causes=causes,
        policy_version=policy.number,
        opened_at=at,
    )
    if not predicted:
        RatingAnomalyCase.objects.create(
            store=store,
            kind=RatingAnomalyCase.Kind.RATING_ANOMALY,
            freeze=freeze,
            opened_at=at,
            details={"day": day.isoformat(), "causes": causes, "policy_version": policy.number},
        )
    kind = "rating.freeze_predicted" if predicted else "rating.frozen"
    held = None if freeze.held is None else str(freeze.held)
    _record(kind, freeze, actor=SYSTEM, at=at, after={"start_day": day.isoformat(), "held": held, "causes": causes})
    return freeze


def _last_shown(store: Store, day: date) -> Decimal | None:
    """What was last published before a day."""
    rows = Published.objects.filter(store=store, calendar=Calendar.RATING, day__lt=day)
    row = rows.order_by("-day").first()
    return None if row is None else row.shown_rating


def _held(freezes: Sequence[RatingFreeze], computed: str | None) -> dict[str, Any]:
    """What freezes that act make of a day's result. The first rating of a store without one is published and stays."""
    held: dict[str, Any] = {"frozen": True}
    for freeze in freezes:
        if freeze.held is None and computed is not None:
            freeze.held = Decimal(computed)
            RatingFreeze.objects.filter(pk=freeze.pk).update(held=freeze.held)
        if freeze.held is not None:
            held["published"] = f"{freeze.held:.{RATING_PLACES}f}"
    return held


def _end_predictions(near: Sequence[RatingFreeze], day: date, anomalies: Sequence[Anomaly], policy: Policy) -> None:
    """A prediction ends by itself, on the first day without an anomaly once the expected recovery is over."""
    for freeze in near:
        over = rating_day_end(day) >= expected_recovery(freeze.opened_at, policy)
        if freeze.predicted and freeze.is_open and over and not anomalies:
            freeze.end_day = day - timedelta(days=1)
            freeze.ended_at = rating_day_end(day)
            freeze.save(update_fields=["end_day", "ended_at"])


@transaction.atomic
def end_freeze(*, freeze: RatingFreeze, reason: str, user: User, at: datetime) -> bool:
    """End a freeze after the last day that was published, and close its case; the next day follows the computed rating
    again. False where somebody else ended it first. Raises PredictedFreezeError; ValueError without a reason."""
    if freeze.predicted:
        raise PredictedFreezeError
    if not reason.strip():
        raise ValueError("a freeze is ended with a reason")
    # The night holds the store's row as it publishes: the last day is not half-published then.
    store = Store.objects.select_for_update(no_key=True, of=("self",)).select_related("company").get(pk=freeze.store_id)
    freeze.store = store
    return _end(freeze, reason.strip(), user, Person(user).actor, at)


def end_groundless_freezes(*, store: Store, reason: str, at: datetime) -> list[RatingFreeze]:
    """End the store's freezes that no anomaly of their days holds up, after a correction of the facts; returns them.
    Call it in a transaction with the store's row held, its company loaded."""
    ended = []
    for freeze in RatingFreeze.objects.acting().filter(store=store, end_day=None).order_by("start_day"):
        freeze.store = store
        if not _is_anomalous(freeze) and _end(freeze, reason, None, SYSTEM, at):
            ended.append(freeze)
    return ended


def _is_anomalous(freeze: RatingFreeze) -> bool:
    """Whether any day of a freeze, as far as days are published, has an anomaly by the present facts."""
    days = days_between(freeze.start_day, _last_published(freeze))
    longest = max(policy_at(rating_day_end(day)).rating.anomaly_delay_days for day in (days[0], days[-1]))
    first = window_start(days[0], longest)
    counts: dict[date, dict[str, int]] = {}
    facts = Fact.objects.filter(store_id=freeze.store_id, day__gte=first, day__lte=days[-1])
    for day, *numbers in facts.values_list("day", *ANOMALY_COUNTERS):
        counts[day] = dict(zip(ANOMALY_COUNTERS, numbers, strict=True))
    return any(anomalies_of(*_of_day(day, counts)) for day in days)


def _of_day(day: date, counts: Mapping[date, Mapping[str, int]]) -> tuple[list[tuple[date, Mapping[str, int]]], Policy]:
    """The counts that a rating day's anomalies are found in, and the policy that judges them."""
    policy = policy_at(rating_day_end(day) - timedelta(seconds=1))
    first = window_start(day, policy.rating.anomaly_delay_days)
    return [(one, counts.get(one, NO_COUNTS)) for one in days_between(first, day)], policy


def _last_published(freeze: RatingFreeze) -> date:
    rows = Published.objects.filter(store_id=freeze.store_id, calendar=Calendar.RATING, day__gte=freeze.start_day)
    last: date | None = rows.order_by("-day").values_list("day", flat=True).first()
    return last or freeze.start_day


def _end(freeze: RatingFreeze, reason: str, user: User | None, actor: str, at: datetime) -> bool:
    last = _last_published(freeze)
    ended = {"end_day": last, "ended_at": at, "ended_by": user, "reason": reason}
    if RatingFreeze.objects.filter(pk=freeze.pk, end_day=None).update(**ended) != 1:
        return False
    store = freeze.store
    freeze.refresh_from_db()
    freeze.store = store
    RatingAnomalyCase.objects.filter(freeze=freeze, state=RatingAnomalyCase.State.OPEN).update(
        state=RatingAnomalyCase.State.CLOSED, closed_at=at, closed_by=user, reason=reason
    )
    _record(
        "rating.unfrozen", freeze, actor=actor, at=at, before={"end_day": None}, after={"end_day": last.isoformat()}
    )
    return True


def _record(kind: str, freeze: RatingFreeze, *, actor: str, at: datetime, **states: Any) -> None:
    store = freeze.store
    record_event(
        kind=kind,
        subject_kind=FREEZE,
        subject_key=f"{store.store_no}/{freeze.start_day.isoformat()}",
        actor=actor,
        at=at,
        store_no=store.store_no,
        company_no=store.company.company_no,
        cause=CAUSE,
        **states,
    )
