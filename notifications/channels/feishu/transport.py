"""Posts to a robot of a Feishu or Lark group ("custom bot"): at most 100 a minute, signed by time stamp and secret."""

from django.utils.translation import gettext as _

from notifications.channels.chat import Dialect, Post, chat_channel, heading, lines_of, signature
from notifications.channels.declaring import Outcome
from notifications.channels.notes import Note
from notifications.rules import ChannelName

MOST_BYTES = 12_000
OUTCOMES = {
    11232: Outcome.RETRY,  # too fast
    9499: Outcome.REFUSED,
    19002: Outcome.REFUSED,
    19001: Outcome.UNREACHABLE,  # no such robot
    19021: Outcome.UNREACHABLE,  # the signature doesn't fit
    19022: Outcome.UNREACHABLE,  # the sender's address is not allowed
    19024: Outcome.UNREACHABLE,  # the keyword is missing
}
DIALECT_CODES = ("code", "StatusCode")


def make_post(address: str, secret: str, note: Note, now: int) -> Post:
    """Rich text, whose pieces are literal: in a plain text message words of others could mention everybody."""
    lines = [[{"tag": "text", "text": line}] for line in lines_of(note, MOST_BYTES)]
    link = [{"tag": "a", "text": _("Open in Dianwei"), "href": note.url}]
    # The name of the only language that is given.
    post = {"zh_cn": {"title": heading(note), "content": [*lines, link]}}
    signed = {"timestamp": str(now), "sign": signature(f"{now}\n{secret}", "")} if secret else {}
    return Post(address, {**signed, "msg_type": "post", "content": {"post": post}})


FEISHU = chat_channel(ChannelName.FEISHU, Dialect(make_post, DIALECT_CODES, OUTCOMES))
LARK = chat_channel(ChannelName.LARK, Dialect(make_post, DIALECT_CODES, OUTCOMES))
