"""Suppositions of many orders by one link: all that an appeal can name excluded, one carrier all in time (BX-04).

A preset stands in the address by its name; the page shows its orders ticked, and what is changed then is told by ticks.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from core.pages import formats
from dashboard.presenters.whatif_links import exclusion_of
from insights.queries.whatif.pace import CODES
from insights.queries.whatif.presets import Failed
from insights.queries.whatif.ticked_orders import KINDS, PREVENT
from metrics.catalogue import problem_counters

PRESET = "preset"
APPEAL, CARRIER = "appeal", "carrier:"
# Failures that are nothing but lateness.
TIMED = frozenset(
    {
        "dispatch_late", "shipped_over_72h", "delivery_late", "messages_missed", "r_dispatch_late", "r_delivery_late",
        "unconfirmed",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preset:
    """A preset of a metric: all orders that an appeal can name, or those of ``carrier``."""

    code: str
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class PresetLink:
    """A link that sets the ticks of a preset."""

    label: str
    url: str
    current: bool


def preset_of(params: QueryDict) -> Preset | None:
    """The preset that an address names."""
    name, code = params.get(PRESET, ""), params.get("metric", "")
    carrier = name.removeprefix(CARRIER) if name.startswith(CARRIER) else ""
    # PostgreSQL refuses text with NUL as an error of the query.
    if code not in CODES or not problem_counters(code) or not (name == APPEAL or carrier) or "\x00" in carrier:
        return None
    return Preset(code, carrier)


def with_ticks(params: QueryDict, preset: Preset, failed: Iterable[Failed]) -> QueryDict:
    """The address with the orders of its preset ticked."""
    ticked = params.copy()
    for counter, number in failed:
        ticked.appendlist(PREVENT if preset.carrier else exclusion_of(counter), number)
    return ticked


def preset_links(params: QueryDict, code: str, carriers: Iterable[tuple[str, str, int]]) -> list[PresetLink]:
    """The links: each sets the ticks anew and keeps the rest of the address; carriers (code, name, orders) by their
    problem orders."""
    links = [_link(params, code, APPEAL, _("All that can be appealed excluded"))]
    timed = TIMED.issuperset(problem_counters(code))
    text = _("%(carrier)s all in time") if timed else _("%(carrier)s without failure")
    for carrier, name, orders in carriers:
        label = _("%(what)s (%(count)s)") % {"what": text % {"carrier": name}, "count": formats.number(orders)}
        links.append(_link(params, code, CARRIER + carrier, label))
    return links


def _link(params: QueryDict, code: str, name: str, label: str) -> PresetLink:
    query = params.copy()
    for key in (*KINDS, PRESET, "place"):
        query.pop(key, None)
    query["metric"] = code
    query[PRESET] = name
    return PresetLink(label, f"?{query.urlencode()}", params.get(PRESET) == name)
