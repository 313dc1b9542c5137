"""How a notice was judged, from its snapshot: worked arithmetic, thresholds and comparisons (DM-31, DM-32)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.pages import formats
from core.pages.components import Fact, Term
from metrics import words
from metrics.catalogue import METRICS, Kind
from metrics.words import factors_text
from notifications.complaints import COPYRIGHT, COUNTER
from notifications.models import Notice
from notifications.presenters.parts import threshold_of, unit_of
from notifications.presenters.wording import figure
from notifications.rules import NoticeLevel
from rulebook.rules import EffectiveThreshold, Factor

_LINE_NOTES = {
    NoticeLevel.YELLOW: gettext_lazy("yellow from the first"),
    NoticeLevel.RED: gettext_lazy("red from this number on"),
}


def terms_of(notice: Notice) -> list[Term]:
    """The worked arithmetic from the snapshot: ``14 ÷ 226 = 6.19 % > 4.75 %`` (DM-32)."""
    unit, threshold = unit_of(notice), threshold_of(notice)
    if notice.metric == COPYRIGHT:
        upheld = words.counters_text([COUNTER])
        line = Term(words.threshold_text(threshold, unit), str(_LINE_NOTES[NoticeLevel(notice.level)]), "≥")
        return [Term(figure(notice.value, unit), upheld, result=True), line]
    sign = ">" if notice.value > threshold else "<" if notice.value < threshold else "="
    return [
        *_counted_terms(notice),
        Term(figure(notice.value, unit, threshold), op="=", result=True),
        Term(words.threshold_text(threshold, unit), line_note(notice, notice.level), sign),
    ]


def _counted_terms(notice: Notice) -> list[Term]:
    metric = METRICS[notice.metric]
    if metric.kind == Kind.STARS:
        return [
            Term(
                f"{formats.percent(part['weight'], places=1)} × {formats.score(part['value'])}",
                str(words.PART_WORDS.get(name, name)),
                "+" if place else "",
            )
            for place, (name, part) in enumerate(notice.snapshot.get("parts", {}).items())
        ]
    upper, lower = words.counters_text(metric.upper), words.counters_text(metric.lower)
    whole, part = notice.denominator or 0, notice.numerator or 0
    if metric.kind == Kind.FLOOR:
        return [
            Term(formats.number(whole), lower, "("),
            Term(formats.number(whole - part), upper, "−"),
            Term(formats.number(whole), lower, ") ÷"),
        ]
    return [Term(formats.number(part), upper), Term(formats.number(whole), lower, "÷")]


def line_note(notice: Notice, level: str) -> str:
    """How a threshold came about: its factors, or for a new store the category's mean (DM-31, PN-22)."""
    if notice.metric == COPYRIGHT:
        return str(_LINE_NOTES[NoticeLevel(level)])
    kept = notice.snapshot.get("lines", {}).get(level)
    if kept is None:
        return _("category benchmark") if level == NoticeLevel.YELLOW and notice.yellow == notice.benchmark else ""
    factors = tuple(Factor(one["kind"], one["name"], formats.exact(one["value"])) for one in kept["factors"])
    top = None if kept["top"] is None else Decimal(kept["top"])
    threshold = EffectiveThreshold(formats.exact(0), Decimal(kept["base"]), top, factors)
    return factors_text(threshold, unit_of(notice))


def facts_of(notice: Notice) -> list[Fact]:
    """What the notice was judged by, from its snapshot."""
    first = date.fromisoformat(notice.snapshot["first"])
    window = {"first": formats.day(first), "last": formats.day(notice.day), "days": notice.snapshot["days"]}
    version = reverse("rulebook:version", args=[notice.policy_version])
    number = _("version %(number)s") % {"number": notice.policy_version}
    return [
        Fact(_("Window"), _("%(first)s … %(last)s, %(days)s days") % window),
        *_listing_facts(notice),
        *_threshold_facts(notice),
        *_comparison_facts(notice),
        Fact(_("Policy"), number, url=version),
    ]


def _listing_facts(notice: Notice) -> Iterator[Fact]:
    """The listing of a copyright notice as it was."""
    listing = notice.snapshot.get("listing")
    if listing:
        yield Fact(_("Listing"), listing["title"] or listing["sku"], listing["sku"])
        if listing["image_file"]:
            yield Fact(_("Image"), listing["image_file"])


def _threshold_facts(notice: Notice) -> Iterator[Fact]:
    for name, level, threshold in (
        (_("Yellow threshold"), NoticeLevel.YELLOW, notice.yellow),
        (_("Red threshold"), NoticeLevel.RED, notice.red),
    ):
        if threshold is not None:
            yield Fact(name, words.threshold_text(threshold, unit_of(notice)), line_note(notice, level))


def _comparison_facts(notice: Notice) -> Iterator[Fact]:
    for name, value in (
        (_("Category benchmark"), notice.benchmark),
        (_("The store's own mean before"), notice.snapshot.get("own_mean")),
    ):
        if value is not None:
            yield Fact(name, figure(Decimal(value), unit_of(notice)))
