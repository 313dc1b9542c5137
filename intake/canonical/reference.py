"""Files that orders refer to, and what all companies share (IX-02)."""

from intake.canonical.columns import Column, Kind
from intake.canonical.spec import (
    DAY,
    STORE_NO,
    FileSpec,
    Parent,
    choice,
    code,
    dollars,
    ident,
    instant,
    number,
    text,
    truth,
)
from stores.models import Carrier, Category, Company, FxRate, Listing, Store

REFERENCE_FILES = (
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
            number("company_no", required=True),
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
            code("code", required=True),
            text("name", 120, required=True),
            code("parent_code"),
            Column("flags", Kind.FLAGS),
        ),
        key=("code",),
    ),
    FileSpec(
        "carriers",
        Carrier,
        (
            code("code", required=True),
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
            number("store_no", required=True),
            text("name", 200, required=True),
            number("company_no", field=None),
            choice("level", Store.Level.values),
            code("store_type", 32),
            instant("opened_at"),
            code("primary_category"),
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
            code("category"),
            dollars("price_usd"),
            text("image_file", 255),
        ),
        key=("store_no", "sku"),
        parent=Parent.STORE,
    ),
)
