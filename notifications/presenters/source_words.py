"""Messages about sources of data in words (PN-20)."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.pages import formats
from core.templatetags.ui import instant, sentences
from notifications.kinds import Words
from notifications.models import InboxMessage
from rulebook.queries import PolicyPeriod


def silent_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """Since when nothing came, and of which stores."""
    given = message.parameters
    title = _("No data any more: %(source)s") % {"source": _source(given["source"], given["name"])}
    since = datetime.fromisoformat(given["since"])
    text = _("The last success was on %(last)s. Figures may be behind until the source speaks again.")
    return Words(title, sentences([text % {"last": instant(since)}, _stores(message)]))


def spoke_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """The source is back."""
    given = message.parameters
    title = _("Data is coming again: %(source)s") % {"source": _source(given["source"], given["name"])}
    return Words(title, sentences([_("What was missed in the meantime counts once it is here."), _stores(message)]))


def _stores(message: InboxMessage) -> str:
    count, named = message.parameters["count"], message.parameters["stores"]
    if count == 1:
        return ""
    names = ", ".join([*named, *(["…"] if count > len(named) else [])])
    text = ngettext("%(count)s store: %(names)s.", "%(count)s stores: %(names)s.", count)
    return text % {"count": formats.number(count), "names": names}


def _source(kind: str, name: str) -> str:
    words = {
        "upload": pgettext("source", "Upload"),
        "command": pgettext("source", "Command line"),
        "api": pgettext("source", "API"),
        "connector": pgettext("source", "Connection"),
        "watch_folder": pgettext("source", "Watched folder"),
    }
    word = words.get(kind, kind)
    return _("%(kind)s: %(name)s") % {"kind": word, "name": name} if name else word
