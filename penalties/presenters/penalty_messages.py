"""How messages about penalties read (PN-42)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.templatetags.ui import instant, sentences
from notifications.kinds import Words
from notifications.models import InboxMessage
from penalties.models import Penalty
from penalties.presenters.words import KIND_WORDS, effect_words
from penalties.rules import Ending
from penalties.sources import GroundWords, source_named
from rulebook.queries import PolicyPeriod


def applied_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    return _begun(message, _("Penalty: %(penalties)s"))


def predicted_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    return _begun(message, _("Penalty predicted: %(penalties)s"))


def ended_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    title = _("Penalty over: %(penalties)s") % {"penalties": _names(given)}
    lifted = _("It was lifted.") if given["ending"] == Ending.LIFTED else ""
    return Words(title, sentences(list(filter(None, [_sentence(_cause(message).cause), lifted]))))


def penalties_url(message: InboxMessage) -> str:
    return reverse("penalties:penalties", args=[message.store.store_no])


def red(_message: InboxMessage) -> str:
    return "red"


def yellow(_message: InboxMessage) -> str:
    return "yellow"


def ok(_message: InboxMessage) -> str:
    return "ok"


def _begun(message: InboxMessage, title: str) -> Words:
    """What it is for, what it does, until when, what lifts it."""
    given, words = message.parameters, _cause(message)
    kinds = dict.fromkeys(kind for kind, _subject in given["penalties"])
    until = given["ends_at"]
    texts = [
        _sentence(words.cause),
        *(effect_words(kind) for kind in kinds),
        _("It ends on %(end)s.") % {"end": instant(datetime.fromisoformat(until))} if until else words.lifted_by,
    ]
    return Words(title % {"penalties": _names(given)}, sentences(list(filter(None, texts))))


def _sentence(text: str) -> str:
    """A cause as a sentence: some are names or what somebody wrote."""
    return text if not text or text.endswith((".", "。", "!", "?")) else text + pgettext("end of a sentence", ".")


def _names(given: dict[str, Any]) -> str:
    names = (f"{KIND_WORDS[kind]} {subject}".strip() for kind, subject in given["penalties"])
    return _(", ").join(names)


def _cause(message: InboxMessage) -> GroundWords:
    """The words of the source, made from what the message keeps of the penalty."""
    given = message.parameters
    kind, subject = given["penalties"][0]
    row = Penalty(
        store=message.store,
        kind=kind,
        subject=subject,
        source=given["source"],
        cause=given["cause"],
        facts=given["facts"],
        ends_at=datetime.fromisoformat(given["ends_at"]) if given["ends_at"] else None,
    )
    return source_named(row.source).words(row)
