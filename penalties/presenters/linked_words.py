"""What a re-examination of linked stores found, in the reader's language (DP-05)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.pages import formats
from core.templatetags.ui import sentences, status_word
from metrics.catalogue import METRICS
from metrics.words import threshold_text, value_text
from notifications.kinds import Words
from rulebook.policy import Policy


def near_words(found: Mapping[str, Any], policy: Policy) -> str:
    """The figures near their threshold, each with it."""

    def unit_of(one: Mapping[str, str]) -> str:
        return policy.metrics[one["metric"]].unit

    return _("; ").join(
        _("%(metric)s %(value)s (threshold %(threshold)s)")
        % {
            "metric": METRICS[one["metric"]].title,
            "value": value_text(Decimal(one["value"]), unit_of(one), [Decimal(one["threshold"])]),
            "threshold": threshold_text(Decimal(one["threshold"]), unit_of(one)),
        }
        for one in found["near"]
    )


def examined_words(given: Mapping[str, Any], found: Mapping[str, Any], policy: Policy) -> Words:
    """A linked store reached a level: what was ``found`` of the reader's own store, and nothing of the other."""
    title = _("A linked store reached %(level)s") % {"level": status_word(given["level"])}
    why = _(
        "A store with the same licence or controller reached %(level)s of the liability rate on %(day)s, so this store "
        "was re-examined."
    ) % {"level": status_word(given["level"]), "day": given["day"]}
    if "liability" in found:
        own = _("Its liability rate is %(value)s.") % {"value": formats.percent(found["liability"])}
    else:
        own = _("It has no liability rate at present.")
    near = near_words(found, policy)
    rest = _("Near a threshold: %(figures)s.") % {"figures": near} if near else _("Nothing is near a threshold.")
    return Words(title, sentences([why, own, rest]))
