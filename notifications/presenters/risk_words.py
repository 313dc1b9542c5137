"""The message about new red flags of a store's orders in words (TM-14)."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages import formats
from core.templatetags.ui import sentences
from insights.queries.flags import BY_CODE
from notifications.kinds import Words
from notifications.models import InboxMessage
from rulebook.queries import PolicyPeriod

# Order numbers that a message names of each flag; the board has them all.
NAMED = 3


def flagged_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """How many orders got which red flags, and the first of their numbers."""
    counts: Mapping[str, int] = message.parameters["counts"]
    orders: Mapping[str, Sequence[str]] = message.parameters["orders"]
    total = sum(counts.values())
    title = ngettext("%(count)s new red flag on orders", "%(count)s new red flags on orders", total)
    return Words(
        title % {"count": formats.number(total)},
        sentences([_sentence(code, counts[code], orders.get(code, ())) for code in counts]),
    )


def _sentence(code: str, count: int, numbers: Sequence[str]) -> str:
    flag = BY_CODE.get(code)
    named = ", ".join([*numbers[:NAMED], *(["…"] if count > len(numbers[:NAMED]) else [])])
    return _("%(flag)s: %(count)s (%(orders)s).") % {
        "flag": flag.label if flag else code,
        "count": formats.number(count),
        "orders": named,
    }
