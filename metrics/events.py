"""The events of nights and of freezes of ratings."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.events import Detail, EventKind, Visibility, declare_events, details

FREEZE = "rating_freeze"


def _causes(causes: Sequence[Any]) -> str:
    return str(len(causes))


DESCRIBE = details(
    start_day=Detail(_("first day")),
    end_day=Detail(_("last day")),
    held=Detail(_("held rating")),
    causes=Detail(_("anomalies"), _causes),
)

declare_events(
    EventKind("rating.frozen", _("Rating frozen"), FREEZE, describe=DESCRIBE),
    EventKind("rating.unfrozen", _("Rating no longer frozen"), FREEZE, describe=DESCRIBE),
    EventKind("rating.freeze_predicted", _("Rating freeze predicted"), FREEZE, describe=DESCRIBE),
    EventKind("night.reopened", _("Night run again"), "night", Visibility.STAFF),
)
