"""Whose fault a metric's failures are, in words (BX-10): one line of shares, and the criteria that made it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages import formats
from insights.rules.fault import CRITERIA, PARTY_WORDS, Faults, Party
from metrics import words
from metrics.catalogue import problem_counters

Part = dict[str, Any]


def faults_context(code: str, found: Faults) -> Part:
    """What templates/dashboard/_faults.html reads."""
    counters = problem_counters(code)
    return {
        "total": found.total,
        "shares": [_share(party, found) for party in Party if found.by_party.get(party)],
        "groups": [
            {"name": words.COUNTER_WORDS[counter] if len(counters) > 1 else "", "rows": _criteria(counter, found)}
            for counter in counters
        ],
        "sync": _sync_text(found),
    }


def _share(party: Party, found: Faults) -> Part:
    number = found.by_party[party]
    return {
        "party": PARTY_WORDS[party],
        "number": formats.number(number),
        "share": formats.percent(formats.exact(number) / found.total, places=0),
    }


def _criteria(counter: str, found: Faults) -> list[Part]:
    """The criteria in the order in which they are asked, with how many failures each decided."""
    rows = [
        {
            "party": PARTY_WORDS[criterion.party],
            "text": criterion.text,
            "number": formats.number(found.by_criterion.get((counter, criterion), 0)),
        }
        for criterion in CRITERIA[counter]
    ]
    rest = {
        "party": PARTY_WORDS[Party.UNKNOWN],
        "text": _("none of these"),
        "number": formats.number(found.by_criterion.get((counter, None), 0)),
    }
    return [*rows, rest]


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
