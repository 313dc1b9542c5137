"""Messages about appeals in words: what was decided, why, and what would have passed (BX-12)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages import formats
from core.templatetags.ui import sentences
from notifications.kinds import Words
from notifications.models import InboxMessage
from rulebook.queries import PolicyPeriod

Given = Mapping[str, Any]


def submitted_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    count = given["orders"]
    text = ngettext("%(count)s order is under review.", "%(count)s orders are under review.", count)
    texts = [text % {"count": formats.number(count)}]
    if until := _instant(given):
        texts.append(_("A decision is due by %(until)s.") % {"until": until})
    return Words(_("Appeal %(number)s submitted") % _number(given), sentences(texts))


def supplement_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    texts = [*_reason(given), *_remedies(given)]
    if until := _instant(given):
        texts.append(_("Hand it in by %(until)s, or these orders are rejected.") % {"until": until})
    return Words(_("Supplement needed: appeal %(number)s") % _number(given), sentences(texts))


def accepted_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    counts = {name: formats.number(given[name]) for name in ("accepted", "orders")}
    texts = [
        _("%(accepted)s of %(orders)s orders accepted. They count no more; figures and notices are being corrected.")
        % counts,
        *_reason(given),
        *_remedies(given),
    ]
    return Words(_("Appeal %(number)s accepted") % _number(given), sentences(texts))


def rejected_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    title = _("Appeal %(number)s rejected") % _number(given)
    return Words(title, sentences([_("None of its orders was accepted."), *_reason(given), *_remedies(given)]))


def closed_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    text = _("What it was against is gone, or its time is over. Nothing was decided.")
    return Words(_("Appeal %(number)s closed") % _number(message.parameters), text)


def supplement_reminder_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    title = _("Supplement due soon: appeal %(number)s") % _number(given)
    return Words(title, _("Hand it in by %(until)s, or these orders are rejected.") % {"until": _instant(given)})


def draft_reminder_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    title = _("Draft not submitted: appeal %(number)s") % _number(given)
    return Words(title, _("Submit it by %(until)s; then it is closed.") % {"until": _instant(given)})


def _number(given: Given) -> dict[str, Any]:
    return {"number": given["number"]}


def _reason(given: Given) -> list[str]:
    return [_("The reviewer writes: %(reason)s") % {"reason": given["reason"]}] if given["reason"] else []


def _remedies(given: Given) -> list[str]:
    """What would pass, order by order."""
    if not given["remedies"]:
        return []
    named = [f"{one['order']} – {one['remedy'].rstrip('.。')}" for one in given["remedies"]]
    texts = [_("What would pass: %(orders)s.") % {"orders": _("; ").join(named)}]
    if given["further"]:
        more = ngettext("%(count)s more order: see its page.", "%(count)s more orders: see its page.", given["further"])
        texts.append(more % {"count": formats.number(given["further"])})
    return texts


def _instant(given: Given) -> str:
    stored = given.get("due_at")
    return formats.instant(datetime.fromisoformat(stored), timezone.get_current_timezone()) if stored else ""
