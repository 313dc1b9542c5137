"""Figures of metrics as people read them: values in their unit, thresholds, headroom, what counters count (MX-06,
MX-13)."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext, gettext_lazy, ngettext, ngettext_lazy

from core.pages import formats
from core.templatetags.ui import sentences
from metrics.rules.headroom import Headroom
from rulebook.policy import Policy
from rulebook.rules import EffectiveThreshold

# What the counters of formulas count, as a note beside the number.
COUNTER_WORDS: dict[str, Any] = {
    "orders_paid": gettext_lazy("orders paid"),
    "defect_orders": gettext_lazy("defective orders"),
    "copyright_upheld": gettext_lazy("copyright complaints upheld"),
    "dispatch_due": gettext_lazy("due for dispatch"),
    "dispatch_late": gettext_lazy("dispatched late"),
    "settled": gettext_lazy("orders confirmed or disputed"),
    "disputes_opened_orders": gettext_lazy("orders with a dispute"),
    "outcomes": gettext_lazy("outcomes"),
    "undelivered": gettext_lazy("not delivered"),
    "trace_incomplete": gettext_lazy("traces incomplete"),
    "disputes_closed": gettext_lazy("disputes closed"),
    "disputes_seller_liable": gettext_lazy("seller liable"),
    "shipped": gettext_lazy("orders shipped"),
    "shipped_over_72h": gettext_lazy("shipped after 72 h"),
    "reviews_positive": gettext_lazy("positive reviews"),
    "reviews_neutral": gettext_lazy("neutral reviews"),
    "reviews_negative": gettext_lazy("negative reviews"),
    "reviews_auto": gettext_lazy("automatic reviews"),
    "reviews_text": gettext_lazy("reviews with text"),
    "reviews_photo": gettext_lazy("reviews with photo"),
    "cancelled_by_seller": gettext_lazy("cancelled by the seller"),
    "logistics_abnormal": gettext_lazy("abnormal parcels"),
    "delivery_due": gettext_lazy("due for delivery"),
    "delivery_late": gettext_lazy("delivered late"),
    "messages_due": gettext_lazy("messages to answer"),
    "messages_missed": gettext_lazy("not answered in time"),
    "refunded_orders": gettext_lazy("orders refunded"),
    "successes": gettext_lazy("orders completed"),
    "deliveries": gettext_lazy("deliveries"),
    "handling_seconds": gettext_lazy("seconds from payment to dispatch"),
    "transit_seconds": gettext_lazy("seconds from dispatch to delivery"),
    "collection_seconds": gettext_lazy("seconds from payment to release"),
    "collected_orders": gettext_lazy("orders with funds released"),
    "gmv_cents_usd": gettext_lazy("US cents"),
    "described_low": gettext_lazy("low star: as described"),
    "communication_low": gettext_lazy("low star: communication"),
    "r_dispatch_late": gettext_lazy("dispatched late"),
    "r_delivery_late": gettext_lazy("delivered after the estimate"),
    "unconfirmed": gettext_lazy("dispatch not confirmed in time"),
}
PART_WORDS: dict[str, Any] = {
    "described": gettext_lazy("Item as described"),
    "communication": gettext_lazy("Communication"),
    "dispatch": gettext_lazy("On-time dispatch"),
    "delivery": gettext_lazy("Delivery against estimate"),
}
UNIT_WORDS: dict[str, Any] = {"hours": gettext_lazy("%(value)s h"), "days": gettext_lazy("%(value)s d")}
FACTOR_WORDS: dict[str, Any] = {
    "basic": gettext_lazy("basic level"),
    "gold": gettext_lazy("gold level"),
    "platinum": gettext_lazy("platinum level"),
    "fast_moving": gettext_lazy("fast-moving category"),
    "custom_made": gettext_lazy("custom-made category"),
    "virtual": gettext_lazy("virtual goods"),
}
# What brings a metric back, said with what the seller does where that is plain.
CLEAN: Any = ngettext_lazy(
    "%(number)s order without failure brings it back", "%(number)s orders without failure bring it back", "count"
)
IN_TIME: Any = ngettext_lazy(
    "%(number)s order shipped in time brings it back", "%(number)s orders shipped in time bring it back", "count"
)
CLEAN_ORDERS: dict[str, Any] = {"late_dispatch": IN_TIME, "slow_fulfilment": IN_TIME}

Number = Fraction | Decimal


def value_text(value: Number | None, unit: str, thresholds: Sequence[Number | None] = ()) -> str:
    """A value in its unit with 2 decimals, never across a threshold (MX-06); a dash for None."""
    if value is None:
        return formats.NO_VALUE
    marks = [threshold for threshold in thresholds if threshold is not None]
    if unit == "share":
        return formats.percent(value, marks)
    if unit == "count":
        return formats.number(value, 0)
    if unit == "usd":
        return formats.money(value)
    if unit in UNIT_WORDS:
        return str(UNIT_WORDS[unit] % {"value": formats.score(value)}).replace(" ", formats.NBSP)
    return formats.score(value, marks)


def score_thresholds(code: str, policy: Policy) -> list[Decimal]:
    """Where a composite score or the rating begins to mean something else, which no shown value may cross (MX-06): what
    the SHS brings (DP-06), the grades of the SLA (TM-05), the tiers (SR-05)."""
    if code == "shs":
        return [policy.shs.promotion_block_below, policy.shs.manual_review_below]
    steps = policy.sla.grades if code == "sla" else policy.rating.tiers
    return [step.at_least for step in steps]


def threshold_text(threshold: Number, unit: str) -> str:
    """A threshold as short as it can be written."""
    return formats.limit_percent(threshold) if unit == "share" else formats.grouped(formats.limit(threshold))


def thresholds_text(yellow: Number | None, red: Number | None, unit: str, *, floor: bool) -> str:
    """Both thresholds in words, for those who don't see the bar."""
    if yellow is not None and red is not None:
        words = {"yellow": threshold_text(yellow, unit), "red": threshold_text(red, unit)}
        if floor:
            return gettext("yellow below %(yellow)s, red below %(red)s") % words
        return gettext("yellow above %(yellow)s, red above %(red)s") % words
    if yellow is not None:
        text = gettext("yellow below %(line)s") if floor else gettext("yellow above %(line)s")
        return text % {"line": threshold_text(yellow, unit)}
    return ""


