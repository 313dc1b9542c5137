"""Posts to a robot of a WeCom group: at most 20 a minute; the key in its address is all that protects it."""

from notifications.channels.chat import Dialect, Post, chat_channel, heading, lines_of
from notifications.channels.declaring import Outcome
from notifications.channels.notes import Note
from notifications.rules import ChannelName

MOST_BYTES = 2_000
OUTCOMES = {
    -1: Outcome.RETRY,  # busy
    45009: Outcome.RETRY,  # too fast
    93000: Outcome.UNREACHABLE,  # no such robot, or it was taken out of the group
    93008: Outcome.UNREACHABLE,
    60020: Outcome.UNREACHABLE,  # the sender's address is not allowed
    40008: Outcome.REFUSED,
    40058: Outcome.REFUSED,
    44004: Outcome.REFUSED,  # empty
    45002: Outcome.REFUSED,  # too long
}


def make_post(address: str, _secret: str, note: Note, _now: int) -> Post:
    """Plain text, in which nothing is markup."""
    text = "\n".join([heading(note), *lines_of(note, MOST_BYTES), note.url])
    return Post(address, {"msgtype": "text", "text": {"content": text}})


WECOM = chat_channel(ChannelName.WECOM, Dialect(make_post, ("errcode",), OUTCOMES))
