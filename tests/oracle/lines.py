"""Effective lines (DM-31): category, level and site factors act on the allowed failure."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from .catalogue import Metric
from .instants import window
from .policy import Policy
from .world import Store, World

Lines = tuple[Fraction | None, Fraction | None]


def effective_lines(world: World, store_no: str, code: str, day: date) -> Lines:
    """Yellow and red after category, level and site factors; (None, None) where the metric does not apply."""
    metric, store = world.metric(code, day), world.store_on(store_no, day)
    policy = world.policy(day, metric.calendar)
    if code == "liability_rate":
        return liability_lines(policy, store, metric, day)
    if not applies(policy, store, code):
        return None, None
    factor = Fraction(1)
    if "category" in metric.scaled:
        factor *= category_factor(policy, store, code)
    if "level" in metric.scaled:
        factor *= policy.level_factors.get(store.level, Fraction(1))
    if "site" in metric.scaled:
        factor *= site_factor(world, store_no, metric, day, policy)
    return scaled_line(metric, metric.yellow, factor), scaled_line(metric, metric.red, factor)


def applies(policy: Policy, store: Store, code: str) -> bool:
    """Whether the metric is judged in the store's category; where it is not, its value is still shown (DM-31)."""
    # reading: a virtual store has no late_dispatch and delivered, whatever its other flags.
    return not any((flag, code) in policy.flag_exempt for flag in store.flags)


def scaled_line(metric: Metric, line: Fraction | None, factor: Fraction) -> Fraction | None:
    """The factor acts on the allowed failure: the distance from the value without failures."""
    return None if line is None else metric.perfect + (line - metric.perfect) * factor


def category_factor(policy: Policy, store: Store, code: str) -> Fraction:
    """The factor of the strictest flag of the store's primary category."""
    # reading: per metric; a flag without a shipped factor has 1, so that it can be the strictest.
    return min((policy.flag_factors.get((flag, code), Fraction(1)) for flag in store.flags), default=Fraction(1))


def site_factor(world: World, store_no: str, metric: Metric, day: date, policy: Policy) -> Fraction:
    """Site factors averaged over the store's orders shipped in the window, by destination."""
    sites = [site for at in window(day, metric.window) for site in world.destinations.get((store_no, at), [])]
    # reading: without any shipped order the factor is 1; an unknown site is one of the "others", 1.
    if not sites:
        return Fraction(1)
    return sum((policy.site_factors.get(site, Fraction(1)) for site in sites), Fraction(0)) / len(sites)


def liability_lines(policy: Policy, store: Store, metric: Metric, day: date) -> Lines:
    """Level 1 as the yellow line (2.8 % for stores younger than 90 days, DP-03), level 2 as the red one."""
    lines = dict(policy.liability_levels)
    return (policy.liability_new_store_l1 if is_new(policy, store, metric, day) else lines["L1"]), lines["L2"]


def is_new(policy: Policy, store: Store, metric: Metric, day: date) -> bool:
    """Store age < 90 days in the metric's calendar; an unknown opening day is not new (MX-10)."""
    age = store.age(day, metric.calendar)
    return age is not None and age < policy.new_store_days
