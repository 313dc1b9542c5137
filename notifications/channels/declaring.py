"""What a channel is: how a message is sent by it, and what a server's answer means."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from notifications.models import Delivery
from notifications.rules import ChannelName

# Of a server's words so much is kept.
ANSWER_LENGTH = 500


class Outcome(StrEnum):
    """``RETRY``: this message later. ``REFUSED``: never this message. ``UNREACHABLE``: nothing to this target.
    ``DOWN``: the server can't be worked with now, whatever the message."""

    SENT = "sent"
    RETRY = "retry"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a message, and the server's words."""

    outcome: Outcome
    text: str = ""


class Sender(Protocol):
    """Sends messages one after the other, perhaps over one connection."""

    def send(self, rows: Sequence[Delivery]) -> Answer:
        """Send the rows of one target as one. Sent again they carry the same id (RL-02)."""

    def close(self) -> None:
        """End what is open, whatever state it is in."""


@dataclass(frozen=True)
class Channel:
    """``is_shared``: one server for all targets, so that one that is down ends the run; otherwise each target has a
    server of its own, which waits alone. ``settle`` notes an answer on the target."""

    name: ChannelName
    open: Callable[[], Sender]
    is_shared: bool
    note_answer: Callable[[Delivery, Answer, datetime], None]
