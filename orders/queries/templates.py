"""The templates that a reply can begin with: a company's own, and the shipped ones (PN-15)."""

from collections.abc import Sequence
from dataclasses import dataclass

from orders.models import ReplyTemplate
from orders.replies import ReplySubject, reply_languages, shipped_reply

OWN, SHIPPED = "own", "shipped"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A template that an address names: its code, language and text, with variables; all empty for none."""

    code: str = ""
    language: str = ""
    text: str = ""


def chosen_template(code: str, language: str, own: Sequence[ReplyTemplate]) -> Chosen:
    """The template that a code names, ``own:12`` or ``shipped:quality``, the latter in a language; of an unknown code
    none."""
    kind, _colon, key = code.partition(":")
    if kind == OWN:
        found = next((one for one in own if str(one.pk) == key), None)
        return Chosen(code, found.language, found.text) if found else Chosen(language=language)
    if kind == SHIPPED and key in set(ReplySubject) and language in reply_languages():
        return Chosen(code, language, shipped_reply(ReplySubject(key), language))
    return Chosen(language=language)
