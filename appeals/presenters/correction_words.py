"""Messages about corrections in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.pages import formats
from core.templatetags.ui import sentences
from notifications.kinds import Words
from notifications.models import InboxMessage
from rulebook.queries import PolicyPeriod


def correction_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    title = _("Figures corrected: %(cause)s") % {"cause": _cause(given)}
    return Words(title, sentences([_orders(given), *_ended(given)]))


def withdrawal_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    title = _("Correction taken back: %(cause)s") % {"cause": _cause(given)}
    count = given["orders"]
    text = ngettext("%(count)s order counts as before.", "%(count)s orders count as before.", count)
    return Words(title, text % {"count": formats.number(count)})


def _cause(given: Mapping[str, Any]) -> str:
    if given["title"]:
        return str(given["title"])
    return _("appeal %(number)s") % {"number": given["cause_no"]}


def _orders(given: Mapping[str, Any]) -> str:
    orders = ngettext("%(count)s order", "%(count)s orders", given["orders"])
    values = ngettext(
        "%(orders)s concerned, %(count)s value changed.",
        "%(orders)s concerned, %(count)s values changed.",
        given["results"],
    )
    counted = orders % {"count": formats.number(given["orders"])}
    return values % {"orders": counted, "count": formats.number(given["results"])}


def _ended(given: Mapping[str, Any]) -> list[str]:
    """What ended with the correction."""
    texts = []
    if given["notices"]:
        numbers = pgettext("list", ", ").join(given["notices"])
        texts.append(_("Closed notices: %(numbers)s.") % {"numbers": numbers})
    if given["freezes"]:
        texts.append(_("The rating is no longer frozen."))
    return texts
