"""Who acts at once on notices that were issued, moved or ended: apps above register here (PN-02)."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from notifications.models import Notice

__all__ = ["follow_notices", "tell_followers"]

# Called in the transaction of the change, with the rows of the stores held.
Handler = Callable[[Sequence[Notice], datetime], None]

_handlers: list[Handler] = []


def follow_notices(handler: Handler) -> None:
    """Have a handler called with notices that changed and the instant of the change."""
    if handler not in _handlers:
        _handlers.append(handler)


def tell_followers(notices: Sequence[Notice], at: datetime | Mapping[int, datetime]) -> None:
    """Call every handler; ``at``: one instant, or one by the id of each notice."""
    by_instant: dict[datetime, list[Notice]] = defaultdict(list)
    for notice in notices:
        by_instant[at if isinstance(at, datetime) else at[notice.pk]].append(notice)
    for instant in sorted(by_instant):
        for handler in _handlers:
            handler(by_instant[instant], instant)
