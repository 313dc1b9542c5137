"""What is said of requests that come to nothing: English in logs and rows, the reader's language on pages."""

import re
from enum import StrEnum

from django.utils.translation import gettext, gettext_noop


class Detail(StrEnum):
    """Why a request was not sent, or has no usable answer."""

    HTTPS_ONLY = gettext_noop("only https addresses are accepted")
    WITH_USER = gettext_noop("an address with a user name or password is not accepted")
    NO_URL = gettext_noop("the address is not a URL")
    NO_PORT = gettext_noop("the port is not a number")
    NO_HOST = gettext_noop("the host is not a name or an address")
    UNUSUAL_HOST = gettext_noop("the host is an address in an unusual spelling")
    ONE_LINK = gettext_noop("the host is an address of one link")
    INSIDE = gettext_noop("the host is in a private or reserved network")
    SLOW_LOOK_UP = gettext_noop("the look-up took too long")
    TIMED_OUT = gettext_noop("timed out")
    NOT_WHOLE = gettext_noop("no whole answer in time")
    CUT_OFF = gettext_noop("the connection ended within the answer")


KNOWN = frozenset(one.value for one in Detail)
PORT_CLOSED = gettext_noop("port %(port)s is not allowed")
_PORT_CLOSED = re.compile(r"port ([0-9]+) is not allowed")


def detail_words(text: str) -> str:
    """What was kept of an answer, in the active language as far as the words are ours; a status may come before
    them."""
    status, _blank, rest = text.partition(" ")
    if status.isdigit() and rest in KNOWN:
        return f"{status} {gettext(rest)}"
    if closed := _PORT_CLOSED.fullmatch(text):
        return gettext(PORT_CLOSED) % {"port": closed[1]}
    return gettext(text) if text in KNOWN else text
