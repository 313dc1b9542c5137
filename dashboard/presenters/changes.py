"""What moved the rating, in words and signed stars: a waterfall by part, then by listing or carrier, then by order
(MX-16, SR-12)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from core.pages import formats
from core.pages.graphics import waterfall_steps
from insights.queries.changes import Changes, GroupEffect, LateOrder, OrderEffect
from metrics import words
from rulebook.rules import rounded
from stores.models import Store

PLACES = 4
# Parts that buyers' stars make: their orders are gathered by listing, those of the others by carrier.
STAR_PARTS = ("described", "communication")
SHOWN_GROUPS = 8
# So few listings or carriers make a sentence when they did so much of the change.
NAMED, NAMED_SHARE = 3, Fraction(1, 2)

# (by listing, the others did not work against it) → what few did
SENTENCES: dict[tuple[bool, bool], Any] = {
    (True, True): ngettext_lazy(
        "%(count)s listing made %(share)s of it: %(names)s.",
        "%(count)s listings made %(share)s of it: %(names)s.",
        "count",
    ),
    (True, False): ngettext_lazy(
        "%(count)s listing alone moved it by %(effect)s: %(names)s.",
        "%(count)s listings alone moved it by %(effect)s: %(names)s.",
        "count",
    ),
    (False, True): ngettext_lazy(
        "%(count)s carrier made %(share)s of it: %(names)s.",
        "%(count)s carriers made %(share)s of it: %(names)s.",
        "count",
    ),
    (False, False): ngettext_lazy(
        "%(count)s carrier alone moved it by %(effect)s: %(names)s.",
        "%(count)s carriers alone moved it by %(effect)s: %(names)s.",
        "count",
    ),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A bar of the waterfall with its effect."""

    name: str
    effect: str
    tone: str
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class MovedOrder:
    """An order that entered or left the window, with its stars and text where buyers gave some."""

    order_no: str
    url: str
    how: str
    stars: str
    stars_text: str
    text: str
    effect: str


@dataclass(frozen=True, slots=True)
class MovedGroup:
    """A listing or carrier with its orders; ``more``: how many are not shown."""

    part: str
    name: str
    effect: str
    orders: list[MovedOrder]
    more: int


@dataclass(frozen=True, slots=True)
class LateRow:
    """A late order that still weighs, until it leaves the window."""

    order_no: str
    url: str
    what: str
    weight: str
    leaves_on: date


@dataclass(frozen=True, slots=True)
class ChangesPart:
    """What templates/dashboard/_changes.html reads; ``url``: the page that it is part of; ``known``: whether both days
    have a rating."""

    url: str
    old_day: date
    new_day: date
    known: bool
    old: str
    new: str
    total: str
    summary: str
    steps: list[Step]
    groups: list[MovedGroup]
    rest: str
    late: list[LateRow]


def changes_part(store: Store, found: Changes, url: str) -> ChangesPart:
    """What moved the rating between two days."""
    change = found.change
    return ChangesPart(
        url=url,
        old_day=found.old_day,
        new_day=found.new_day,
        known=change is not None,
        old=signed(change.old, plus="") if change else "",
        new=signed(change.new, plus="") if change else "",
        total=signed(change.change) if change else "",
        summary=summary(found),
        steps=steps_of(found),
        groups=[moved_group(store, one) for one in found.groups[:SHOWN_GROUPS]],
        rest=signed(_rest(found)),
        late=[_late(store, row) for row in found.late],
    )


def _late(store: Store, row: LateOrder) -> LateRow:
    what = ((_("dispatched late"), row.late_dispatch), (_("delivered late"), row.late_delivery))
    return LateRow(
        order_no=row.order_no,
        url=order_url(store, row.order_no),
        what=" · ".join(text for text, holds in what if holds),
        weight=signed(-row.weight),
        leaves_on=row.leaves_on,
    )


def order_url(store: Store, order_no: str) -> str:
    """The page of an order."""
    return reverse("dashboard:order", args=[store.store_no, order_no])


def steps_of(found: Changes) -> list[Step]:
    """The waterfall: the old rating, what each part did to it, the new rating; bars on the scale of what they reach."""
    change = found.change
    if change is None:
        return []
    moves = [(words.PART_WORDS[one.part], one.entered + one.left) for one in change.parts]
    marks = sum((one.marks for one in change.parts), Fraction())
    moves += [
        (_("Marks for dispatches not confirmed in time"), marks),
        (_("Other weights, or parts that came or went"), change.weights),
    ]
    moves = [(name, effect) for name, effect in moves if effect]
    reached = [change.old]
    for _name, effect in moves:
        reached.append(reached[-1] + effect)
    bars = waterfall_steps(reached) if moves else []
    return [
        Step(str(name), signed(effect), "ok" if effect > 0 else "red", x=bar[0], width=bar[1])
        for (name, effect), bar in zip(moves, bars, strict=True)
    ]


def summary(found: Changes) -> str:
    """Which few listings or carriers did most of the change, in a sentence; empty where no few did."""
    change = found.change
    if change is None or not rounded(change.change, PLACES):
        return ""
    for stars in (True, False):
        if few := _few(found.groups, stars=stars, total=change.change):
            effect = sum((one for _name, one in few), Fraction())
            share = effect / change.change
            values = {
                "count": len(few),
                "effect": signed(effect),
                "names": _(", ").join(name for name, _one in few),
                "share": formats.percent(share, places=0),
            }
            return str(SENTENCES[stars, share <= 1] % values)
    return ""


def _few(groups: Sequence[GroupEffect], *, stars: bool, total: Fraction) -> list[tuple[str, Fraction]]:
    """The fewest listings (or carriers) that together did at least half of the change; none where it takes many."""
    effects: dict[str, Fraction] = defaultdict(Fraction)
    for one in groups:
        if (one.part in STAR_PARTS) is stars and one.group:
            effects[one.name] += one.effect
    sign = 1 if total > 0 else -1
    ranked = sorted(effects.items(), key=lambda item: (-sign * item[1], item[0]))
    for count in range(1, min(NAMED, len(ranked)) + 1):
        if sum((sign * effect for _name, effect in ranked[:count]), Fraction()) >= NAMED_SHARE * abs(total):
            return ranked[:count]
    return []


def moved_group(store: Store, one: GroupEffect) -> MovedGroup:
    """A listing or carrier with its orders."""
    return MovedGroup(
        part=str(words.PART_WORDS[one.part]),
        name=one.name or _("not named by the source"),
        effect=signed(one.effect),
        orders=[_order(store, row) for row in one.orders],
        more=one.more,
    )


def _order(store: Store, row: OrderEffect) -> MovedOrder:
    by_stars = row.part in STAR_PARTS
    return MovedOrder(
        order_no=row.order_no,
        url=order_url(store, row.order_no),
        how=_("entered") if row.entered else _("left"),
        stars="★" * row.stars if by_stars else "",
        stars_text=_("%(count)s of 5 stars") % {"count": row.stars} if by_stars else "",
        text=row.text,
        effect=signed(row.effect),
    )


def _rest(found: Changes) -> Fraction:
    """What all orders did that are in no shown group: most of them gave all their stars or were on time."""
    if found.change is None:
        return Fraction()
    moved = sum((one.entered + one.left for one in found.change.parts), Fraction())
    return moved - sum((one.effect for one in found.groups[:SHOWN_GROUPS]), Fraction())


def signed(stars: Fraction, plus: str = "+") -> str:
    """Stars with a sign and four decimals."""
    value = rounded(stars, PLACES)
    text = format(abs(value), "f")
    if value == 0:
        return text
    return f"−{text}" if value < 0 else f"{plus}{text}"
