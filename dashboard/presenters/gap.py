"""The platform's figure taken apart, in words: hypotheses, the orders behind them, the letter (BX-21)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.pages import formats
from core.templatetags.ui import instant
from insights.queries.gap import Gap
from insights.rules.gap import Dimension, Outcome, Part
from metrics import words
from metrics.catalogue import METRICS
from orders.models import Order
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store

# Orders of a hypothesis that the page and the letter name; the file has all.
NAMED = 20


@dataclass(frozen=True, slots=True)
class HypothesisRow:
    """What the platform may do, what follows, and where its letter and orders are; without ``letter_url`` it explains
    nothing exactly."""

    text: str
    counts: str
    value: str
    exact: bool
    orders: int
    letter_url: str
    file_url: str


@dataclass(frozen=True, slots=True)
class GapPage:
    """What templates/dashboard/gap.html reads; ``agrees``: there is nothing to explain;
    ``letter_url``: the letter that asks for the platform's list."""

    nav: dict[str, Any]
    store: Store
    title: str
    metric_url: str
    day: date
    theirs: str
    ours: str
    ours_counts: str
    is_apart: bool
    agrees: bool
    summary: str
    letter_url: str
    rows: list[HypothesisRow]
    rest: list[str]


def gap_page_of(request: StoreRequest, gap: Gap) -> GapPage:
    """The page of one figure."""
    base = gap.base
    return GapPage(
        nav=nav(request, current="panel"),
        store=gap.store,
        title=str(METRICS[gap.code].title),
        metric_url=reverse("dashboard:metric", args=[gap.store.store_no, gap.code]),
        day=gap.day,
        theirs=shown(gap, gap.theirs),
        ours=shown(gap, base.value if base else None),
        ours_counts=counts_text(gap, base) if base else "",
        is_apart=base is not None,
        agrees=base is not None and base.exact,
        summary=summary_text(gap),
        letter_url=f"{reverse('dashboard:gap_letter', args=[gap.store.store_no, gap.code])}"
        f"?{urlencode({'day': gap.day.isoformat()})}",
        rows=[_row(gap, place) for place in range(len(gap.found))],
        rest=rest_texts(gap),
    )


def _row(gap: Gap, place: int) -> HypothesisRow:
    found = gap.found[place]
    query = urlencode({"day": gap.day.isoformat(), "choice": str(place)})
    arguments = [gap.store.store_no, gap.code]
    return HypothesisRow(
        text=hypothesis_text(gap, found.parts),
        counts=counts_text(gap, found),
        value=shown(gap, found.value),
        exact=found.exact,
        orders=len(gap.differences[place].ids),
        letter_url=f"{reverse('dashboard:gap_letter', args=arguments)}?{query}" if found.exact else "",
        file_url=f"{reverse('dashboard:gap_orders_file', args=[*arguments, 'xlsx'])}?{query}",
    )


def shown(gap: Gap, value: Any) -> str:
    """A value in the metric's unit."""
    return words.value_text(None if value is None else Fraction(value), gap.unit)


def counts_text(gap: Gap, found: Outcome) -> str:
    """``5 of 120`` of rates; nothing of means, sums and stars."""
    if not gap.is_rate:
        return ""
    return _("%(failures)s of %(orders)s") % {
        "failures": formats.number(found.failures),
        "orders": formats.number(found.denominator),
    }


def summary_text(gap: Gap) -> str:
    """How many hypotheses were counted and how many give the platform's figure, so that chance can be judged."""
    text = ngettext(
        "%(count)s way of counting was tried. Exact matches: %(matches)s.",
        "%(count)s ways of counting were tried. Exact matches: %(matches)s.",
        gap.tests,
    )
    return text % {"count": formats.number(gap.tests), "matches": formats.number(gap.matches)}


def rest_texts(gap: Gap) -> list[str]:
    """The fewest orders by which the gap could be explained without another way of counting."""
    found = []
    if gap.rest.missing:
        text = ngettext(
            "%(count)s order is missing here, of which %(failed)s failed.",
            "%(count)s orders are missing here, of which %(failed)s failed.",
            gap.rest.missing,
        )
        found.append(text % {"count": formats.number(gap.rest.missing), "failed": formats.number(gap.rest.failed)})
    if gap.rest.uncounted:
        text = ngettext(
            "The platform leaves out %(count)s of our failures.",
            "The platform leaves out %(count)s of our failures.",
            gap.rest.uncounted,
        )
        found.append(text % {"count": formats.number(gap.rest.uncounted)})
    return found


# ── Hypotheses in words ────────────────────────────────────────────────────────────────────────────────────────────


def hypothesis_text(gap: Gap, parts: Sequence[Part]) -> str:
    """What the platform does otherwise."""
    return _(", and ").join(part_text(gap, part) for part in parts)


