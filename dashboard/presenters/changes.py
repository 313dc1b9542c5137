"""What moved the rating, in words and signed stars: a waterfall by part, then by listing or carrier, then by order
(MX-16, SR-12)."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from core.pages import formats
from core.pages.graphics import waterfall_steps
from insights.queries.changes import Changes, GroupEffect, OrderEffect
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

Part = dict[str, Any]


def changes_context(store: Store, found: Changes) -> Part:
    """What templates/dashboard/_changes.html reads."""
    change = found.change
    return {
        "old_day": found.old_day,
        "new_day": found.new_day,
        "change": change,
        "old": signed(change.old, plus="") if change else "",
        "new": signed(change.new, plus="") if change else "",
        "total": signed(change.change) if change else "",
        "summary": summary(found),
        "steps": steps_of(found),
        "groups": [group_context(store, one) for one in found.groups[:SHOWN_GROUPS]],
        "rest": signed(_rest(found)),
        "late": [
            {
                "order_no": row.order_no,
                "url": order_url(store, row.order_no),
                "what": " · ".join(
                    str(text)
                    for text, holds in (
                        (_("dispatched late"), row.late_dispatch),
                        (_("delivered late"), row.late_delivery),
                    )
                    if holds
                ),
                "weight": signed(-row.weight),
                "leaves_on": row.leaves_on,
            }
            for row in found.late
        ],
    }


def order_url(store: Store, order_no: str) -> str:
    """The page of an order."""
    return reverse("dashboard:order", args=[store.store_no, order_no])


def steps_of(found: Changes) -> list[Part]:
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
        {"name": name, "effect": signed(effect), "tone": "ok" if effect > 0 else "red", "x": bar[0], "width": bar[1]}
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


def group_context(store: Store, one: GroupEffect) -> Part:
    """A listing or carrier with its orders: what entered or left, stars and text."""
    return {
        "part": words.PART_WORDS[one.part],
        "name": one.name or _("not named by the source"),
        "effect": signed(one.effect),
        "orders": [_order(store, row) for row in one.orders],
        "more": one.more,
    }


def _order(store: Store, row: OrderEffect) -> Part:
    return {
        "order_no": row.order_no,
        "url": order_url(store, row.order_no),
        "how": _("entered") if row.entered else _("left"),
        "stars": "★" * row.stars if row.part in STAR_PARTS else "",
        "stars_text": _("%(count)s of 5 stars") % {"count": row.stars} if row.part in STAR_PARTS else "",
        "text": row.text,
        "effect": signed(row.effect),
    }


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
