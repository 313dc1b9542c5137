"""Counting several sets of rows by one statement."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, QuerySet, Value


def count_together(sets: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """The number of rows of each set, which may be of different tables, in one statement."""
    if not sets:
        return {}
    first, *others = (
        rows.order_by().annotate(named=Value(name)).values_list("named").annotate(found=Count("*"))
        for name, rows in sets.items()
    )
    return dict.fromkeys(sets, 0) | dict(first.union(*others, all=True))
