"""Kinds of messages: each app declares those that it writes, in its ``message_kinds.py``::

    declare_messages(MessageKind("appeal.accepted", _("Appeal accepted"), words=…, url=…, level=…))

Rows hold no words: a kind makes them from the row's parameters when it is read or mailed, in the reader's language.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise

from notifications.models import InboxMessage
from rulebook.queries import PolicyPeriod

__all__ = ["MessageKind", "Words", "declare_messages", "declared_messages", "message_kind"]


class Words(NamedTuple):
    """A message in the reader's language."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageKind:
    """``words`` are made from a message and all policies; ``url`` is the page that it is about; ``level`` the status
    beside it: red, yellow, ok or info."""

    name: str
    label: str | Promise
    words: Callable[[InboxMessage, Sequence[PolicyPeriod]], Words]
    url: Callable[[InboxMessage], str]
    level: Callable[[InboxMessage], str]


_kinds: dict[str, MessageKind] = {}


def declare_messages(*kinds: MessageKind) -> None:
    """Make kinds known. Raises ValueError for a name that is declared already."""
    for kind in kinds:
        if _kinds.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"two declarations of messages {kind.name!r}")


def message_kind(name: str) -> MessageKind:
    """The kind of a name. Raises LookupError where no app declares it."""
    return _kinds[name]


def declared_messages() -> list[MessageKind]:
    return list(_kinds.values())
