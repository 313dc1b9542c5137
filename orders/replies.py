"""Reply templates for disputes and low ratings, in the languages of buyers (PN-15)."""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from orders.rules.texts import filled

TEMPLATES = Path(__file__).with_name("reply_templates")


class ReplySubject(StrEnum):
    """What a reply is about: a kind of dispute, or a dimension of the rating."""

    NOT_RECEIVED = "not_received"
    NOT_AS_DESCRIBED = "not_as_described"
    QUALITY = "quality"
    CLAIM = "claim"
    DESCRIBED = "described"
    COMMUNICATION = "communication"
    SHIPPING = "shipping"


def reply_text(subject: ReplySubject, language: str, values: Mapping[str, str]) -> str:
    """A reply in a language (ISO 639-1), its variables filled in as far as ``values`` has them: ``order_no`` and
    ``tracking_no``. Raises KeyError for a language without templates."""
    return filled(shipped_reply(subject, language), values)


def shipped_reply(subject: ReplySubject, language: str) -> str:
    """The same with its variables in braces."""
    return _texts()[language][subject]


def reply_languages() -> list[str]:
    """The languages that have templates."""
    return sorted(_texts())


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    return {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in TEMPLATES.glob("*.toml")}
