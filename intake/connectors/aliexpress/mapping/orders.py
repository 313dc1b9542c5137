"""The detail of an order as canonical rows: order, items, parcels, refund, release of funds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from intake.connectors.aliexpress import words
from intake.connectors.aliexpress.mapping.fields import (
    LAST_CHANGE,
    LINE,
    ORDER,
    ORDER_NO,
    PARCEL,
    Json,
    Reading,
    Row,
    dollars,
    instant,
    plain,
    read,
)
from intake.connectors.aliexpress.values import first_of, money_of, rows_of, text_of
from orders.models import Fulfilment


@dataclass(frozen=True, slots=True)
class OrderRows:
    """An order's rows by canonical file."""

    order: Row
    lines: Sequence[Row]
    parcels: Sequence[Row]
    refunds: Sequence[Row]
    settlements: Sequence[Row]

    def files(self) -> Mapping[str, Sequence[Row]]:
        return {
            "orders": [self.order],
            "order_lines": self.lines,
            "shipments": self.parcels[1:],
            "refunds": self.refunds,
            "settlements": self.settlements,
        }


def order_rows(source: Json, reading: Reading) -> OrderRows:
    """The rows that the detail of an order says."""
    reading = reading.at(text_of(first_of(source, *ORDER_NO)))
    products = rows_of(first_of(source, "child_order_list", "product_list"))
    parcels = parcel_rows(source, reading)
    order = read(ORDER, source, reading)
    order |= {name: parcels[0][name] if parcels else "" for name in ("carrier", "tracking_no", "shipped_at")}
    order["fulfilled_by"] = fulfilled_by(products, reading)
    order |= end_of(source, products, order, reading) | limit_of(source, reading)
    lines = line_rows(products, order, reading)
    order["sku"] = lines[0]["sku"] if lines else ""
    return OrderRows(
        order, lines, parcels, refund_rows(source, order, reading), settlement_rows(source, order, reading)
    )


def limit_of(source: Json, reading: Reading) -> Row:
    """Until when the order is to be shipped, while that is awaited."""
    if text_of(source.get("order_status")) not in words.AWAITS_DISPATCH:
        return {}
    limit = instant(first_of(source, "over_time_left"), reading, "ship_by")
    return {"ship_by": limit} if limit else {}


def end_of(source: Json, products: Sequence[Json], order: Row, reading: Reading) -> Row:
    """How the order ended: FINISH alone does not tell whether the buyer has it or it was cancelled."""
    state = text_of(source.get("order_status"))
    if state not in words.ORDER_STATES:
        reading.note("order_status", state)
    ended = {"confirmed_at": "", "confirmed_by": "", "cancelled_at": "", "cancelled_by": "", "cancel_reason": ""}
    ended["end_unclear"] = "false"
    if state not in words.ENDED:
        return ended
    at = instant(first_of(source, "gmt_trade_end", *LAST_CHANGE), reading, "gmt_trade_end")
    reasons = {text_of(first_of(one, "order_end_reason", "end_reason")) for one in (*products, source)} - {""}
    return ended | _end(reasons, at, source, is_paid=bool(order["paid_at"]), reading=reading)


def _end(reasons: set[str], at: str, source: Json, *, is_paid: bool, reading: Reading) -> Row:
    confirmed = sorted(reasons & set(words.CONFIRMED))
    if confirmed:
        return {"confirmed_at": at, "confirmed_by": words.CONFIRMED[confirmed[0]]}
    asked = text_of(source.get("cancel_request_reason"))
    if reasons & words.CANCELLED or not is_paid:
        return {"cancelled_at": at, "cancelled_by": "buyer" if asked else "", "cancel_reason": asked[:255]}
    timed_out = sorted(reason for reason in reasons if words.DISPATCH_TIMEOUT.match(reason))
    if timed_out:
        return {"cancelled_at": at, "cancelled_by": "seller", "cancel_reason": timed_out[0][:255]}
    reading.note("end_reason", ", ".join(sorted(reasons)))
    return {"end_unclear": "true"}


def fulfilled_by(products: Sequence[Json], reading: Reading) -> str:
    """Who ships: the platform if it ships every item (semi-managed; MX-04a)."""
    said = {text_of(product.get("send_goods_operator")) for product in products} - {""}
    for word in sorted(said - set(words.FULFILMENT)):
        reading.note("send_goods_operator", word)
    by_platform = {word for word, who in words.FULFILMENT.items() if who == Fulfilment.PLATFORM}
    return (Fulfilment.PLATFORM if said and said <= by_platform else Fulfilment.SELLER).value


def line_rows(products: Sequence[Json], order: Row, reading: Reading) -> list[Row]:
    """The items in the order of their numbers, which pages may give in any order."""
    in_order = sorted(products, key=lambda product: text_of(first_of(product, "child_id", "id")).zfill(20))
    lines = []
    for number, product in enumerate(in_order, 1):
        line = {"order_no": order["order_no"], "line_no": str(number), **read(LINE, product, reading)}
        if _currency_differs(product.get("total_product_amount"), order["currency"]):
            line["amount"] = ""
        lines.append(line)
    return [line for line in lines if line["sku"]]


def _currency_differs(value: Json, expected: str) -> bool:
    found = money_of(value)
    return found is not None and found.currency not in ("", expected)


def parcel_rows(source: Json, reading: Reading) -> list[Row]:
    """The parcels by dispatch; the first one is the order's own."""
    number = text_of(first_of(source, *ORDER_NO))
    found = [{"order_no": number, **read(PARCEL, one, reading)} for one in rows_of(source.get("logistic_info_list"))]
    numbered = {row["tracking_no"]: row for row in found if row["tracking_no"]}
    return sorted(numbered.values(), key=lambda row: (row["shipped_at"] or "9", row["tracking_no"]))


def refund_rows(source: Json, order: Row, reading: Reading) -> list[Row]:
    """The order's refund, once it has a time."""
    said = source.get("refund_info")
    at = instant(first_of(said, "refund_time"), reading, "refund_time")
    word = text_of(first_of(said, "refund_status"))
    if not at or not word:
        return []
    if word not in words.REFUNDS:
        reading.note("refund_status", word)
    state = words.REFUNDS.get(word, word)
    paid = money_of(first_of(said, "refund_cash_amt"))
    is_full = paid is not None and plain(paid.amount) == order["total_amount"]
    return [
        {
            "store_no": reading.store_no,
            "refund_no": f"{order['order_no']}-R",
            "order_no": order["order_no"],
            "requested_at": at,
            "state": state[:32],
            "completed_at": at if state == "completed" else "",
            "amount_usd": dollars(paid),
            "full": "true" if is_full else "false",
        }
    ]


def settlement_rows(source: Json, order: Row, reading: Reading) -> list[Row]:
    """The release of the order's funds."""
    at = instant(first_of(source, "loan_info.loan_time"), reading, "loan_time")
    released = money_of(first_of(source, "loan_info.loan_amount"))
    if not at or released is None:
        return []
    return [
        {
            "store_no": reading.store_no,
            "order_no": order["order_no"],
            "released_at": at,
            "amount": plain(released.amount),
            "currency": released.currency or order["currency"],
        }
    ]
