"""The canonical files, declared once (IX-02): columns, keys, parents, the feeds they turn on (MX-07).

The order of `FILES` is the order in which the files of a bundle are taken in, whatever their order on disk: what
others refer to comes first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from django.db.models import Model

from disputes.models import CopyrightComplaint, Dispute
from intake.canonical.columns import Column, Kind
from metrics.models import ImportedBenchmark, PlatformFigure, PlatformNotice
from orders.models import (
    Message,
    Order,
    OrderLine,
    Refund,
    ReturnParcel,
    Review,
    Settlement,
    Source,
    TrackingEvent,
)
from stores.models import Carrier, Category, Company, Feed, FxRate, Listing, Store


class Parent(Enum):
    """What a file's rows hang on; without it they wait (IX-03)."""

    NONE = "none"
    STORE = "store"
    ORDER = "order"


@dataclass(frozen=True)
class FileSpec:
    """One canonical file. ``key``: the columns that tell its rows apart; ``feed``: what its presence turns on;
    ``counts``: a change of a row changes what its order contributes to the facts."""

    name: str
    model: type[Model]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    parent: Parent = Parent.NONE
    feed: str | None = None

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by their name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that must be there."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def table(self) -> str:
        """The database table of the rows."""
        return self.model._meta.db_table

    @property
    def per_store(self) -> bool:
        """Whether rows name a store."""
        return self.name == "stores" or self.parent is not Parent.NONE


def ident(name: str, longest: int = 64, **options: Any) -> Column:
    return Column(name, Kind.IDENTIFIER, longest=longest, **options)


def text(name: str, longest: int, **options: Any) -> Column:
    return Column(name, Kind.TEXT, longest=longest, **options)


def instant(name: str, **options: Any) -> Column:
    return Column(name, Kind.INSTANT, **options)


def money(name: str, **options: Any) -> Column:
    return Column(name, Kind.DECIMAL, **options)


def truth(name: str) -> Column:
    return Column(name, Kind.TRUTH)


def choice(name: str, choices: Iterable[str], **options: Any) -> Column:
    return Column(name, Kind.CHOICE, choices=tuple(choices), **options)


def stars(name: str) -> Column:
    return Column(name, Kind.WHOLE, least=1, most=5)


STORE_NO = ident("store_no", required=True, field=None)
ORDER_NO = ident("order_no", required=True, field=None)
MEASURE = (ident("metric", 32, required=True), Column("value", Kind.DECIMAL, required=True, places=10, least=None))
DAY = Column("day", Kind.DAY, required=True)

