"""What webhooks tell of: each app declares it in its ``webhook_kinds.py``, for events that are recorded anyway::

    declare_webhooks(WebhookKind("penalty.applied", _("penalty applied"), events=("penalty.applied",), data=…, url=…))

Bodies are read by programs: small, without words in a language and without data about buyers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from core.models import Event
from stores.models import Store

VERSION = 1
TEST = "test"
RATING_CHANGED = "rating.changed"

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WebhookKind:
    """A kind of webhook and the kinds of events that it follows, if any.

    ``data``: what the body says of an event in a store (None where the event is of none), or None for an event that it
    does not tell of; ``url``: the path of the page about it.
    """

    name: str
    label: str | Promise
    events: tuple[str, ...] = ()
    data: Callable[[Event, Store | None], Data | None] = lambda event, _store: event.after
    url: Callable[[Event, Store | None], str] = lambda _event, _store: "/"


_kinds: dict[str, WebhookKind] = {}


def declare_webhooks(*kinds: WebhookKind) -> None:
    """Make kinds known. Raises ValueError for a name that is declared already."""
    for kind in kinds:
        if _kinds.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"two declarations of webhooks {kind.name!r}")


def declared_webhooks() -> list[WebhookKind]:
    """All kinds that an endpoint may want."""
    return list(_kinds.values())


def webhooks_following(event_kind: str) -> list[WebhookKind]:
    return [kind for kind in _kinds.values() if event_kind in kind.events]


def followed_events() -> set[str]:
    """The kinds of events that webhooks follow."""
    return {name for kind in _kinds.values() for name in kind.events}
