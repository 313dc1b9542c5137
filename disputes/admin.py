"""Staff pages of disputes and complaints, read-only (PG-20)."""

from disputes.models import CopyrightComplaint, Dispute, DisputeAnswer, DisputeEvidence, ListingImage
from stores.adminbase import StoreRowAdmin, register

register(
    Dispute,
    StoreRowAdmin,
    list_display=(
        "dispute_no",
        "order",
        "store",
        "kind",
        "state",
        "opened_at",
        "responded_at",
        "closed_at",
        "liability",
    ),
    list_filter=("state", "kind"),
    list_select_related=("store", "order"),
    number_paths=("dispute_no",),
)
register(
    CopyrightComplaint,
    StoreRowAdmin,
    list_display=("complaint_no", "store", "sku", "opened_at", "resolved_at", "upheld"),
    number_paths=("complaint_no",),
)
register(
    DisputeAnswer,
    StoreRowAdmin,
    list_display=("dispute", "store", "round", "plan", "amount_usd", "language", "submitted_at"),
    list_filter=("plan",),
    list_select_related=("dispute", "store"),
    number_paths=("dispute__dispute_no",),
)
register(
    DisputeEvidence,
    StoreRowAdmin,
    list_display=("dispute", "store", "side", "kind", "name", "tracking_no", "added_at"),
    list_filter=("side", "kind"),
    list_select_related=("dispute", "store"),
    number_paths=("dispute__dispute_no",),
)
register(
    ListingImage,
    StoreRowAdmin,
    list_display=("sku", "store", "image_file", "since_at", "until_at", "unreadable"),
    number_paths=("sku",),
)
