"""SQL that depends on the policy in force at an instant of each row (counting parameters, MX)."""

from collections.abc import Callable

from core.sql import SQL, Composable, Literal
from core.timebase import to_epoch
from rulebook.policy import Policy
from rulebook.queries import policies


def per_policy(condition: Callable[[Policy], Composable], created_at: Composable) -> Composable:
    """A condition that depends on the policy in force at an order's creation (counting parameters, MX)."""
    periods = policies()
    if len(periods) == 1:
        return SQL("({condition})").format(condition=condition(periods[0].policy))
    cases = [
        SQL("WHEN {created_at} >= {start} THEN ({condition})").format(
            created_at=created_at, start=Literal(to_epoch(period.start)), condition=condition(period.policy)
        )
        for period in reversed(periods)
    ]
    return SQL("(CASE {cases} END)").format(cases=SQL(" ").join(cases))
