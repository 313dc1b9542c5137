"""The frame of the pages on which operations staff work (PG-20)."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

PAGES: tuple[tuple[str, str, Any], ...] = (
    ("desk", "admin:index", pgettext_lazy("navigation", "Desk")),
    ("queue", "admin:appeals_appeal_queue", _("Review of appeals")),
    ("blind", "admin:appeals_appealreview_blind", _("Blind reviews")),
    ("figures", "admin:appeals_appeal_figures", _("Figures of reviews")),
    ("events", "admin:appeals_protectedevent_changelist", _("Protected events")),
    ("nights", "admin:metrics_run_nights", _("Nights")),
    ("tables", "admin:tables", _("Data tables")),
)


def desk_entries(*, waiting: int, blind: int) -> list[dict[str, Any]]:
    """The main navigation; ``waiting`` and ``blind``: how much waits for a decision."""
    counts = {"queue": waiting, "blind": blind}
    return [
        {"key": key, "label": label, "url": reverse(name), "count": counts.get(key, 0)} for key, name, label in PAGES
    ]
