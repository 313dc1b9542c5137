"""Levels of the liability rate and what they bring (DP-02 … DP-04)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from metrics.rules.days import run_begins
from penalties.figures import LEVELS, LIABILITY, brought_newly, level_names
from penalties.presenters.level_words import liability_words
from penalties.queries.levels import days_of, spells_of
from penalties.rules import Ending, Ground, PenaltyKind
from penalties.sources import grounds_of
from penalties.spells import Spell
from rulebook.policy import Policy

RULE = "DP-04"
# The insurance lasts by whole months, a source of its own (DP-12).
BY_OTHER_RULES = frozenset({PenaltyKind.INSURANCE_SURCHARGE})


@dataclass(frozen=True, slots=True)
class LevelSpell:
    """A spell of a store at a level, counted from 1, with the policy of its first day and what was found by day."""

    store_id: int
    level: int
    spell: Spell
    policy: Policy
    facts: Mapping[date, Mapping[str, Any]]

    @property
    def name(self) -> str:
        return level_names(self.policy)[self.level - 1]

    @property
    def starts_at(self) -> datetime:
        return run_begins(self.spell.first, LEVELS.calendar)

    @property
    def ends_at(self) -> datetime | None:
        return None if self.spell.last is None else run_begins(self.spell.last, LEVELS.calendar)


@grounds_of("liability", words=liability_words, rows=days_of(LEVELS))
def grounds_of_liability(store_ids: Collection[int], at: datetime) -> Iterator[Ground]:
    """Each kind of penalty belongs to the mildest level that brings it, from the publication of the first day at that
    level to that of the last of the days below it."""
    del at
    for found in spells_of(store_ids, LEVELS):
        spell = LevelSpell(*found)
        for kind in map(PenaltyKind, brought_newly(spell.policy, spell.name)):
            if kind not in BY_OTHER_RULES:
                yield from _grounds(spell, kind)


def _grounds(spell: LevelSpell, kind: PenaltyKind) -> Iterator[Ground]:
    first = spell.facts[spell.spell.first]
    ground = Ground(
        store_id=spell.store_id,
        kind=kind,
        cause=f"{spell.name} {spell.spell.first.isoformat()}",
        rule=RULE,
        starts_at=spell.starts_at,
        ends_at=spell.ends_at,
        ending=Ending.MET,
        facts={
            "level": spell.name,
            "day": spell.spell.first.isoformat(),
            "value": first["value"],
            "end_days": spell.policy.disputes.level_end_days,
            **_particulars(kind, spell),
        },
    )
    if kind == PenaltyKind.LISTING_DELISTED:
        yield from _delisted(ground, spell)
    elif kind == PenaltyKind.WITHDRAWAL_FREEZE:
        yield _until(ground, spell.starts_at + timedelta(days=spell.policy.disputes.withdrawal_freeze_max_days))
    else:
        yield ground


def _particulars(kind: PenaltyKind, spell: LevelSpell) -> dict[str, Any]:
    """What the words of a kind say besides the level."""
    disputes = spell.policy.disputes
    match kind:
        case PenaltyKind.AD_PREMIUM_CAP:
            return {"from": str(disputes.ad_premium_from), "to": str(disputes.ad_premium_to)}
        case PenaltyKind.WITHDRAWAL_FREEZE:
            return {"most_days": disputes.withdrawal_freeze_max_days}
        case PenaltyKind.LISTING_DELISTED:
            least, share = disputes.delist_min_disputes, str(disputes.delist_min_share)
            return {"least": least, "share": share, "hours": disputes.relist_hours}
        case PenaltyKind.WARNING:
            worse = spell.policy.metrics[LIABILITY].levels[spell.level :]
            return {"follows": [[name, str(least), brought_newly(spell.policy, name)] for name, least in worse]}
    return {}


def _until(ground: Ground, latest: datetime) -> Ground:
    """The ground with the latest instant at which it ends by itself."""
    if ground.ends_at is not None and ground.ends_at < latest:
        return ground
    return replace(ground, ends_at=latest, ending=Ending.EXPIRED)


def _delisted(ground: Ground, spell: LevelSpell) -> Iterator[Ground]:
    """Each listing at fault once in a spell, from the first day on which it is; for the hours of policy, whatever
    becomes of the level."""
    seen: set[str] = set()
    for day in sorted(spell.facts):
        if day < spell.spell.first or (spell.spell.last is not None and day > spell.spell.last):
            continue
        starts_at = run_begins(day, LEVELS.calendar)
        for sku in spell.facts[day].get("listings", ()):
            if sku not in seen:
                seen.add(sku)
                ends_at = starts_at + timedelta(hours=spell.policy.disputes.relist_hours)
                yield replace(
                    ground,
                    subject=sku,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    ending=Ending.EXPIRED,
                    facts={**ground.facts, "day": day.isoformat()},
                )
