"""The performance record of a store as a file (PN-13)."""

from django.utils.translation import pgettext_lazy

from dashboard.record_files import COLUMNS, record_rows, record_sheet
from exports.columns import ColumnType, cell_columns
from exports.declaring import Asked, ListFile, OfStore, list_export
from exports.downloads import dated
from notifications.forms import asked_notices
from notifications.queries.notices import find_notices
from stores.principals import Area

TYPES = {"triggered_at": ColumnType.INSTANT, "opened_at": ColumnType.INSTANT}


@list_export("notices", page="notifications:list", access=OfStore(Area.NOTICES))
def notices(asked: Asked) -> ListFile:
    """A part of the performance record as filtered."""
    _form, query = asked_notices(asked.params, asked.store)
    found = find_notices(query)
    return ListFile(
        name=dated(f"notices-{query.part}", asked.at),
        title=pgettext_lazy("sheet", "Notices"),
        columns=cell_columns(COLUMNS, TYPES),
        rows=lambda: record_rows(asked.store, found),
        count=found.count,
        sheet=lambda: record_sheet(asked.store, found),
    )
