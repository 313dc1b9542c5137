"""From when on a trace has been silent for too long (TM-03)."""

from dataclasses import dataclass

from rulebook.policy import Policy


@dataclass(frozen=True, slots=True)
class Limits:
    """The seconds after which a trace has been silent for too long, and for very long."""

    silence: int
    recheck: int


def limits_of(policy: Policy) -> Limits:
    return Limits(policy.counting.silence_hours * 3600, policy.transactions.recheck_silence_hours * 3600)