_SPECS = (
    FileSpec(
        "fx_rates",
        FxRate,
        (
            Column("currency", Kind.CURRENCY, required=True),
            DAY,
            Column("usd_rate", Kind.DECIMAL, required=True, places=12, above=True),
        ),
        key=("currency", "day"),
    ),
    FileSpec(
        "companies",
        Company,
        (
            ident("company_no", required=True),
            text("name", 200, required=True),
            ident("license_no"),
            ident("controller_id"),
        ),
        key=("company_no",),
    ),
    FileSpec(
        "categories",
        Category,
        (
            ident("code", required=True),
            text("name", 120, required=True),
            ident("parent_code"),
            Column("flags", Kind.FLAGS),
        ),
        key=("code",),
    ),
    FileSpec(
        "carriers",
        Carrier,
        (
            ident("code", required=True),
            text("name", 120, required=True),
            truth("approved"),
            truth("official"),
            Column("scan_interval_hours", Kind.WHOLE, most=8760),
        ),
        key=("code",),
    ),
    FileSpec(
        "stores",
        Store,
        (
            ident("store_no", required=True),
            text("name", 200, required=True),
            ident("company_no", field=None),
            choice("level", Store.Level.values),
            ident("store_type", 32),
            instant("opened_at"),
            ident("primary_category"),
            truth("kyc_verified"),
            truth("payout_account_bound"),
            truth("tracking_auto_sync"),
            choice("mode", Store.Mode.values),
        ),
        key=("store_no",),
    ),
    FileSpec(
        "listings",
        Listing,
        (
            STORE_NO,
            ident("sku", 120, required=True),
            text("title", 500),
            text("description", 20_000),
            ident("category"),
            money("price_usd"),
            text("image_file", 255),
        ),
        key=("store_no", "sku"),
        parent=Parent.STORE,
    ),
    FileSpec(
        "orders",
        Order,
        (
            STORE_NO,
            ident("order_no", required=True),
            ident("sku", 120, field="sku_given"),
            ident("category"),
            ident("buyer_ref"),
            Column("site", Kind.UPPER, longest=8),
            choice("source", Source.values),
            text("payment_method", 64),
            truth("is_presale"),
            instant("created_at", required=True),
            instant("paid_at"),
            instant("dispatch_confirmed_at"),
            instant("ship_by", field="ship_by_given", planned=True),
            instant("shipped_at"),
            ident("carrier"),
            ident("tracking_no"),
            instant("estimated_delivery_at", planned=True),
            instant("delivered_at", field="delivered_given"),
            instant("confirmed_at"),
            choice("confirmed_by", ("buyer", "system")),
            instant("cancelled_at"),
            choice("cancelled_by", ("buyer", "seller", "platform")),
            text("cancel_reason", 255),
            instant("refunded_at", field="refunded_given"),
            instant("closed_at"),
            money("total_amount", required=True),
            Column("currency", Kind.CURRENCY, required=True),
            Column("usd_rate", Kind.DECIMAL, places=12, above=True),
            money("shipping_amount"),
            money("insurance_premium_usd"),
            ident("buyer_ip_hash"),
            text("ship_address", 500),
        ),
        key=("store_no", "order_no"),
        parent=Parent.STORE,
        feed=Feed.Kind.ORDERS,
    ),
    FileSpec(
        "order_lines",
        OrderLine,
        (
            STORE_NO,
            ORDER_NO,
            Column("line_no", Kind.WHOLE, required=True),
            ident("sku", 120, required=True),
            Column("quantity", Kind.WHOLE),
            money("amount"),
        ),
        key=("store_no", "order_no", "line_no"),
        parent=Parent.ORDER,
    ),
    FileSpec(
        "tracking_events",
        TrackingEvent,
        (
            STORE_NO,
            ORDER_NO,
            ident("tracking_no", fill=""),
            instant("at", required=True),
            choice("kind", TrackingEvent.Kind.values, required=True),
            text("place", 120),
            text("text", 500),
        ),
        key=("store_no", "order_no", "at", "kind", "tracking_no"),
        parent=Parent.ORDER,
        feed=Feed.Kind.TRACKING,
    ),
    FileSpec(
        "reviews",
        Review,
        (
            STORE_NO,
            ORDER_NO,
            choice("kind", Review.Kind.values, fill=Review.Kind.BUYER.value),
            instant("created_at", required=True),
            instant("revised_at"),
            stars("described"),
            stars("communication"),
            stars("shipping"),
            text("text", 20_000),
            truth("has_photo"),
        ),
        key=("store_no", "order_no", "kind", "created_at"),
        parent=Parent.ORDER,
        feed=Feed.Kind.REVIEWS,
    ),
    FileSpec(
        "disputes",
        Dispute,
        (
            STORE_NO,
            ident("dispute_no", required=True),
            ORDER_NO,
            choice("kind", Dispute.Kind.values, required=True),
            instant("opened_at", required=True),
            choice("state", Dispute.State.values),
            instant("responded_at"),
            instant("closed_at"),
            choice("liability", Dispute.Liability.values),
            money("claimed_usd"),
            money("outcome_usd"),
        ),
        key=("store_no", "dispute_no"),
        parent=Parent.ORDER,
        feed=Feed.Kind.DISPUTES,
    ),
    FileSpec(
        "refunds",
        Refund,
        (
            STORE_NO,
            ident("refund_no", required=True),
            ORDER_NO,
            instant("requested_at", required=True),
            ident("state", 32),
            instant("completed_at"),
            money("amount_usd"),
            truth("full"),
        ),
        key=("store_no", "refund_no"),
        parent=Parent.ORDER,
        feed=Feed.Kind.REFUNDS,
    ),
    FileSpec(
        "returns",
        ReturnParcel,
        (
            STORE_NO,
            ident("return_no", required=True),
            ORDER_NO,
            instant("shipped_back_at"),
            instant("received_at"),
            instant("inspected_at"),
            text("result", 64),
        ),
        key=("store_no", "return_no"),
        parent=Parent.ORDER,
    ),
    FileSpec(
        "settlements",
        Settlement,
        (
            STORE_NO,
            ORDER_NO,
            instant("released_at"),
            money("amount", least=None),
            Column("currency", Kind.CURRENCY),
            text("held_reason", 120),
        ),
        key=("store_no", "order_no"),
        parent=Parent.ORDER,
        feed=Feed.Kind.SETTLEMENTS,
    ),
    FileSpec(
        "messages",
        Message,
        (
            STORE_NO,
            ident("message_no", required=True),
            ORDER_NO,
            instant("sent_at", required=True),
            choice("sender", Message.Sender.values, required=True),
            text("text", 20_000, required=True),
            ident("language", 8),
            truth("automatic"),
        ),
        key=("store_no", "message_no"),
        parent=Parent.ORDER,
        feed=Feed.Kind.MESSAGES,
    ),
    FileSpec(
        "copyright_complaints",
        CopyrightComplaint,
        (
            STORE_NO,
            ident("complaint_no", required=True),
            ident("sku", 120, required=True),
            instant("opened_at", required=True),
            instant("resolved_at"),
            truth("upheld"),
        ),
        key=("store_no", "complaint_no"),
        parent=Parent.STORE,
        feed=Feed.Kind.COPYRIGHT,
    ),
    FileSpec(
        "benchmarks",
        ImportedBenchmark,
        (ident("category", required=True), DAY, *MEASURE),
        key=("category", "day", "metric"),
    ),
    FileSpec(
        "platform_figures",
        PlatformFigure,
        (STORE_NO, DAY, *MEASURE),
        key=("store_no", "day", "metric"),
        parent=Parent.STORE,
    ),
    FileSpec(
        "platform_notices",
        PlatformNotice,
        (
            STORE_NO,
            ident("number", required=True),
            ident("metric", 32, required=True),
            ident("level", 16, required=True),
            instant("triggered_at", required=True),
            ident("state", 32),
        ),
        key=("store_no", "number"),
        parent=Parent.STORE,
    ),
)

FILES: dict[str, FileSpec] = {spec.name: spec for spec in _SPECS}
FEED_FILES: dict[str, str] = {spec.name: spec.feed for spec in _SPECS if spec.feed}
# The feed that a column of orders.csv turns on (MX-07).
CONFIRMATIONS_COLUMN = "dispatch_confirmed_at"
