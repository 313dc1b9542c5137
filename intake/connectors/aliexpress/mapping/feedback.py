"""Scans of parcels and reviews as canonical rows."""

from collections.abc import Sequence

from intake.connectors.aliexpress import words
from intake.connectors.aliexpress.mapping.fields import REVIEW, SCAN, Json, Reading, Row, read
from intake.connectors.aliexpress.values import first_of, text_of


def scan_rows(details: Sequence[Json], order_no: str, tracking_no: str, reading: Reading) -> list[Row]:
    """The scans of a parcel. Who signed is not kept, so a delivery has no text."""
    reading = reading.at(order_no)
    rows: dict[tuple[str, str], Row] = {}
    for detail in details:
        row = read(SCAN, detail, reading)
        code = text_of(detail.get("action_code"))
        kind = words.scan_kind(code)
        if kind is None:
            reading.note("action_code", code)
        elif row["at"]:
            is_delivery = kind == words.Scan.DELIVERED
            row |= {"order_no": order_no, "tracking_no": tracking_no, "kind": kind}
            row |= {"place": row["place"][:120], "text": "" if is_delivery else row["text"][:500]}
            rows[row["at"], kind] = row
    return [rows[key] for key in sorted(rows)]


def review_rows(evaluations: Sequence[Json], reading: Reading) -> list[Row]:
    """Buyers' reviews; of two of an order's items in one second the lower star counts."""
    rows: dict[tuple[str, str], Row] = {}
    for evaluation in evaluations:
        row = read(REVIEW, evaluation, reading.at(text_of(first_of(evaluation, "parent_order_id"))))
        key = (row["order_no"], row["created_at"])
        if row["described"] and row["created_at"] and (key not in rows or row["described"] < rows[key]["described"]):
            rows[key] = {**row, "kind": "buyer"}
    return [rows[key] for key in sorted(rows)]
