"""The platform's words and what they mean here. A word that no table has is a data issue, never a guess."""

import re
from collections.abc import Sequence

from disputes.models import Dispute
from orders.models import Fulfilment, TrackingEvent

Scan, DisputeKind = TrackingEvent.Kind, Dispute.Kind

ORDER_STATES = frozenset(
    {
        *("PLACE_ORDER_SUCCESS", "PAYMENT_PROCESSING", "RISK_CONTROL", "RISK_CONTROL_HOLD", "WAIT_GROUP_SUCCESS"),
        *("WAIT_SELLER_EXAMINE_MONEY", "WAIT_SELLER_SEND_GOODS", "SELLER_PART_SEND_GOODS", "WAIT_BUYER_ACCEPT_GOODS"),
        *("IN_CANCEL", "IN_ISSUE", "IN_FROZEN", "FUND_PROCESSING", "FINISH", "ARCHIVE"),
    }
)
# An order is over in these, well or not: the reason of its end tells.
ENDED = frozenset({"FINISH", "FUND_PROCESSING", "ARCHIVE"})
# `over_time_left` is the limit of dispatch in these alone.
AWAITS_DISPATCH = frozenset({"WAIT_SELLER_SEND_GOODS", "SELLER_PART_SEND_GOODS"})

# Reasons of an end: who confirmed receipt, '' where nobody says it.
CONFIRMED = {"buyer_confirm_goods": "buyer", "order_completed": ""}
CANCELLED = frozenset({"cancel_order_close_trade"})
# The seller let the time for dispatch pass.
DISPATCH_TIMEOUT = re.compile(r"se", re.ASCII)

FULFILMENT = {"SELLER_SEND_GOODS": Fulfilment.SELLER.value, "WAREHOUSE_SEND_GOODS": Fulfilment.PLATFORM.value}

# The platform's words for a refund; the states of a source's refunds here.
REFUNDS = {
    "wait_refund": "requested",
    "refund_ok": "completed",
    "refund_cancel": "withdrawn",
    "close": "withdrawn",
    "refund_frozen": "refund_frozen",
}

SELLER_SIDE = "seller"
PLATFORM_SIDE = "waiter"
REACHED = frozenset({"reached", "perform"})
TIMED_OUT = "seller_reponse_timeout"
ARBITRATED = "platform_arbitrate"
WITHDRAWN = "canceled_issue"
OVER = frozenset({"finish", WITHDRAWN})

# Scans by their action codes; the first pattern that fits counts. A seller who says that a parcel was consigned is no
# carrier who has it.
_SCANS: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern), kind.value)
    for pattern, kind in (
        (r".*_FAIL.*|.*REJECT.*|FAILED", Scan.EXCEPTION),
        (r"RT_.*|RETURNED", Scan.RETURNED),
        (r"GTMS_SIGNED|GTMS_STA_SIGNED|GSTA_SIGN|SIGNED", Scan.DELIVERED),
        (r"GTMS_DELIVERING|GTMS_WAIT_SELF_PICK", Scan.OUT_FOR_DELIVERY),
        (r"CC_EX_.*|CC_IM_.*|CUS_.*", Scan.CUSTOMS),
        (r"SC_(INBOUND|OUTBOUND)_SUCCESS|LH_HO_AIRLINE|LH_DEPART|LH_ARRIVE|GTMS_ACCEPT|GTMS_DO_ARRIVE", Scan.TRANSIT),
        (r"PU_PICKUP_SUCCESS|GOT", Scan.PICKUP),
        (r"CONSIGN|OM_CONSIGN", Scan.LABEL),
    )
)

# Reasons of disputes are free text: what they speak of.
_REASONS: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern, re.I), kind.value)
    for pattern, kind in (
        (r"拒付|chargeback", DisputeKind.CHARGEBACK),
        (r"未收到|没有收到|没收到|丢失|在途|不上网|清关|海关|未妥投|not? receiv|n't receiv|lost|in transit|tracking|"
         r"customs|delivery", DisputeKind.NOT_RECEIVED),
        (r"描述不符|不符|货不对版|颜色|尺寸|尺码|数量|错|假|缺|description|described|size|colou?r|wrong|missing|"
         r"counterfeit|different|quantity", DisputeKind.NOT_AS_DESCRIBED),
        (r"质量|破损|损坏|瑕疵|坏|无法使用|不能用|quality|damage|broken|defect|work|function", DisputeKind.QUALITY),
    )
)  # fmt: skip


def scan_kind(code: str) -> str | None:
    """The kind of a scan, None for a code that is not known."""
    return next((kind for pattern, kind in _SCANS if pattern.fullmatch(code)), None)


def dispute_kind(reason: str) -> str | None:
    """The kind of a dispute by the words of its reason, None where none is known."""
    return next((kind for pattern, kind in _REASONS if pattern.search(reason)), None)
