"""Contradictions that a source reported: accepted as said, flagged on the order (DM-20, DM-21, IX-05)."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.sql import SQL, Composable, Identifier, Literal

# bit, condition on an order row, what it says. Bits are stored: append, never renumber.
DATA_ISSUES = (
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
    (
        4096,
        "EXISTS (SELECT 1 FROM orders_refund r WHERE r.order_id = {o}.id AND r.completed_at IS NOT NULL"
        " GROUP BY r.order_id"
        " HAVING (CAST(SUM(r.amount_usd) AS BIGINT) + 50) / 100 > ({o}.total_usd + 500000) / 1000000)",
        _("more was refunded than was paid"),
    ),
    (
        16384,
        "{o}.end_unclear AND {o}.refunded_at IS NULL AND {o}.cancelled_at IS NULL AND {o}.closed_at IS NULL"
        " AND {o}.confirmed_at IS NULL",
        _("ended, nobody knows how"),
    ),
)
# A fact that is dated after the export that told of it (IX-05a). It compares rows with their own exports, which imports
# do: what is derived from an order's rows keeps it.
AFTER_EXPORT = 8192
_TEXTS = {bit: text for bit, _condition, text in DATA_ISSUES} | {AFTER_EXPORT: _("after the export")}

DATA_ISSUE_WORDS = tuple(_TEXTS.items())


def data_issues_sql(alias: str, issues: Iterable[tuple[int, str, Any]] = DATA_ISSUES) -> Composable:
    """SQL for the sum of the bits that hold for the order row ``alias``."""
    order = Identifier(alias)
    return SQL(" + ").join(
        SQL("CASE WHEN {condition} THEN {bit} ELSE 0 END").format(
            condition=SQL(condition).format(o=order), bit=Literal(bit)
        )
        for bit, condition, _text in issues
    )


def data_issue_texts(bits: int) -> list[str]:
    """What the bits say, in the reader's language."""
    return [str(text) for bit, text in _TEXTS.items() if bits & bit]


# bit → what a person compares to find out which of the two instants is wrong.
CHECKS = {
    1: _("Compare the payment record with the order: is one of them in another time zone?"),
    2: _("Check the dispatch time in the ERP: was a label printed or a number given before payment?"),
    4: _("Check that the tracking number is this order's: its delivery is older than the dispatch."),
    8: _("Add the dispatch time and the tracking number: the source only told of the delivery."),
    16: _("Check the dispatch and confirmation times at the source; one may belong to another order."),
    32: _("Check the cancellation at the source: it may belong to an earlier order of the same number."),
    64: _("Find out whether the parcel was delivered although the order was cancelled, and who keeps the money."),
    128: _("Check the tracking number: its first scan is older than the order, so it may be a re-used one."),
    256: _("Add the payment time; without it the order counts in no dispatch figure."),
    512: _("Check the review's time and order number: it is older than the order."),
    1024: _("Check the refund's time and order number: it is older than the order."),
    4096: _("Compare the refunds with the order's total: one may be another order's, or in another currency."),
    8192: _("Check the year and the time zone: something is dated later than the data was exported. Export it again."),
    16384: _("Look the order up at the source: was it cancelled, or was the money returned? Its file does not say."),
    2048: _("Check the delivery scan: the buyer confirmed before it. A late scan is usual, a false one is not."),
}


def data_issue_checks(bits: int) -> list[tuple[str, str]]:
    """What the bits say, each with what to check."""
    return [(str(text), str(CHECKS[bit])) for bit, text in _TEXTS.items() if bits & bit]
