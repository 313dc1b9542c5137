"""Root causes in words (MX-15): "82 % of the failures are on carrier X: 31 % of its orders fail, 1.2 % of the rest"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.pages import formats
from insights.presenters.reasons import code_text
from insights.queries.causes import Causes, ReasonShare
from insights.rules.causes import Cause
from orders.models import Source

DIMENSION_WORDS = {
    "carrier": gettext_lazy("carrier"),
    "prefix": gettext_lazy("tracking numbers that begin with"),
    "site": gettext_lazy("site"),
    "category": gettext_lazy("category"),
    "listing": gettext_lazy("listing"),
    "weekday": gettext_lazy("paid on"),
    "source": gettext_lazy("channel"),
}
LATE_WORDS = {
    1: gettext_lazy("by up to 24 h"),
    3: gettext_lazy("by 24 to 72 h"),
    None: gettext_lazy("by more than 72 h"),
}
MOST_REASONS = 8
# The filter of the problem orders that shows a cause's orders.
FILTERS = {"carrier": "carrier", "site": "site", "category": "category"}


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A reason with its number of failures and its share of them."""

    text: str
    number: str
    share: str


@dataclass(frozen=True, slots=True)
class CauseRow:
    """What failing orders have in common: the share of the failures, the rate among its orders and among the rest;
    ``query``: the filter of the problem orders that shows them, where there is one."""

    dimension: str
    name: str
    share: str
    failures: int
    rate: str
    rest: str
    query: str


@dataclass(frozen=True, slots=True)
class CausesPart:
    """What templates/dashboard/_causes.html reads; ``nothing``: why there is no cause to show."""

    metric_url: str
    reasons: list[ReasonRow]
    causes: list[CauseRow]
    failures: int
    orders: int
    first: date
    last: date
    nothing: str


def causes_part(found: Causes, metric_url: str) -> CausesPart:
    """The list of causes; ``metric_url``: the page of the metric."""
    names = _names(found)
    return CausesPart(
        metric_url=metric_url,
        reasons=_reasons(found.reasons),
        causes=[_row(cause, names) for cause in found.causes],
        failures=found.failures,
        orders=found.orders,
        first=found.first,
        last=found.last,
        nothing=_empty_text(found),
    )


def _reasons(found: Sequence[ReasonShare]) -> list[ReasonRow]:
    """The reasons with their shares of all problems; those behind the first are one."""
    whole = sum(one.number for one in found)
    named = [(reason_name(one), one.number) for one in found[:MOST_REASONS]]
    if rest := sum(one.number for one in found[MOST_REASONS:]):
        named.append((_("other reasons"), rest))
    return [ReasonRow(text, formats.number(number), formats.percent(Fraction(number, whole))) for text, number in named]


def reason_name(one: ReasonShare) -> str:
    """A reason, where it matters with how late."""
    text = code_text(one.code, one.counter)
    if one.most_days == 0:
        return text
    return _("%(reason)s (%(span)s)") % {"reason": text, "span": LATE_WORDS[one.most_days]}


def _row(cause: Cause, names: Mapping[tuple[str, str], str]) -> CauseRow:
    group = cause.group
    return CauseRow(
        dimension=str(DIMENSION_WORDS[group.dimension]),
        name=names.get((group.dimension, group.value), group.value),
        share=formats.percent(cause.share),
        failures=group.failures,
        rate=formats.percent(cause.rate),
        rest=formats.percent(cause.rest),
        query=f"{FILTERS[group.dimension]}={group.value}" if group.dimension in FILTERS else "",
    )


def _names(found: Causes) -> dict[tuple[str, str], str]:
    """Names of the values that have one, by dimension and value."""
    english = (get_language() or "").startswith("en")
    return {
        **{key: name.english if english and name.english else name.text for key, name in found.names.items()},
        **{("weekday", str(number)): str(name) for number, name in WEEKDAYS.items()},
        **{("source", code): str(label) for code, label in Source.choices},
    }


def _empty_text(found: Causes) -> str:
    """Why there is nothing to show."""
    if not found.failures:
        return _("No order failed in this window.")
    return _("Nothing these orders have in common fails more often than by chance.")
