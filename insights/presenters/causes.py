"""Root causes in words (MX-15): "82 % of the failures are on carrier X: 31 % of its orders fail, 1.2 % of the rest"."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.pages import formats
from insights.presenters.reasons import code_text
from insights.queries.causes import Causes, ReasonShare
from insights.rules.causes import Cause
from orders.models import Source
from stores.models import Carrier, Category, Listing, Store

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


def causes_context(store: Store, found: Causes) -> dict[str, Any]:
    """What the list of causes shows."""
    names = _names(store, found)
    return {
        "reasons": _reasons(found.reasons),
        "causes": [_row(cause, names) for cause in found.causes],
        "failures": found.failures,
        "orders": found.orders,
        "first": found.first,
        "last": found.last,
    }


def _reasons(found: Sequence[ReasonShare]) -> list[dict[str, Any]]:
    """The reasons with their shares of all problems; those behind the first are one."""
    whole = sum(one.number for one in found)
    named = [(reason_name(one), one.number) for one in found[:MOST_REASONS]]
    if rest := sum(one.number for one in found[MOST_REASONS:]):
        named.append((_("other reasons"), rest))
    return [
        {"text": text, "number": formats.number(number), "share": formats.percent(Fraction(number, whole))}
        for text, number in named
    ]


def reason_name(one: ReasonShare) -> str:
    """A reason, where it matters with how late."""
    text = code_text(one.code, one.counter)
    if one.most_days == 0:
        return text
    return _("%(reason)s (%(span)s)") % {"reason": text, "span": LATE_WORDS[one.most_days]}


def _row(cause: Cause, names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    group = cause.group
    return {
        "dimension": DIMENSION_WORDS[group.dimension],
        "name": names.get((group.dimension, group.value), group.value),
        "share": formats.percent(cause.share),
        "failures": group.failures,
        "rate": formats.percent(cause.rate),
        "rest": formats.percent(cause.rest),
        "query": f"{FILTERS[group.dimension]}={group.value}" if group.dimension in FILTERS else "",
    }


def _names(store: Store, found: Causes) -> dict[tuple[str, str], str]:
    """Names of the values that have one."""
    values = {(cause.group.dimension, cause.group.value) for cause in found.causes}

    def of(dimension: str) -> list[str]:
        return [value for name, value in values if name == dimension]

    english = (get_language() or "").startswith("en")
    names = {("carrier", row.code): row.name for row in Carrier.objects.filter(code__in=of("carrier"))}
    names |= {
        ("category", row.code): row.name_en if english and row.name_en else row.name
        for row in Category.objects.filter(code__in=of("category"))
    }
    names |= {
        ("listing", row.sku): f"{row.sku} {row.title}".strip()
        for row in Listing.objects.filter(store=store, sku__in=of("listing"))
    }
    names |= {("weekday", str(number)): str(name) for number, name in WEEKDAYS.items()}
    return names | {("source", code): str(label) for code, label in Source.choices}


def empty_text(found: Causes) -> str:
    """Why there is nothing to show."""
    if not found.failures:
        return _("No order failed in this window.")
    return _("Nothing that these orders share fails more often than chance would have it.")
