"""The list of all stores that a person sees, as a file (PG-02)."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from core.pages.tables import Sort
from dashboard.forms.stores import StoreFilter
from dashboard.presenters.stores import columns as page_columns
from dashboard.queries.store_list import can_compare, compared_rows, count_stores, listed_ids, rows_of_ids
from dashboard.queries.stores import StoreRow
from exports.columns import ListColumn, code, day, decimal, instant, label, text, truth, whole, word
from exports.declaring import ROWS_AT_ONCE, Asked, ListFile, OfPerson, list_export
from exports.downloads import dated
from insights.presenters.figure_files import level_word
from metrics.catalogue import METRICS
from stores.models import Company, Store


@list_export("stores", page="dashboard:stores", access=OfPerson())
def stores(asked: Asked) -> ListFile:
    """All stores as searched, filtered and sorted."""
    compared = can_compare(count_stores(asked.principal))
    sort = Sort.parse(asked.params.get("sort"), page_columns(compared=compared), "due")
    query = StoreFilter(asked.params).query(sort, None)
    name, title = dated("stores", asked.at), pgettext_lazy("sheet", "Stores")
    if compared:
        rows: Sequence[StoreRow] = compared_rows(asked.principal, query, asked.at)
        return ListFile(name, title, _columns(), lambda: rows, lambda: len(rows))
    ids: Any = listed_ids(asked.principal, query, asked.at)

    def in_parts() -> Any:
        found = list(ids)
        for start in range(0, len(found), ROWS_AT_ONCE):
            yield from rows_of_ids(found[start : start + ROWS_AT_ONCE], asked.at)

    return ListFile(name, title, _columns(), in_parts, ids.count)


def _columns() -> list[ListColumn]:
    titles = {code: metric.title for code, metric in METRICS.items()}
    return [
        code(
            "store_no",
            label(Store, "store_no"),
            lambda row: row.store.store_no,
            link=lambda row: reverse("dashboard:panel", args=[row.store.store_no]),
        ),
        text("name", label(Store, "name"), lambda row: row.store.name, width=30),
        code("company_no", label(Company, "company_no"), lambda row: row.store.company.company_no),
        day("day", pgettext_lazy("column", "Figures of")),
        word("level", pgettext_lazy("column", "Level"), level_word),
        word("worst_metric", pgettext_lazy("column", "Worst metric"), titles, lambda row: row.worst, width=24),
        decimal("worst_value", pgettext_lazy("column", "Value")),
        decimal("rating", pgettext_lazy("column", "Rating")),
        truth("frozen", pgettext_lazy("column", "Frozen")),
        decimal("shs", pgettext_lazy("column", "Health score")),
        decimal("sla", pgettext_lazy("column", "Service level")),
        whole("red_notices", pgettext_lazy("column", "Red notices"), lambda row: row.notices.red),
        whole("yellow_notices", pgettext_lazy("column", "Yellow notices"), lambda row: row.notices.yellow),
        instant("due_at", pgettext_lazy("column", "Due"), lambda row: row.due.at if row.due else None),
    ]
