"""What moved the rating, in words and signed stars (MX-16, SR-12)."""

from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from metrics import words
from metrics.queries.changes import Changes
from rulebook.rules import rounded
from stores.models import Store

PLACES = 4


def changes_context(store: Store, found: Changes) -> dict[str, Any]:
    """What templates/metrics/_changes.html reads."""
    change = found.change
    return {
        "old_day": found.old_day,
        "new_day": found.new_day,
        "change": change,
        "old": signed(change.old, plus="") if change else "",
        "new": signed(change.new, plus="") if change else "",
        "total": signed(change.change) if change else "",
        "lines": _lines(found) if change else [],
        "orders": [
            {
                "order_no": row.order_no,
                "url": reverse("orders:order", args=[store.store_no, row.order_no]),
                "what": words.PART_WORDS[row.part],
                "how": _("entered") if row.entered else _("left"),
                "effect": signed(row.effect),
                "level": "ok" if row.effect >= 0 else "red",
            }
            for row in found.orders
        ],
        "others": signed(found.others),
        "late": [
            {
                "order_no": row.order_no,
                "url": reverse("orders:order", args=[store.store_no, row.order_no]),
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


def _lines(found: Changes) -> list[dict[str, str]]:
    change = found.change
    assert change is not None
    effects: list[tuple[str, Fraction]] = []
    for part in change.parts:
        name = words.PART_WORDS[part.part]
        effects.append((_("%(part)s: orders that entered") % {"part": name}, part.entered))
        effects.append((_("%(part)s: orders that left") % {"part": name}, part.left))
        effects.append((_("Marks for dispatches not confirmed in time"), part.marks))
    effects.append((_("Other weights, or parts that came or went"), change.weights))
    return [{"name": name, "effect": signed(effect)} for name, effect in effects if effect]


def signed(stars: Fraction, plus: str = "+") -> str:
    """Stars with a sign and four decimals."""
    value = rounded(stars, PLACES)
    text = format(abs(value), "f")
    if value == 0:
        return text
    return f"−{text}" if value < 0 else f"{plus}{text}"
