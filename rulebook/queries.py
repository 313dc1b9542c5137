"""Which policy was in force when (DM-30)."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from rulebook.models import PolicyVersion
from rulebook.policy import InvalidPolicyError, Policy, load_policy
from rulebook.policy.build import Data
from rulebook.shipped import SHIPPED


@dataclass(frozen=True, slots=True)
class PolicyPeriod:
    """A policy and the half-open span ``[start, end)`` in which it is in force; ``end`` None: until further notice."""

    start: datetime
    end: datetime | None
    policy: Policy


_Stamp = tuple[tuple[int, datetime, str], ...]
_cached: tuple[_Stamp, tuple[PolicyPeriod, ...]] = ((), ())
# Inside `policies_held`: what the first question found; empty before it.
_held: ContextVar[list[tuple[PolicyPeriod, ...]] | None] = ContextVar("policies_held", default=None)


@contextmanager
def policies_held() -> Iterator[None]:
    """Ask for policies once inside: a page that only reads is made of one state of them, and by one question; so are
    the panels of other apps in it."""
    if _held.get() is not None:
        yield
        return
    token = _held.set([])
    try:
        yield
    finally:
        _held.reset(token)


def policies() -> Sequence[PolicyPeriod]:
    """Every policy that was, is or will be in force, by start.

    One small query per call tells whether what this process keeps is still whole, so that a version published by
    another process acts at once; a loop over many instants takes this once and looks up with ``policy_in``.
    """
    global _cached
    held = _held.get()
    if held:
        return held[0]
    stamp: _Stamp = tuple(
        PolicyVersion.objects.order_by("effective_from", "number").values_list("number", "effective_from", "digest")
    )
    if stamp != _cached[0]:
        _cached = (stamp, _periods(stamp))
    if held is not None:
        held.append(_cached[1])
    return _cached[1]


def policy_at(instant: datetime) -> Policy:
    """The policy in force at an instant."""
    return policy_in(policies(), instant)


def policy_in(periods: Sequence[PolicyPeriod], instant: datetime) -> Policy:
    """The policy in force at an instant, among periods taken before; before the first, the first."""
    index = bisect_right(periods, instant, key=lambda period: period.start)
    return periods[max(index - 1, 0)].policy


def latest_version() -> PolicyVersion:
    """The version published last, whether it is in force yet or not: the base of the next one."""
    return PolicyVersion.objects.order_by("-number")[0]


def version_at(instant: datetime) -> PolicyVersion:
    """The version in force at an instant, as stored."""
    begun = PolicyVersion.objects.filter(effective_from__lte=instant)
    return begun.order_by("-effective_from", "-number")[0]


def policy_of(version: PolicyVersion) -> Policy:
    """The typed policy of a stored version."""
    return load_policy(whole_data(version), number=version.number)


def whole_data(version: PolicyVersion) -> Data:
    """A version's parameters; those that a later release added take their shipped value."""
    data: Data = version.data
    try:
        load_policy(data, number=version.number)
    except InvalidPolicyError:
        return {**SHIPPED, **data}
    return data


def _periods(stamp: _Stamp) -> tuple[PolicyPeriod, ...]:
    kept = {period.policy.number: period.policy for period in _cached[1]}
    known = {number: digest for number, _, digest in _cached[0]}
    stale = [number for number, _, digest in stamp if known.get(number) != digest or number not in kept]
    for version in PolicyVersion.objects.filter(number__in=stale):
        kept[version.number] = policy_of(version)
    # Of two versions that begin at the same instant the later one stands.
    starts = {start: number for number, start, _ in stamp}
    ends: list[datetime | None] = [*list(starts)[1:], None]
    return tuple(
        PolicyPeriod(start, end, kept[number]) for (start, number), end in zip(starts.items(), ends, strict=True)
    )
