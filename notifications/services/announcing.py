"""Companies are told of a policy version some days before it changes their thresholds or penalties (BX-14)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from core.timebase import performance_day
from metrics.catalogue import METRICS
from metrics.scorecards.store_profiles import StoreProfile, load_profiles
from metrics.scorecards.terms import NOT_APPLICABLE, Thresholds, scaled_thresholds
from notifications.models import InboxMessage
from notifications.rules import MessageGroup
from notifications.services.messages import post_messages
from rulebook.policy import Policy
from rulebook.queries import PolicyPeriod, policies, policy_in
from rulebook.rules import metric_factors
from stores.models import Store

ANNOUNCED = "policy.announced"
STORES_AT_ONCE = 500


def announce_policies(*, at: datetime) -> int:
    """Tell companies of the versions that come into force within the days that policy gives; returns the messages that
    are new. A company is told of a version once, however often this runs."""
    periods = policies()
    ahead = timedelta(days=policy_in(periods, at).beyond.announce_days)
    coming = [(before, after) for before, after in pairwise(periods) if at < after.start <= at + ahead]
    return sum(_announce(before.policy, after, at) for before, after in coming)


def _announce(before: Policy, after: PolicyPeriod, at: datetime) -> int:
    event = f"{ANNOUNCED} {after.policy.number}"
    told = InboxMessage.objects.filter(event=event).values("company")
    first: dict[int, Store] = {}
    metrics: dict[int, set[str]] = defaultdict(set)
    for store, profile in _stores(Store.objects.exclude(company__in=told)):
        first.setdefault(store.company_id, store)
        metrics[store.company_id] |= changed_thresholds(profile, before, after.policy, performance_day(after.start))
    penalties = penalties_of(before) != penalties_of(after.policy)
    messages = [
        InboxMessage(
            company_id=company_id,
            store=store,
            kind=ANNOUNCED,
            group=MessageGroup.NEWS,
            event=event,
            parameters={
                "number": after.policy.number,
                "starts": after.start.isoformat(),
                "metrics": [code for code in METRICS if code in metrics[company_id]],
                "penalties": penalties,
            },
            at=at,
        )
        for company_id, store in first.items()
        if metrics[company_id] or penalties
    ]
    return len(post_messages(messages))


def _stores(rows: Any) -> Iterator[tuple[Store, StoreProfile]]:
    last = 0
    while stores := list(rows.filter(pk__gt=last).order_by("pk")[:STORES_AT_ONCE]):
        yield from zip(stores, load_profiles(stores), strict=True)
        last = stores[-1].pk


def changed_thresholds(profile: StoreProfile, before: Policy, after: Policy, day: date) -> set[str]:
    """The metrics whose thresholds change for a store of this category and level; those for new stores among them, and
    those for destinations of orders wherever it ships."""
    flags, level = profile.category_on(day).flags, profile.period_on(day).level
    return {
        code
        for code in before.metrics.keys() | after.metrics.keys()
        if _thresholds(before, code, flags, level) != _thresholds(after, code, flags, level)
    }


def _thresholds(policy: Policy, code: str, flags: frozenset[str], level: str) -> tuple[Any, ...]:
    rules = policy.metrics.get(code)
    if rules is None:
        return ()
    factors = metric_factors(policy, code, flags=flags, level=level, shipped_by_site={})
    made = [
        NOT_APPLICABLE if factors is None else scaled_thresholds(rules, factors, young=young) for young in (False, True)
    ]
    sites = policy.factors.site if "site" in rules.scaled else None
    return (*map(_values, made), rules.levels, sites)


def _values(thresholds: Thresholds) -> tuple[Any, ...]:
    parts = (thresholds.yellow, thresholds.red)
    return (thresholds.applies, *(part and part.value for part in parts))


def penalties_of(policy: Policy) -> Sequence[Any]:
    """What penalties follow from: notices, points, levels of the liability rate, the health score, listings."""
    disputes = policy.disputes
    return (
        policy.notices.ladder,
        policy.penalties.points_ladder,
        policy.penalties.forbidding,
        disputes.level_penalties,
        disputes.level_end_days,
        policy.shs.promotion_block_below,
        policy.shs.manual_review_below,
    )
