"""Contradictions in time that a source reported: accepted as said, flagged on the order (DM-21, IX-05)."""

from django.utils.translation import gettext_lazy as _

# bit, condition on an order row, what it says. Bits are stored: append, never renumber.
DOUBTS = (
    (1, "{o}.paid_at < {o}.created_at", _("paid before it was created")),
    (2, "{o}.shipped_at < COALESCE({o}.paid_at, {o}.created_at)", _("shipped before it was paid")),
    (4, "{o}.delivered_at < {o}.shipped_at", _("delivered before it was shipped")),
    (8, "{o}.delivered_at IS NOT NULL AND {o}.shipped_at IS NULL", _("delivered but never shipped")),
    (
        16,
        "{o}.confirmed_at < COALESCE({o}.shipped_at, {o}.paid_at, {o}.created_at)",
        _("confirmed before it was shipped"),
    ),
    (32, "{o}.cancelled_at < {o}.created_at", _("cancelled before it was created")),
    (64, "{o}.cancelled_at IS NOT NULL AND {o}.delivered_at IS NOT NULL", _("cancelled and delivered")),
    (128, "{o}.first_scan_at < {o}.created_at", _("scanned before it was created")),
    (256, "{o}.shipped_at IS NOT NULL AND {o}.paid_at IS NULL", _("shipped but never paid")),
    (
        512,
        "EXISTS (SELECT 1 FROM orders_review v WHERE v.order_id = {o}.id AND v.kind = 'buyer'"
        " AND v.created_at < {o}.created_at)",
        _("reviewed before it was created"),
    ),
    (1024, "{o}.refunded_at < {o}.created_at", _("refunded before it was created")),
    (
        2048,
        "{o}.confirmed_at IS NOT NULL AND {o}.delivered_at > {o}.confirmed_at",
        _("confirmed before it was delivered"),
    ),
)


def doubts_sql(alias: str) -> str:
    """SQL for the sum of the bits that hold for the order row ``alias``."""
    return " + ".join(
        f"CASE WHEN {condition.format(o=alias)} THEN {bit} ELSE 0 END" for bit, condition, _text in DOUBTS
    )


def doubt_texts(bits: int) -> list[str]:
    """What the bits say, in the reader's language."""
    return [str(text) for bit, _condition, text in DOUBTS if bits & bit]
