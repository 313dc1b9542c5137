"""Words and shapes that the pages of orders show: the list around its rows, the rows, one order."""

from orders.present.listing import columns_of, empty_words, list_banners, page_note, part_links, tab_links
from orders.present.order import buyer_of, facts_of, funds_of, lines_of, marks_of, parcel_of, todo_of
from orders.present.rows import Setting, Silences, rows_of, source_note

__all__ = [
    "Setting",
    "Silences",
    "buyer_of",
    "columns_of",
    "empty_words",
    "facts_of",
    "funds_of",
    "lines_of",
    "list_banners",
    "marks_of",
    "page_note",
    "parcel_of",
    "part_links",
    "rows_of",
    "source_note",
    "tab_links",
    "todo_of",
]
