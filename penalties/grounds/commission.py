"""The surcharge on commission for a liability rate that stays high over month-ends (DP-11)."""

from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal

from metrics.rules.days import run_begins
from penalties.figures import COMMISSION
from penalties.presenters.level_words import commission_words
from penalties.queries.levels import days_of, spells_of
from penalties.rules import Ending, Ground, PenaltyKind
from penalties.sources import grounds_of


@grounds_of("commission", words=commission_words, rows=days_of(COMMISSION))
def grounds_of_commission(store_ids: Collection[int], at: datetime) -> Iterator[Ground]:
    """A store in a category without a commission in policy has none."""
    del at
    for store_id, _grade, spell, policy, facts in spells_of(store_ids, COMMISSION):
        first = facts[spell.first]
        if "category" not in first:
            continue
        added = policy.disputes.commission_surcharge
        yield Ground(
            store_id=store_id,
            kind=PenaltyKind.COMMISSION_SURCHARGE,
            cause=spell.first.isoformat(),
            rule="DP-11",
            starts_at=run_begins(spell.first, COMMISSION.calendar),
            ends_at=None if spell.last is None else run_begins(spell.last, COMMISSION.calendar),
            ending=Ending.MET,
            facts={
                "day": spell.first.isoformat(),
                "value": first["value"],
                "threshold": str(policy.disputes.commission_line),
                "months": policy.disputes.commission_months,
                "category": first["category"],
                "category_name": first["category_name"],
                "category_name_en": first["category_name_en"],
                "before": first["commission"],
                "after": str(Decimal(first["commission"]) + added),
            },
        )
