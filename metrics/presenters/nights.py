"""The overview of nights: backlog, running stages, durations (MX-03, PG-20)."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.pages import formats
from metrics.catalogue import Calendar
from metrics.queries.nights import Night, StageWork

CALENDARS = {
    Calendar.RATING: gettext_lazy("rating run (UTC day)"),
    Calendar.PERFORMANCE: gettext_lazy("performance run (Shanghai day)"),
}
STAGES = {
    "facts": gettext_lazy("facts"),
    "pools": gettext_lazy("pooled counts"),
    "benchmarks": gettext_lazy("benchmarks"),
    "publish": gettext_lazy("scorecards"),
    "notices": gettext_lazy("notices"),
    "advice": gettext_lazy("advice"),
    "corrections": gettext_lazy("corrections made meanwhile"),
}


def night_rows(nights: Iterable[Night]) -> list[dict[str, Any]]:
    """Rows of the staff page of nights."""
    zone = timezone.get_current_timezone()
    return [
        {
            "calendar": night.calendar.value,
            "day": night.day,
            "name": CALENDARS[night.calendar],
            "state": _state(night),
            "wrong": bool(night.error) or (night.behind and not night.running),
            "begun": formats.instant(night.begun_at, zone, seconds=True) if night.begun_at else "–",
            # Instants have whole seconds.
            "took": f"<{formats.NBSP}1{formats.NBSP}s" if night.seconds == 0 else _seconds(night.seconds),
            "work": _seconds(night.work),
            "stages": [_stage(stage) for stage in night.stages],
            "error": night.error,
        }
        for night in nights
    ]


def _state(night: Night) -> str:
    if night.error:
        return _("failed")
    if night.running:
        return _("going on")
    return _("waits for a worker") if night.behind else _("closed")


def _stage(stage: StageWork) -> str:
    parts = [
        f"{STAGES.get(stage.name, stage.name)} {stage.done}/{stage.shards}",
        ngettext("%(count)s row", "%(count)s rows", stage.rows) % {"count": formats.number(stage.rows)},
        _seconds(stage.seconds),
    ]
    if stage.shards > 1:
        parts.append(_("slowest shard %(time)s") % {"time": _seconds(stage.slowest)})
    if stage.again:
        shards = ngettext("%(count)s shard started again", "%(count)s shards started again", stage.again)
        parts.append(shards % {"count": stage.again})
    return " · ".join(parts)


def _seconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{formats.number(seconds, 1)}{formats.NBSP}s"