def headroom_short(yellow: Headroom | None, red: Headroom | None) -> str:
    """A few words for a tile: ``3 more before yellow``, ``14 over the red threshold``."""
    if red is not None and red.over:
        return ngettext("%(count)s over the red threshold", "%(count)s over the red threshold", red.over) % {
            "count": red.over
        }
    if yellow is not None and yellow.over:
        if red is not None and red.fits is not None:
            return ngettext("%(count)s more before red", "%(count)s more before red", red.fits) % {"count": red.fits}
        return ngettext("%(count)s over the yellow threshold", "%(count)s over the yellow threshold", yellow.over) % {
            "count": yellow.over
        }
    nearest = yellow or red
    if nearest is None or nearest.fits is None:
        return ""
    text = (
        ngettext("%(count)s more before yellow", "%(count)s more before yellow", nearest.fits)
        if yellow is not None
        else ngettext("%(count)s more before red", "%(count)s more before red", nearest.fits)
    )
    return text % {"count": nearest.fits}


def headroom_sentences(yellow: Headroom | None, red: Headroom | None, day: date, code: str) -> list[str]:
    """Where the metric stands against each threshold, in full: what still fits, or what brings it back (MX-13)."""
    sentences = []
    for threshold, room in ((gettext("the yellow threshold"), yellow), (gettext("the red threshold"), red)):
        if room is None:
            continue
        if room.fits is not None:
            text = ngettext(
                "%(count)s further failure fits before %(line)s.",
                "%(count)s further failures fit before %(line)s.",
                room.fits,
            )
            sentences.append(text % {"count": room.fits, "line": threshold})
        else:
            sentences.append(_way_back(room, threshold, day, code))
    return sentences


def _way_back(room: Headroom, threshold: str, day: date, code: str) -> str:
    over = ngettext("%(count)s failure over %(line)s.", "%(count)s failures over %(line)s.", room.over)
    parts = [over % {"count": room.over, "line": threshold}]
    if room.clean:
        sentence = str(CLEAN_ORDERS.get(code, CLEAN) % {"count": room.clean, "number": formats.number(room.clean)})
        if room.leaves_in is not None:
            sentence += gettext("; without a new failure, old ones leave the window by %(day)s") % {
                "day": formats.day(day + timedelta(days=room.leaves_in))
            }
        parts.append(gettext("%(sentence)s.") % {"sentence": sentence})
    return sentences(parts)


def counters_text(names: Sequence[str]) -> str:
    """What several counters count together."""
    return " + ".join(str(COUNTER_WORDS[name]) for name in names)


def factors_text(threshold: EffectiveThreshold, unit: str) -> str:
    """``5 % × 0.95 gold level``; empty where no factor acts (DM-31)."""
    if not threshold.factors:
        return ""
    product = "".join(
        f" × {formats.number(factor.value)} {FACTOR_WORDS.get(factor.name, factor.name)}"
        for factor in threshold.factors
    )
    if threshold.floor_top is None:
        return f"{threshold_text(threshold.base, unit)}{product}"
    allowed = threshold_text(threshold.floor_top - threshold.base, unit)
    return f"{threshold_text(threshold.floor_top, unit)} − {allowed}{product}"
