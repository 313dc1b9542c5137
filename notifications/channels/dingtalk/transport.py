"""Posts to a robot of a DingTalk group ("custom robot"): at most 20 a minute, signed by time stamp and secret."""

from urllib.parse import urlencode

from notifications.channels.chat import Dialect, Post, chat_channel, heading, lines_of, signature
from notifications.channels.declaring import Outcome
from notifications.channels.notes import Note
from notifications.rules import ChannelName

MOST_BYTES = 6_000
OUTCOMES = {
    -1: Outcome.RETRY,  # busy
    130101: Outcome.RETRY,  # too fast
    410100: Outcome.RETRY,
    300005: Outcome.UNREACHABLE,  # no such token
    400013: Outcome.UNREACHABLE,  # the group was dissolved
    400101: Outcome.UNREACHABLE,
    400102: Outcome.UNREACHABLE,  # the robot was stopped
    400106: Outcome.UNREACHABLE,  # no such robot
    310000: Outcome.UNREACHABLE,  # keyword, signature or address of the sender don't fit: every post will fail
    400105: Outcome.REFUSED,
    430101: Outcome.REFUSED,  # links, words or pictures that are not allowed
    430102: Outcome.REFUSED,
    430103: Outcome.REFUSED,
    430104: Outcome.REFUSED,
    460101: Outcome.REFUSED,  # too long
}


def make_post(address: str, secret: str, note: Note, now: int) -> Post:
    """Plain text, in which nothing is markup."""
    url = address
    if secret:
        stamp = str(now * 1000)
        signed = {"timestamp": stamp, "sign": signature(secret, f"{stamp}\n{secret}")}
        url = f"{address}&{urlencode(signed)}"
    text = "\n".join([heading(note), *lines_of(note, MOST_BYTES), note.url])
    return Post(url, {"msgtype": "text", "text": {"content": text}})


DINGTALK = chat_channel(ChannelName.DINGTALK, Dialect(make_post, ("errcode",), OUTCOMES))
