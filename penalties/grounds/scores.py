"""A low health score, and the hard thresholds over 90 days (DP-06, TM-10)."""

from collections.abc import Collection, Iterator
from datetime import datetime

from metrics.rules.days import run_begins
from penalties.figures import BLOCKED, HEALTH, SERVICE, Figure
from penalties.presenters.level_words import health_words, service_words
from penalties.queries.levels import spells_of
from penalties.rules import Ending, Ground, PenaltyKind
from penalties.sources import grounds_of
from penalties.spells import Spell


@grounds_of("health", words=health_words)
def grounds_of_health(store_ids: Collection[int], at: datetime) -> Iterator[Ground]:
    """No promotions from the publication of the first score below the threshold to that of the first one that is not
    (DP-06). What follows further below is a case."""
    del at
    for store_id, grade, spell, policy, facts in spells_of(store_ids, HEALTH):
        if grade == BLOCKED:
            score = {"value": facts[spell.first]["value"], "threshold": str(policy.shs.promotion_block_below)}
            yield _ground(store_id, HEALTH, spell, (PenaltyKind.PROMOTION_BLOCK, "DP-06"), score)


@grounds_of("service", words=service_words)
def grounds_of_service(store_ids: Collection[int], at: datetime) -> Iterator[Ground]:
    """A warning of each hard threshold that is crossed, until the first day on which it is not (TM-10)."""
    del at
    for code, figure in SERVICE.items():
        for store_id, _grade, spell, policy, facts in spells_of(store_ids, figure):
            crossed = {"metric": code, "value": facts[spell.first]["value"], "threshold": str(policy.metrics[code].red)}
            yield _ground(store_id, figure, spell, (PenaltyKind.WARNING, "TM-10"), crossed)


def _ground(
    store_id: int, figure: Figure, spell: Spell, what: tuple[PenaltyKind, str], facts: dict[str, str]
) -> Ground:
    kind, rule = what
    return Ground(
        store_id=store_id,
        kind=kind,
        cause=f"{figure.name} {spell.first.isoformat()}",
        rule=rule,
        starts_at=run_begins(spell.first, figure.calendar),
        ends_at=None if spell.last is None else run_begins(spell.last, figure.calendar),
        ending=Ending.MET,
        facts={"day": spell.first.isoformat(), **facts},
    )
