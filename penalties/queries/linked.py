"""Stores that are linked to others (DM-10, DP-05)."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q

from stores.models import Company, Store


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
