"""Insurance premiums that are not refunded, and their surcharge, from level 2 of the liability rate on (DP-12)."""

from collections.abc import Collection, Iterator
from datetime import datetime

from metrics.rules.days import run_begins
from penalties.figures import INSURANCE, level_names, level_of_kind
from penalties.presenters.level_words import insurance_words
from penalties.queries.levels import days_of, spells_of
from penalties.rules import Ending, Ground, PenaltyKind
from penalties.sources import grounds_of
from penalties.spells import month_after


@grounds_of("insurance", words=insurance_words, rows=days_of(INSURANCE))
def grounds_of_insurance(store_ids: Collection[int], at: datetime) -> Iterator[Ground]:
    """From the publication of the first day at the level on: the month's premiums are not refunded, and those of the
    following months cost more."""
    del at
    for store_id, _grade, spell, policy, facts in spells_of(store_ids, INSURANCE):
        level = level_of_kind(policy, PenaltyKind.INSURANCE_SURCHARGE)
        yield Ground(
            store_id=store_id,
            kind=PenaltyKind.INSURANCE_SURCHARGE,
            cause=spell.first.isoformat(),
            rule="DP-12",
            starts_at=run_begins(spell.first, INSURANCE.calendar),
            ends_at=None if spell.last is None else run_begins(spell.last, INSURANCE.calendar),
            ending=Ending.MET,
            facts={
                "level": level_names(policy)[level - 1],
                "day": spell.first.isoformat(),
                "value": facts[spell.first]["value"],
                "surcharge": str(policy.disputes.insurance_surcharge),
                "surcharge_from": month_after(spell.first).isoformat(),
            },
        )
