"""Why a number is not there, or not taken into a composite score (DM-32): in one sentence."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from metrics.catalogue import METRICS, Kind, Metric
from metrics.rules.rating import is_rated_type
from metrics.scorecards.storeday import StoreDay
from stores.models import Feed


def why_no_value(day: StoreDay, code: str) -> str:
    """Why a metric has no value on a day; empty where it has one (MX-05, MX-07, SR-01, SR-15)."""
    if day.value(code).value is not None:
        return ""
    metric = METRICS[code]
    if metric.kind == Kind.COMPOSITE:
        return _("none of its parts has enough data")
    if missing := _missing_feeds(day, metric):
        return missing
    if code == "dsr" and not is_rated_type(day.policy(metric.calendar), day.store.store_type):
        return _("stores of this type have no rating")
    if code == "dsr":
        return _("no buyer's review in the window: not yet rated")
    return _("the denominator in the window is 0")


def why_left_out(day: StoreDay, code: str, part: str) -> str:
    """Why a part is left out of a composite score on a day; empty where it is in it (DP-06, TM-05)."""
    if part in day.composite(code).parts:
        return ""
    if not day.thresholds(part).applies:
        return _("does not apply to this category")
    if no_value := why_no_value(day, part):
        return no_value
    least = day.terms[part].rules.min_denominator
    return _("few orders: %(count)s, at least %(least)s are needed") % {
        "count": day.value(part).count or 0,
        "least": least,
    }


def _missing_feeds(day: StoreDay, metric: Metric) -> str:
    missing = [feed for feed in metric.feeds if feed not in day.store.feeds]
    if missing:
        return _("never supplied: %(feeds)s") % {"feeds": _named(missing)}
    if not day.terms[metric.code].has_feeds:
        return _("none of these was ever supplied: %(feeds)s") % {"feeds": _named(metric.any_feed)}
    return ""


def _named(feeds: Iterable[str]) -> str:
    return _(", ").join(str(Feed.Kind(feed).label) for feed in feeds)
