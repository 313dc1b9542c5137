"""What the listing check found, in words (DP-17)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from disputes.rules.listing_check import Check, ListingFinding

# The finding as a mark in a list.
CHECK_WORDS: Mapping[Check, Any] = {
    Check.ABSOLUTE_CLAIM: pgettext_lazy("finding", "absolute claim"),
    Check.MATERIALS: pgettext_lazy("finding", "materials contradict each other"),
    Check.SIZES: pgettext_lazy("finding", "sizes contradict each other"),
    Check.COLOURS: pgettext_lazy("finding", "colours contradict each other"),
    Check.QUANTITIES: pgettext_lazy("finding", "quantities contradict each other"),
    Check.SIZE_TOLERANCE: pgettext_lazy("finding", "no size tolerance"),
    Check.COLOUR_NOTE: pgettext_lazy("finding", "no note on colours"),
}
_REASONS: Mapping[Check, Any] = {
    Check.ABSOLUTE_CLAIM: gettext_lazy(
        "Absolute claims decide disputes against the seller. Found: %(said)s. Leave them out, or write instead:"
    ),
    Check.SIZE_TOLERANCE: gettext_lazy(
        "Sizes are stated without a tolerance: a buyer who measures differently is right. Add:"
    ),
    Check.COLOUR_NOTE: gettext_lazy("Nothing says that colours can look otherwise than on the pictures. Add:"),
}
_CONTRADICTION = gettext_lazy(
    "The title says %(said)s, the description %(other)s. Have both say what is sold; if the title is right:"
)


def reason_of(finding: ListingFinding) -> str:
    """Why a finding harms, and what to do with the sentence that follows."""
    comma = pgettext("list", ", ")
    given = {"said": comma.join(finding.said), "other": comma.join(finding.other)}
    return str(_REASONS.get(finding.check, _CONTRADICTION) % given)


def marks_of(mask: int | None) -> list[str]:
    """The findings of a mask, the worst first."""
    return [str(word) for check, word in CHECK_WORDS.items() if (mask or 0) & check]
