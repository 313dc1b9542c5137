"""Staff pages of notices and messages, read-only (PG-20)."""

from notifications.models import Advice, InboxMessage, Notice, NoticeOrder
from stores.adminbase import ReadOnlyAdmin, StoreRowAdmin, register

register(
    Notice,
    StoreRowAdmin,
    list_display=("number", "store", "metric", "level", "day", "triggered_at", "state", "opened_at"),
    list_filter=("level", "state"),
    number_paths=("number",),
)
register(
    NoticeOrder,
    ReadOnlyAdmin,
    list_display=("notice", "place", "order_no", "complaint_no", "counter", "day", "carrier", "tracking_no"),
    list_select_related=("notice",),
    search_fields=("notice__number__exact",),
)
register(
    InboxMessage, StoreRowAdmin, list_display=("event", "store", "company", "kind", "at"), list_select_related=True
)
register(Advice, StoreRowAdmin, list_display=("store", "kind", "subject", "opened_on", "recovered_on"))
