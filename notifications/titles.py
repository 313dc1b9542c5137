"""What a notice is about, by its metric: a metric of scorecards, or upheld copyright complaints (PN-24)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from insights.rules.causes import has_causes
from metrics.catalogue import METRICS, Calendar, problem_counters
from notifications.complaints import COPYRIGHT, COUNTER

# The metric whose figures stand beside a notice of no metric of its own: upheld complaints count in it.
BESIDE = {COPYRIGHT: "odr"}
_TITLES = {COPYRIGHT: _("Image copyright")}


def title_of(metric: str) -> Any:
    """The name of a notice's metric, lazily translated."""
    return METRICS[metric].title if metric in METRICS else _TITLES[metric]


def figures_of(metric: str) -> str:
    """The code of the metric of scorecards whose figures belong to a notice's metric."""
    return BESIDE.get(metric, metric)


def counters_of(metric: str) -> tuple[str, ...]:
    """The failure counters of a notice's problem orders, or of its complaints."""
    return problem_counters(metric) if metric in METRICS else (COUNTER,)


def calendar_of(metric: str) -> Calendar:
    """The calendar of a notice's days."""
    return METRICS[figures_of(metric)].calendar


def rule_of(metric: str) -> str:
    """The rule that a notice's metric implements."""
    return METRICS[metric].rule if metric in METRICS else "PN-24"


def told_by_causes(metric: str) -> bool:
    """Whether root causes can be found for a notice's metric (MX-15)."""
    return metric in METRICS and has_causes(metric)
