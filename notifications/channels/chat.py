"""What all team chats have in common: a robot takes a post by https, and answers 200 even to what it refuses, with a
code of its own in the answer (PN-02)."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.outgoing import Failure, Limits, Response, send
from core.secrets import UnsealError
from notifications.channels.declaring import ANSWER_LENGTH, Answer, Channel, Outcome
from notifications.channels.notes import Item, Note, code_line, compose_note, read_by
from notifications.models import Connection, Delivery
from notifications.rules import ChannelName
from notifications.services.connections import address_of, note_arrival, note_failure
from rulebook.queries import policies

FAILURES = {
    Failure.REFUSED: Outcome.UNREACHABLE,
    # A robot doesn't move: who answers so is none, or not any more.
    Failure.REDIRECT: Outcome.UNREACHABLE,
    Failure.UNREACHABLE: Outcome.DOWN,
    Failure.TIMEOUT: Outcome.DOWN,
    Failure.TLS: Outcome.DOWN,
    Failure.TOO_BIG: Outcome.RETRY,
}
GONE, TOO_MANY = frozenset({404, 410}), frozenset({429})


@dataclass(frozen=True, slots=True)
class Post:
    """What a robot is sent: where, and what as JSON."""

    url: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Dialect:
    """How robots of a channel are spoken to.

    ``post`` makes the post from address, secret, note and the epoch seconds of now; its text keeps within
    ``most_bytes``. ``codes`` are the names of the answer's code, of which 0 is success, and ``outcomes`` what other
    codes mean; one that is not named is tried again."""

    post: Callable[[str, str, Note, int], Post]
    codes: Sequence[str]
    outcomes: Mapping[int, Outcome]


class ChatSender:
    """Posts to the robots of a channel."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def send(self, rows: Sequence[Delivery]) -> Answer:
        connection = rows[0].connection
        assert connection is not None
        note = compose_note(rows, policies())
        with read_by(rows[0]):
            return self.post(connection, note)

    def post(self, connection: Connection, note: Note) -> Answer:
        """Post a note in the language that is active."""
        try:
            address, secret = address_of(connection)
        except UnsealError as error:
            return Answer(Outcome.UNREACHABLE, str(error))
        post = self._dialect.post(address, secret, note, int(time.time()))
        return self.answer_to(
            send(
                post.url,
                body=json.dumps(post.body, ensure_ascii=False).encode(),
                headers={"Content-Type": "application/json; charset=utf-8"},
                limits=Limits(connect=settings.CHANNEL_TIMEOUT, total=settings.CHANNEL_TIMEOUT),
            )
        )

    def answer_to(self, response: Response) -> Answer:
        """What a robot's answer means."""
        answer = answer_to_http(response)
        if answer.outcome != Outcome.SENT:
            return answer
        try:
            given = json.loads(response.body)
            code = next(int(given[name]) for name in self._dialect.codes if name in given)
        except (ValueError, TypeError, StopIteration):
            return Answer(Outcome.RETRY, answer.text)
        outcome = Outcome.SENT if code == 0 else self._dialect.outcomes.get(code, Outcome.RETRY)
        return Answer(outcome, answer.text)

    def close(self) -> None:
        """Each post has a connection of its own."""


def answer_to_http(response: Response) -> Answer:
    """What the answer of a server means as far as HTTP says; ``SENT`` where it took what was sent."""
    status = f"{response.status} " if response.status else ""
    text = f"{status}{response.detail or response.text}".strip()[:ANSWER_LENGTH]
    if response.failure is not None:
        return Answer(FAILURES[response.failure], text)
    if 200 <= response.status < 300:
        return Answer(Outcome.SENT, text)
    if response.status in GONE:
        return Answer(Outcome.UNREACHABLE, text)
    if response.status in TOO_MANY:
        return Answer(Outcome.RETRY, text)
    return Answer(Outcome.DOWN if response.status >= 500 else Outcome.REFUSED, text)


def chat_channel(name: ChannelName, dialect: Dialect) -> Channel:
    """A channel whose robots speak a dialect."""
    return Channel(name, lambda: ChatSender(dialect), is_shared=False, note_answer=note_chat_answer)


def note_chat_answer(row: Delivery, answer: Answer, at: datetime) -> None:
    """What an answer means for the chat."""
    assert row.connection is not None
    if answer.outcome == Outcome.SENT:
        note_arrival(connection=row.connection, at=at)
    else:
        is_final = answer.outcome == Outcome.UNREACHABLE
        note_failure(connection=row.connection, answer=answer.text, is_final=is_final, at=at)


def signature(key: str, message: str) -> str:
    """HMAC-SHA256, base64."""
    return base64.b64encode(hmac.digest(key.encode(), message.encode(), hashlib.sha256)).decode()


# ── Words ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def heading(note: Note) -> str:
    """The first line. It names the product, which robots with a list of keywords can be told to look for."""
    return _("[Dianwei] %(title)s") % {"title": note.title}


def lines_of(note: Note, most_bytes: int) -> list[str]:
    """What follows the heading, as far as it fits: the messages, what is left out, and the number that a message has
    again if it comes twice."""
    last = code_line(note)
    left = most_bytes - len(heading(note).encode()) - len(last.encode()) - len(note.url.encode()) - 200
    lines: list[str] = []
    for place, item in enumerate(note.items):
        text = _text_of(item, alone=len(note.items) == 1)
        left -= len(text.encode()) + 2
        if left < 0:
            lines += _left_out(len(note.items) - place) if place else [_cut(text, left)]
            break
        lines.append(text)
    return [*lines, last]


def _text_of(item: Item, *, alone: bool) -> str:
    parts = _parts(item) if alone else [item.title, *_parts(item)]
    return " · ".join(part for part in parts if part)


def _parts(item: Item) -> Iterator[str]:
    yield from (item.text, item.store, item.at)


def _left_out(count: int) -> list[str]:
    return [ngettext("and %(count)s more", "and %(count)s more", count) % {"count": count}]


def _cut(text: str, left: int) -> str:
    """A text without its last ``-left`` bytes."""
    return text.encode()[: left - 3].decode(errors="ignore") + "…"
