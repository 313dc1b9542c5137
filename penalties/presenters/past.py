"""Penalties and points of a store's past, as the page of a risk case lists them."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.templatetags.ui import instant
from orders.cases import PastEvent
from penalties.presenters.words import points_cause
from penalties.queries.past import Past
from penalties.sources import source_named


def past_events(past: Past) -> Iterator[PastEvent]:
    """What each was for, and how it ended."""
    for row in past.penalties:
        words = source_named(row.source).words(row)
        yield PastEvent(
            at=row.starts_at,
            title=str(row.get_kind_display()),
            text=f"{words.cause} · {_ending(row.ended_at, row.get_ending_display())}",
            level="red" if row.ended_at is None else "",
            url=words.url,
        )
    for entry in past.points:
        number = ngettext("%(number)s point", "%(number)s points", entry.points) % {"number": entry.points}
        lifted = [pgettext("penalty points", "lifted")] if entry.lifted_at else []
        text = " · ".join([points_cause(entry), *lifted])
        url = "" if entry.lifted_at or entry.predicted else reverse("admin:penalties_pointsentry_lift", args=[entry.pk])
        yield PastEvent(entry.at, number, text, "", url)


def _ending(ended_at: datetime | None, ending: str) -> str:
    return _("in force") if ended_at is None else f"{ending} {instant(ended_at)}"
