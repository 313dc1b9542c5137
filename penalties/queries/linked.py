"""Stores that are linked to others (DM-10, DP-05)."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from metrics.catalogue import Calendar
from metrics.models import Published
from penalties.figures import LIABILITY
from penalties.thresholds import near_thresholds
from rulebook.policy import Policy
from stores.models import Company, Store

# What was published of a store on a day: its ``liability`` where there is one, and what is ``near`` a threshold.
Examination = dict[str, Any]


def examined(store_nos: Collection[str], day: date, policy: Policy) -> dict[str, Examination]:
    """What the night of a performance day published of stores, by number; nothing of a store of which it published
    nothing."""
    found: dict[str, Examination] = {number: {"near": []} for number in store_nos}
    nights = Q(day=day, calendar=Calendar.PERFORMANCE) | Q(day=day - timedelta(days=1), calendar=Calendar.RATING)
    rows = Published.objects.filter(nights, store__store_no__in=store_nos).order_by("calendar")
    for number, scorecard in rows.values_list("store__store_no", "scorecard"):
        found[number]["near"] += near_thresholds(scorecard, policy)
        if "value" in scorecard.get(LIABILITY, {}):
            found[number]["liability"] = scorecard[LIABILITY]["value"]
    return found


def linked_stores(store_ids: Collection[int]) -> dict[int, list[Store]]:
    """The governed stores that are linked to governed ones: of the same company, or of one that shares its licence or
    its controller. What other platforms govern they re-examine themselves (DM-11a)."""
    governed = Store.objects.filter(mode=Store.Mode.GOVERNED).select_related("company").order_by("store_no")
    examined = list(governed.filter(pk__in=store_ids))
    licences = {one.company.license_no for one in examined} - {""}
    controllers = {one.company.controller_id for one in examined} - {""}
    shared = Q(company__license_no__in=licences) | Q(company__controller_id__in=controllers)
    own = Q(company__in={one.company_id for one in examined})
    candidates = list(governed.filter(shared | own)) if examined else []
    found: dict[int, list[Store]] = defaultdict(list)
    for one in examined:
        found[one.pk] = [other for other in candidates if other.pk != one.pk and _linked(one.company, other.company)]
    return found


def _linked(one: Company, other: Company) -> bool:
    return (
        one.pk == other.pk
        or (one.license_no != "" and one.license_no == other.license_no)
        or (one.controller_id != "" and one.controller_id == other.controller_id)
    )
