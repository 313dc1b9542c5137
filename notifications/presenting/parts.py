"""What the pages of notices share: addresses, units, the line that was crossed."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from notifications.models import Notice, NoticeOrder
from notifications.rules import Level
from orders.queries import Subset
from rulebook.queries import policy_at
from stores.models import Store

Part = dict[str, Any]

# Where a cause is mended (PN-07): the tab of the order list; other causes, such as reviews, among all orders.
TARGET_TABS = {"orders_to_ship": "ship", "disputes": "dispute", "carriers": "abnormal"}
EVERY_TAB = "all"
# What an address of the order list has to name for the problem orders of one notice.
SUBSET = "notice"


def notice_url(notice: Notice, store_no: str) -> str:
    """The page of a notice."""
    return reverse("notifications:notice", args=[store_no, notice.number])


def unit_of(notice: Notice) -> str:
    """The unit of its metric as it was frozen."""
    return str(notice.frozen.get("unit", ""))


def threshold_of(notice: Notice) -> Decimal:
    line = notice.red if notice.level == Level.RED else notice.yellow
    return line if line is not None else notice.value


def rectify_url(notice: Notice, store_no: str, at: datetime) -> str:
    """The page that mends the cause, with the problem orders filtered in (PN-07)."""
    target = policy_at(at).notices.rectify_targets.get(notice.metric, "")
    query = urlencode({"tab": TARGET_TABS.get(target, EVERY_TAB), SUBSET: notice.number})
    return f"{reverse('orders:list', args=[store_no])}?{query}"


def orders_subset(store: Store, number: str) -> Subset | None:
    """The problem orders of a notice of the store, for the order list (PN-07)."""
    notice = Notice.objects.filter(store=store, number=number).first()
    if notice is None:
        return None
    return Subset(
        parameter=SUBSET,
        value=number,
        title=_("Shown are only the problem orders of notice %(number)s.") % {"number": number},
        action=_("To the notice"),
        url=notice_url(notice, store.store_no),
        order_nos=NoticeOrder.objects.filter(notice=notice).exclude(order_no="").values("order_no"),
    )
