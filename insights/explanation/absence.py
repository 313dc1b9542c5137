"""Why a number is not there, or not taken into a composite score (DM-32): in one sentence."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from metrics.catalogue import METRICS, Kind, Metric
from metrics.figures.store import Figures
from metrics.rules.rating import is_rated_type
from stores.models import Feed


def why_no_value(figures: Figures, code: str, day: date) -> str:
    """Why a metric has no value on a day; empty where it has one (MX-05, MX-07, SR-01, SR-15)."""
    if figures.value(code, day).value is not None:
        return ""
    metric = METRICS[code]
    if metric.kind == Kind.COMPOSITE:
        return _("none of its parts has enough data")
    if missing := _missing_feeds(figures, metric):
        return missing
    if code == "dsr" and not is_rated_type(figures.policy(day, metric.calendar), figures.store.store_type):
        return _("stores of this type have no rating")
    if code == "dsr":
        return _("no buyer's review in the window: not yet rated")
    return _("nothing in the window to divide by: the denominator is 0")


def why_left_out(figures: Figures, code: str, part: str, day: date) -> str:
    """Why a part is left out of a composite score on a day; empty where it is in it (DP-06, TM-05)."""
    if part in figures.composite(code, day).parts:
        return ""
    if not figures.lines(part, day).applies:
        return _("does not apply to this category")
    if no_value := why_no_value(figures, part, day):
        return no_value
    least = figures.policy(day, METRICS[part].calendar).metrics[part].min_denominator
    return _("few orders: %(count)s, at least %(least)s are needed") % {
        "count": figures.value(part, day).count or 0,
        "least": least,
    }


def _missing_feeds(figures: Figures, metric: Metric) -> str:
    missing = [feed for feed in metric.feeds if feed not in figures.store.feeds]
    if missing:
        return _("never supplied: %(feeds)s") % {"feeds": _named(missing)}
    if not figures.has_feeds(metric):
        return _("none of these was ever supplied: %(feeds)s") % {"feeds": _named(metric.any_feed)}
    return ""


def _named(feeds: Iterable[str]) -> str:
    return _(", ").join(str(Feed.Kind(feed).label) for feed in feeds)