def part_text(gap: Gap, part: Part) -> str:
    """One change in words."""
    if part.dimension == Dimension.RULE:
        condition = (gap.conditions or {})[part.code]
        return _("it counts orders that are “%(what)s” (%(rule)s)") % {"what": condition.text, "rule": condition.rule}
    if part.dimension == Dimension.CLOCK:
        return _("its days are those of %(zone)s") % {"zone": zone_text(part.amount)}
    if part.dimension == Dimension.LEFT_OUT:
        return _("it leaves out orders that are %(what)s") % {"what": _attributes()[part.code]}
    if part.dimension == Dimension.SYNC:
        return _("it knows the dispatch by the carrier's scan, and our numbers came late")
    if part.dimension == Dimension.THRESHOLD:
        return _("its threshold is %(hours)s hours from ours") % {"hours": f"{part.amount:+d}"}
    if part.dimension == Dimension.WINDOW:
        return _("its window is %(days)s days, ours %(ours)s") % {"days": part.amount, "ours": gap.window}
    days = abs(part.amount)
    text = (
        ngettext("its window ends %(days)s day earlier", "its window ends %(days)s days earlier", days)
        if part.amount < 0
        else ngettext("its window ends %(days)s day later", "its window ends %(days)s days later", days)
    )
    return text % {"days": days}


def zone_text(hours: int) -> str:
    """A clock as people name it."""
    names = {-8: _("the Pacific coast, winter"), -7: _("the Pacific coast, summer"), 3: _("Moscow"), 0: "UTC"}
    name = names.get(hours, f"UTC{hours:+d}")
    return name if hours == 0 or hours not in names else f"{name} (UTC{hours:+d})"


def _attributes() -> dict[str, str]:
    return {
        "presale": _("presales"),
        "cancelled": _("cancelled"),
        "refunded": _("refunded"),
        "unpaid": _("not paid"),
    }


# ── Orders and letter ──────────────────────────────────────────────────────────────────────────────────────────────


# What a hypothesis changes for an order.
EFFECTS: Mapping[str, Any] = {
    "fails_there": gettext_lazy("fails for the platform only"),
    "fails_here": gettext_lazy("fails for us only"),
    "counts_there": gettext_lazy("counted by the platform only"),
    "counts_here": gettext_lazy("counted by us only"),
}


def effect_of(order_id: int, gap: Gap, place: int | None) -> str:
    """The key in `EFFECTS`; empty for our own failures."""
    if place is None:
        return ""
    difference = gap.differences[place]
    if order_id in difference.more_failed:
        return "fails_there"
    if order_id in difference.fewer_failed:
        return "fails_here"
    return "counts_there" if order_id in difference.more else "counts_here"


def orders_behind(gap: Gap, place: int | None) -> frozenset[int]:
    """Ids of the orders behind a hypothesis; without one, of those that fail by our count."""
    return gap.failures if place is None else gap.differences[place].ids


def letter_text(gap: Gap, place: int | None, orders: Sequence[Order]) -> str:
    """The letter to the platform in the language at hand, as plain text that can be pasted anywhere. Without a
    hypothesis it asks for the platform's list."""
    listed = ngettext("%(count)s order makes the difference:", "%(count)s orders make the difference:", len(orders))
    failed = ngettext("By our data %(count)s order fails:", "By our data %(count)s orders fail:", len(orders))
    named = [f"- {order.order_no}, {instant(order.paid_at or order.created_at)}" + _behind(gap, place, order)
             for order in orders[:NAMED]]  # fmt: skip
    lines = [*_opening(gap), *_question(gap, place)]
    if orders:
        lines += ["", (failed if place is None else listed) % {"count": formats.number(len(orders))}, *named]
    if len(orders) > NAMED:
        lines.append(_("The others are in the attached file."))
    return "\n".join(lines) + "\n"


def _opening(gap: Gap) -> list[str]:
    title, base = str(METRICS[gap.code].title), gap.base
    subject = _("Subject: %(metric)s of store %(store)s on %(day)s")
    figures = _("Your figure of the metric “%(metric)s” is %(theirs)s. By our data it is %(ours)s.")
    counts = counts_text(gap, base) if base else ""
    ours = shown(gap, base.value if base else None) + (f" ({counts})" if counts else "")
    return [
        subject % {"metric": title, "store": gap.store.store_no, "day": formats.day(gap.day)},
        "",
        figures % {"metric": title, "theirs": shown(gap, gap.theirs), "ours": ours},
    ]


def _question(gap: Gap, place: int | None) -> list[str]:
    if place is None:
        return [_("No way of counting that we know gives your figure. Please send us the orders that you count.")]
    found = gap.found[place]
    follows = _("Exactly your figure follows if %(hypothesis)s: %(counts)s.")
    counts = counts_text(gap, found) or shown(gap, found.value)
    return [
        follows % {"hypothesis": hypothesis_text(gap, found.parts), "counts": counts},
        _("Please tell us whether you count so and where that is published, or correct the figure."),
    ]


def _behind(gap: Gap, place: int | None, order: Order) -> str:
    effect = effect_of(order.pk, gap, place)
    return f": {EFFECTS[effect]}" if effect else ""
