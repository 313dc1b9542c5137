"""What the pages of notices share: addresses, units, the line that was crossed."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from notifications.models import Notice
from notifications.rules import Level
from rulebook.queries import policy_at

Part = dict[str, Any]

# Where a cause is mended (PN-07): the tab of the order list; other causes are looked at order by order.
TARGET_TABS = {"orders_to_ship": "ship", "disputes": "dispute", "carriers": "abnormal"}


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
    if target in TARGET_TABS:
        return f"{reverse('orders:list', args=[store_no])}?{urlencode({'tab': TARGET_TABS[target]})}"
    query = urlencode({"day": notice.day.isoformat()})
    return f"{reverse('metrics:metric', args=[store_no, notice.metric])}?{query}#problems"
