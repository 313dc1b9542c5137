"""What a confirmed risk case brings, in words: before it is confirmed, and afterwards (TM-07, PN-35, AF-12)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from penalties.models import KINDS
from penalties.queries.verdicts import NOTHING
from penalties.rules import PenaltyKind

NAMES = dict(KINDS)
# What a reviewer may choose where the kind of case fixes nothing; a second person confirms it.
CHOICES: Mapping[str, Any] = {
    NOTHING: gettext_lazy("No penalty: the store is told the result"),
    PenaltyKind.WARNING.value: gettext_lazy("Propose a warning"),
    PenaltyKind.SEARCH_DEMOTION.value: gettext_lazy("Propose a search demotion until lifted"),
    PenaltyKind.FUNDS_HOLD.value: gettext_lazy("Propose to suspend settlements until lifted"),
    PenaltyKind.ACCOUNT_FROZEN.value: gettext_lazy("Propose to freeze the account until lifted"),
    PenaltyKind.STORE_CLOSED.value: gettext_lazy("Propose to close the store"),
}


def points_text(number: int) -> str:
    return ngettext("%(number)s point", "%(number)s points", number) % {"number": number}


def fake_dispatch_words(given: Mapping[str, Any]) -> Sequence[str]:
    if not given["points"]:
        return [_("No further points: the parcel was counted with another of its causes.")]
    often = ngettext(
        "fake dispatch no. %(number)s within %(days)s day",
        "fake dispatch no. %(number)s within %(days)s days",
        given["days"],
    )
    first = f"{points_text(given['points'])}; {often % given}"
    if not given["closing"]:
        return [first]
    return [first, _("A case for closing the store is opened; two people decide on that.")]


def manipulation_words(given: Mapping[str, Any]) -> Sequence[str]:
    kinds = (PenaltyKind.SEARCH_DEMOTION, PenaltyKind.FUNDS_HOLD)
    return [_lasting(str(NAMES[kind]), given["days"]) for kind in kinds]


def inducement_words(given: Mapping[str, Any]) -> Sequence[str]:
    """The step, with which of the ladder it is."""
    place = _("Step %(place)s of the ladder") % given
    step = str(NAMES[given["step"]])
    if given.get("points"):
        text = points_text(given["points"])
    elif "listings" in given:
        listings = ", ".join(given["listings"]) or _("no listing is known of these orders")
        text = _("%(penalty)s for %(hours)s hours: %(listings)s") % {**given, "penalty": step, "listings": listings}
    elif given.get("days"):
        text = _lasting(step, given["days"])
    else:
        text = _("%(penalty)s, until lifted") % {"penalty": step}
    return [f"{place}: {text}", *proposal_words(given)]


def proposal_words(given: Mapping[str, Any]) -> Sequence[str]:
    """That a second person has to confirm it."""
    kind = given.get("proposed") or given.get("choice", NOTHING)
    if kind == NOTHING:
        return []
    return [
        _("“%(penalty)s” is proposed in your name; another person confirms or refuses it.") % {"penalty": NAMES[kind]}
    ]


def _lasting(penalty: str, days: int) -> str:
    text = ngettext("%(penalty)s for %(days)s day", "%(penalty)s for %(days)s days", days)
    return text % {"penalty": penalty, "days": days}
