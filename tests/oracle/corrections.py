"""A later export of the same stores: what `make_corrections` changes, clears and adds late (IX-03, MX-08)."""

from __future__ import annotations

from datetime import timedelta

from .bundle import Bundle
from .generator import EVENT_KINDS, LEAP_DAY, LIABILITIES, Chooser, Maker, iso
from .instants import instant, needed_instant, performance_day
from .policy import DAY, HOUR

CORRECTABLE = (
    "paid_at",
    "ship_by",
    "shipped_at",
    "estimated_delivery_at",
    "delivered_at",
    "confirmed_at",
    "cancelled_at",
    "refunded_at",
)


def make_corrections(chooser: Chooser, bundle: Bundle, *, late_rates: bool = False) -> Bundle:
    """A later export for the same stores: cells changed and cleared, stars revised, disputes judged, rows added late.

    Its files hold only the rows concerned and, for orders, only some columns; `merge(bundle, corrections)` is what is
    known after both. With `late_rates`, a dated rate arrives late too and restates amounts. Where the first bundle has
    no manifest the corrections have none: both count as exported when their imports start, the later one later.
    """
    first = needed_instant((bundle.manifest or {}).get("exported_at") or iso(LEAP_DAY + 120 * DAY))
    maker = Maker(chooser, LEAP_DAY)
    maker.has_confirmations = any("dispatch_confirmed_at" in row for row in bundle.get("orders", []))
    maker.files = {}
    correct_orders(maker, bundle)
    correct_reviews(maker, bundle)
    for row in bundle.get("disputes", []):
        if chooser.chance(30):
            closed = maker.cell(maker.maybe(70, instant(row["opened_at"])))
            changed = {"closed_at": closed, "liability": chooser.pick(LIABILITIES) if closed else ""}
            maker.add("disputes", **{**row, **changed, "state": "closed" if closed else "open"})
    for row in bundle.get("refunds", []):
        if chooser.chance(30):
            completed = maker.cell(maker.maybe(60, instant(row["requested_at"])))
            maker.add("refunds", **{**row, "completed_at": completed, "full": chooser.pick(("true", "false"))})
    for row in bundle.get("shipments", []):
        if chooser.chance(30):
            maker.add("shipments", **{**row, "shipped_at": maker.cell(maker.maybe(70, instant(row["shipped_at"])))})
    late_rows(maker, bundle, late_rates)
    later = iso(first + chooser.whole(1, 3) * HOUR)
    return Bundle(maker.files, {"exported_at": later, "mode": "mirrored"} if bundle.manifest else None)


def correct_orders(maker: Maker, bundle: Bundle) -> None:
    """Some orders again with some of their columns: each cell kept, changed or cleared."""
    chosen = [name for name in CORRECTABLE if maker.choose.chance(40)]
    kept = ("store_no", "order_no", "created_at", "total_amount", "currency", "usd_rate")
    paired = {"confirmed_at": "confirmed_by", "cancelled_at": "cancelled_by"}
    renumbers = maker.choose.chance(30)
    for row in bundle.get("orders", []):
        if not maker.choose.chance(35):
            continue
        changed = {name: row[name] for name in kept}
        for name in chosen:
            changed[name] = maker.choose.pick((row[name], "", maker.stamp(maker.after(instant(row["created_at"])))))
            if name in paired:
                by = maker.choose.pick(("buyer", "system" if name == "confirmed_at" else "seller"))
                changed[paired[name]] = by if changed[name] else ""
        if renumbers:
            changed["tracking_no"] = maker.choose.pick((row["tracking_no"], "LP2", "LP1", ""))
        maker.add("orders", **changed)


def correct_reviews(maker: Maker, bundle: Bundle) -> None:
    """Buyers change their minds: new stars, later revised_at (later than anything the order's reviews knew)."""
    for row in bundle.get("reviews", []):
        if row.get("kind") == "auto" or not maker.choose.chance(25):
            continue
        own = [
            other
            for other in bundle["reviews"]
            if (other["store_no"], other["order_no"]) == (row["store_no"], row["order_no"])
        ]
        latest = max(at for other in own for name in ("created_at", "revised_at") if (at := instant(other.get(name))))
        taken = [
            at
            for other in maker.files.get("reviews", [])
            if other["order_no"] == row["order_no"] and (at := instant(other["revised_at"]))
        ]
        revised = max([latest, *taken]) + maker.choose.pick((1, HOUR, 4 * DAY))
        stars = str(maker.choose.pick((1, 2, 3, 5)))
        maker.add(
            "reviews",
            **{**row, "revised_at": maker.stamp(revised), "described": stars, "text": maker.choose.pick(("", "so"))},
        )


def late_rows(maker: Maker, bundle: Bundle, late_rates: bool) -> None:
    """Orders, events, messages and reviews that come late, and categories that change their flags."""
    choose = maker.choose
    for store in bundle.get("stores", []):
        store_no = store["store_no"]
        skus = [row["sku"] for row in bundle.get("listings", []) if row["store_no"] == store_no]
        for number in range(choose.whole(0, 2)):
            # A whole order's columns would be cleared in the corrected rows of the same file: it goes in by itself.
            late = Maker(choose, maker.start)
            late.has_confirmations = False
            late.files = {}
            late.make_order(store_no, f"L{number + 1}", skus or ["none"])
            for stem, rows in late.files.items():
                if stem != "orders":
                    maker.files.setdefault(stem, []).extend(rows)
                    continue
                known = list(maker.files["orders"][0]) if maker.files.get("orders") else list(rows[0])
                maker.files.setdefault("orders", []).extend({name: row.get(name, "") for name in known} for row in rows)
    for row in bundle.get("orders", []):
        if choose.chance(15):
            key = {"store_no": row["store_no"], "order_no": row["order_no"]}
            at = maker.after(instant(row["shipped_at"]), instant(row["created_at"]))
            maker.add("tracking_events", **key, tracking_no="LP9", at=maker.stamp(at), kind=choose.pick(EVENT_KINDS))
    for row in bundle.get("listings", []):
        if choose.chance(15):
            maker.add("listings", **{**row, "category": choose.pick(("", "zl-virtual", "zl-plain"))})
    if choose.chance(20):
        maker.add(
            "categories", code="zl-plain", name="zl-plain", parent_code="zr-plain", flags=choose.pick(("", "virtual"))
        )
    if late_rates:
        day = performance_day(maker.start) + timedelta(days=2)
        maker.add("fx_rates", currency="BRL", day=str(day), usd_rate="0.333")
