"""Whose fault a metric's failures are, in words (BX-10): one line of shares, and the criteria that made it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages import formats
from insights.rules.fault import CRITERIA, PARTY_WORDS, Criterion, Faults, Party
from metrics import words
from metrics.catalogue import problem_counters


@dataclass(frozen=True, slots=True)
class PartyShare:
    """How many of the failures are whose fault."""

    party: str
    number: str
    share: str


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A criterion and how many failures it decided."""

    party: str
    text: str
    number: str


@dataclass(frozen=True, slots=True)
class CriteriaGroup:
    """The criteria of a failure in the order in which they are asked; named where a metric has several failures."""

    name: str
    rows: list[CriterionRow]


@dataclass(frozen=True, slots=True)
class FaultsPart:
    """What templates/dashboard/_faults.html reads; ``sync``: how many failures are sync failures (BX-13)."""

    total: int
    shares: list[PartyShare]
    groups: list[CriteriaGroup]
    sync: str


def faults_part(code: str, found: Faults) -> FaultsPart:
    """Whose fault the failures of a metric are."""
    counters = problem_counters(code)
    return FaultsPart(
        total=found.total,
        shares=[_share(party, found) for party in Party if found.by_party.get(party)],
        groups=[
            CriteriaGroup(str(words.COUNTER_WORDS[counter]) if len(counters) > 1 else "", _criteria(counter, found))
            for counter in counters
        ],
        sync=_sync_text(found),
    )


def _share(party: Party, found: Faults) -> PartyShare:
    number = found.by_party[party]
    share = formats.percent(formats.exact(number) / found.total, places=0)
    return PartyShare(str(PARTY_WORDS[party]), formats.number(number), share)


def _criteria(counter: str, found: Faults) -> list[CriterionRow]:
    def decided(criterion: Criterion | None) -> str:
        return formats.number(found.by_criterion.get((counter, criterion), 0))

    rows = [
        CriterionRow(str(PARTY_WORDS[criterion.party]), str(criterion.text), decided(criterion))
        for criterion in CRITERIA[counter]
    ]
    return [*rows, CriterionRow(str(PARTY_WORDS[Party.UNKNOWN]), _("none of these"), decided(None))]


def _sync_text(found: Faults) -> str:
    """How many failures are sync failures (BX-13); empty where there are none."""
    number = sum(
        count
        for (_counter, criterion), count in found.by_criterion.items()
        if criterion is not None and criterion.having == ("sync_failure",)
    )
    if not number:
        return ""
    text = ngettext(
        "%(count)s is a sync failure: the carrier scanned the parcel in time, its number came late from the source.",
        "%(count)s are sync failures: the carrier scanned the parcels in time, their numbers came late from the"
        " source.",
        number,
    )
    return text % {"count": formats.number(number)}
