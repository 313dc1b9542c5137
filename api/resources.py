"""What programs push, one resource per canonical file of a store's rows (IX-21), and its description for OpenAPI.

Names, types, words and meanings come from `intake.canonical`, as those of files do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from intake.canonical import FILES, Column, FileSpec
from intake.canonical.columns import Kind
from intake.canonical.meanings import FILES as FILE_MEANINGS
from intake.canonical.meanings import meaning

MOST_ITEMS = 1_000


@dataclass(frozen=True)
class Resource:
    """``name``: what an address calls it, such as ``order-lines``."""

    file: str

    @property
    def name(self) -> str:
        return self.file.replace("_", "-")

    @property
    def operation_id(self) -> str:
        return "put" + "".join(word.capitalize() for word in self.file.split("_"))

    @property
    def spec(self) -> FileSpec:
        return FILES[self.file]

    @property
    def summary(self) -> str:
        return f"Add and update {self.file.replace('_', ' ')}"

    @property
    def description(self) -> str:
        """Which rows these are, and by what they are told apart."""
        key = ", ".join(f"`{name}`" for name in self.spec.key if name != "store_no")
        return (
            f"{FILE_MEANINGS[self.file]} An item with a known key ({key}) updates the columns that it names and clears "
            "those that it gives as null; in stores that Dianwei governs, null clears nothing. A bad item is rejected "
            "alone. Children may come before their order, and wait for it."
        )

    @cached_property
    def item_schema(self) -> dict[str, Any]:
        """JSON Schema of one item."""
        columns = [column for column in self.spec.columns if column.name != "store_no"]
        return {
            "type": "object",
            "required": [column.name for column in columns if column.required],
            "properties": {column.name: column_schema(self.file, column) for column in columns},
            "example": example_item(self.spec),
        }

    @property
    def batch_schema(self) -> dict[str, Any]:
        """JSON Schema of a request."""
        instant = {"type": "string", "format": "date-time"}
        return {
            "type": "object",
            "required": ["items"],
            "additionalProperties": False,
            "properties": {
                "items": {"type": "array", "maxItems": MOST_ITEMS, "items": self.item_schema},
                "exported_at": instant
                | {
                    "description": "When your system had the items as they are; by default the instant of the request. "
                    "Of two exports the later one wins, in whatever sequence they arrive.",
                    "examples": ["2026-11-30T09:30:00Z"],
                },
                "known_until": instant
                | {
                    "description": "Up to when your system has told everything; by default the latest instant in the "
                    "items, and of an empty batch `exported_at`.",
                    "examples": ["2026-11-30T09:29:00Z"],
                },
            },
        }


RESOURCES = tuple(
    Resource(file)
    for file in (
        "orders",
        "order_lines",
        "shipments",
        "tracking_events",
        "reviews",
        "disputes",
        "refunds",
        "returns",
        "settlements",
        "messages",
        "listings",
        "copyright_complaints",
    )
)

_TYPES: Mapping[Kind, dict[str, Any]] = {
    Kind.INSTANT: {"type": "string", "format": "date-time"},
    Kind.DAY: {"type": "string", "format": "date"},
    Kind.DECIMAL: {"type": ["string", "number"]},
    Kind.WHOLE: {"type": ["integer", "string"]},
    Kind.TRUTH: {"type": ["boolean", "string"]},
    Kind.CHOICE: {"type": "string"},
    Kind.CURRENCY: {"type": "string"},
    Kind.SITE: {"type": "string"},
}
_TEXT: dict[str, Any] = {"type": ["string", "integer"]}
# By kind, and by name where that says more.
_EXAMPLES: Mapping[Kind, Any] = {
    Kind.INSTANT: "2026-11-30T09:30:00Z",
    Kind.DECIMAL: "12.50",
    Kind.WHOLE: 1,
    Kind.TRUTH: False,
    Kind.CURRENCY: "USD",
    Kind.SITE: "BR",
}
_NAMED_EXAMPLES: Mapping[str, Any] = {
    "order_no": "8199633578334501",
    "sku": "LAMP-01",
    "category": "home",
    "buyer_ref": "b-7f3a",
    "payment_method": "card",
    "carrier": "YANWEN",
    "tracking_no": "LP00123456789CN",
    "usd_rate": "0.18",
    "currency": "USD",
    "dispute_no": "D-1",
    "refund_no": "R-1",
    "return_no": "RET-1",
    "message_no": "M-1",
    "complaint_no": "C-1",
    "described": 5,
    "communication": 5,
    "shipping": 4,
    "text": "Arrived in time, thank you.",
    "place": "Sao Paulo",
    "title": "Desk lamp",
    "language": "en",
    "image_file": "lamp.jpg",
}


def column_schema(file: str, column: Column) -> dict[str, Any]:
    """JSON Schema of a column: numbers may be given as text, and null clears what need not be there."""
    schema = {**_TYPES.get(column.kind, _TEXT), "description": meaning(file, column.name)}
    if column.kind is Kind.WHOLE:
        schema |= {"minimum": column.least or 0, "maximum": column.most}
    if column.kind is Kind.TEXT:
        schema["maxLength"] = column.longest
    if column.choices:
        schema["enum"] = list(column.choices)
    if not column.required:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        schema["type"] = [*kinds, "null"]
        if column.choices:
            schema["enum"] = [*column.choices, None]
    if (example := _example(column)) is not None:
        schema["examples"] = [example]
    return schema


def example_item(spec: FileSpec) -> dict[str, Any]:
    """An item with the columns that must be there, and some that mostly are."""
    shown = {"described", "paid_at", "shipped_at", "carrier", "tracking_no", "site", "amount_usd", "title", "quantity"}
    return {
        column.name: _example(column)
        for column in spec.columns
        if column.name != "store_no" and (column.required or column.name in shown)
    }


def _example(column: Column) -> Any:
    if column.choices:
        return column.choices[0]
    return _NAMED_EXAMPLES.get(column.name, _EXAMPLES.get(column.kind))
