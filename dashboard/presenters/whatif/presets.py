"""Suppositions of many orders by one link: all that an appeal can name excluded, one carrier all in time (BX-04).

A preset stands in the address by its name; the page shows its orders ticked, and what is changed then is told by ticks.
"""

from datetime import date, datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from core.pages import formats
from dashboard.presenters.whatif_links import exclusion_of
from insights.queries.whatif.orders import KINDS, PREVENT
from insights.queries.whatif.pace import CODES
from insights.queries.whatif.presets import failed_orders, failing_carriers, window_query
from metrics.catalogue import problem_counters
from metrics.queries.problems import ProblemQuery
from stores.models import Store

Part = dict[str, Any]
PRESET = "preset"
APPEAL, CARRIER = "appeal", "carrier:"
# Failures that are nothing but lateness.
TIMED = frozenset(
    {
        "dispatch_late", "shipped_over_72h", "delivery_late", "messages_missed", "r_dispatch_late", "r_delivery_late",
        "unconfirmed",
    }
)  # fmt: skip


def with_preset(params: QueryDict, store: Store, asked: date | None, now: datetime) -> QueryDict:
    """The address with the orders of its preset ticked; as it is where it names none."""
    name, code = params.get(PRESET, ""), params.get("metric", "")
    carrier = name.removeprefix(CARRIER) if name.startswith(CARRIER) else ""
    # PostgreSQL refuses text with NUL as an error of the query.
    if code not in CODES or not problem_counters(code) or not (name == APPEAL or carrier) or "\x00" in carrier:
        return params
    failed = failed_orders(window_query(store=store, code=code, at=now, asked=asked), carrier)
    ticked = params.copy()
    for counter, number in failed:
        ticked.appendlist(exclusion_of(counter) if name == APPEAL else PREVENT, number)
    return ticked


def presets(params: QueryDict, query: ProblemQuery, code: str) -> list[Part]:
    """The links: each sets the ticks anew and keeps the rest of the address; carriers by their problem orders."""
    links = [_link(params, code, APPEAL, _("All that can be appealed excluded"))]
    timed = TIMED.issuperset(problem_counters(code))
    text = _("%(carrier)s all in time") if timed else _("%(carrier)s without failure")
    for carrier, name, orders in failing_carriers(query):
        label = _("%(what)s (%(count)s)") % {"what": text % {"carrier": name}, "count": formats.number(orders)}
        links.append(_link(params, code, CARRIER + carrier, label))
    return links


def _link(params: QueryDict, code: str, name: str, label: str) -> Part:
    query = params.copy()
    for key in (*KINDS, PRESET, "place"):
        query.pop(key, None)
    query["metric"] = code
    query[PRESET] = name
    return {"label": label, "url": f"?{query.urlencode()}", "current": params.get(PRESET) == name}
