"""A low health score, and the hard thresholds over 90 days (DP-06, TM-10)."""

from collections.abc import Collection, Iterator
from datetime import datetime

from metrics.rules.days import run_begins
from penalties.figures import BLOCKED, HEALTH, REVIEWED, SERVICE, Figure
from penalties.presenters.level_words import health_words, service_words
from penalties.queries.levels import days_of, spells_of
from penalties.rules import CaseGround, Ending, Found, Ground, PenaltyKind
from penalties.sources import grounds_of
from penalties.spells import Spell
from stores.models import Store

REVIEW = "shs_review"


@grounds_of("health", words=health_words, rows=days_of(HEALTH))
def grounds_of_health(store_ids: Collection[int], at: datetime) -> Iterator[Found]:
    """No promotions from the publication of the first score below the threshold to that of the first one that is not;
    a case each time the score falls below the lower threshold (DP-06)."""
    del at
    found = list(spells_of(store_ids, HEALTH))
    low = {store_id for store_id, grade, *_spell in found if grade == REVIEWED}
    numbers = dict(Store.objects.filter(pk__in=low).values_list("pk", "store_no")) if low else {}
    for store_id, grade, spell, policy, facts in found:
        score = {"value": facts[spell.first]["value"], "threshold": str(policy.shs.promotion_block_below)}
        if grade == BLOCKED:
            yield _ground(store_id, HEALTH, spell, (PenaltyKind.PROMOTION_BLOCK, "DP-06"), score)
        elif store_id in numbers:
            yield CaseGround(
                store_id=store_id,
                kind=REVIEW,
                cause=spell.first.isoformat(),
                opened_at=run_begins(spell.first, HEALTH.calendar),
                subject_kind="store",
                subject_key=numbers[store_id],
                facts={"day": spell.first.isoformat(), "value": score["value"]},
            )


@grounds_of("service", words=service_words, rows=days_of(*SERVICE.values()))
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
