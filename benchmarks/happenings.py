"""The rows related to the orders of a plan, as arrays: scans, reviews, disputes, refunds, messages of some time."""

from dataclasses import dataclass

import numpy as np

from benchmarks.lives import HOUR, NEVER, SITES, Numbers, Plan

FIRST_ORDER_NO = 8_000_000_000_000_000
FIRST_PARCEL = 100_000_000_000
SCANS = ["pickup", "transit", "delivered", "lost"]
PLACES = ["CN", *SITES]


@dataclass(frozen=True)
class Scans:
    """One element per scan; ``order`` is its order's place in the plan, ``kind`` and ``place`` one of the words."""

    order: Numbers
    at: Numbers
    kind: Numbers
    place: Numbers


@dataclass(frozen=True)
class Rows:
    """One element per row; ``second`` marks the rows of the second sort: automatic reviews, answers."""

    order: Numbers
    second: Numbers
    at: Numbers


def scans(plan: Plan, since: int, now: int) -> Scans:
    """Scans in (since, now]: one every 44 h at the latest, but for 3 % of traces."""
    sent = np.flatnonzero(plan.shipped != NEVER)
    ended, pickup = plan.ended[sent], plan.shipped[sent] + 6 * HOUR
    steps = np.maximum(1, -(-(ended - pickup) // (44 * HOUR)))
    of_order = np.repeat(np.arange(len(sent)), steps + 1)
    step = np.arange(len(of_order)) - np.repeat(np.cumsum(steps + 1) - (steps + 1), steps + 1)
    at = pickup[of_order] + (ended - pickup)[of_order] * step // steps[of_order]
    last = step == steps[of_order]
    kind = np.where(last, np.where(plan.lost[sent][of_order], 3, 2), np.where(step == 0, 0, 1))
    left_out = plan.gap[sent][of_order] & (step == 1) & ~last
    chosen = np.flatnonzero((at > since) & (at <= now) & ~left_out)
    orders = sent[of_order[chosen]]
    return Scans(orders, at[chosen], kind[chosen], np.where(step[chosen] < 2, 0, plan.site[orders] + 1))


def reviews(plan: Plan, since: int, now: int) -> Rows:
    """Buyers' reviews, then automatic ones, of (since, now]."""
    return _two_sorts(plan.reviewed, plan.auto, since, now)


def messages(plan: Plan, since: int, now: int) -> Rows:
    """Questions, then answers, of (since, now]."""
    return _two_sorts(plan.asked, plan.answered, since, now)


def disputed(plan: Plan, since: int, now: int) -> Numbers:
    """Places of the orders with a dispute opened in (since, now]."""
    return np.flatnonzero((plan.disputed > since) & (plan.disputed <= now))


def refunded(plan: Plan, since: int, now: int) -> Numbers:
    """Places of the orders with a full refund completed in (since, now]."""
    return np.flatnonzero((plan.refunded > since) & (plan.refunded <= now))


def _two_sorts(first: Numbers, second: Numbers, since: int, now: int) -> Rows:
    ones = np.flatnonzero((first > since) & (first <= now))
    others = np.flatnonzero((second > since) & (second <= now))
    orders = np.concatenate([ones, others])
    is_second = np.arange(len(orders)) >= len(ones)
    return Rows(orders, is_second, np.where(is_second, second[orders], first[orders]))
