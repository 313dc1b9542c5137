"""What the pages of notices share: addresses, units, the threshold that was crossed."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from core.pages import formats
from notifications.models import Notice
from notifications.queries.rectify import LISTINGS
from notifications.rules import AppealResult, NoticeLevel
from orders.queries import EVERY, Subset
from stores.models import Store

APPEAL_RESULTS = {
    AppealResult.NONE: "",
    AppealResult.UNDER_REVIEW: pgettext_lazy("appeal result", "under review"),
    AppealResult.WAIVED: pgettext_lazy("appeal result", "waived"),
    AppealResult.ACCEPTED: pgettext_lazy("appeal result", "accepted"),
    AppealResult.REJECTED: pgettext_lazy("appeal result", "rejected"),
}
# What an address of the order list has to name for the problem orders of one notice.
SUBSET = "notice"
# The same for the orders that can still be saved.
RECTIFY = "rectify"


def notice_url(notice: Notice, store_no: str) -> str:
    """The page of a notice."""
    return reverse("dashboard:notice", args=[store_no, notice.number])


def plan_url(notice: Notice, store_no: str) -> str:
    """The page of a notice's improvement plan."""
    return reverse("dashboard:plan", args=[store_no, notice.number])


def numbered_url(store: Store, number: str) -> str:
    """The page of the store's notice of this number."""
    return reverse("dashboard:notice", args=[store.store_no, number])


def unit_of(notice: Notice) -> str:
    """The unit of its metric from its snapshot."""
    return str(notice.snapshot.get("unit", ""))


def threshold_of(notice: Notice) -> Decimal:
    threshold = notice.red if notice.level == NoticeLevel.RED else notice.yellow
    return threshold if threshold is not None else notice.value


def orders_url(notice: Notice, store_no: str, tab: str = EVERY.code) -> str:
    """The order list with the notice's problem orders alone (PN-07)."""
    query = urlencode({"tab": tab, SUBSET: notice.number})
    return f"{reverse('dashboard:orders', args=[store_no])}?{query}"


def rectify_url(notice: Notice, store_no: str, tab: str) -> str:
    """The order list with the orders alone that can still be saved, or the listings of a copyright notice (PN-07)."""
    if tab == LISTINGS:
        return f"{reverse('dashboard:listings', args=[store_no])}?{urlencode({SUBSET: notice.number})}"
    query = urlencode({"tab": tab, RECTIFY: notice.number})
    return f"{reverse('dashboard:orders', args=[store_no])}?{query}"


def rectify_text(count: int, tab: str = "") -> str:
    """What the button says that leads to the orders, or listings, that can be acted on."""
    if tab == LISTINGS:
        text = ngettext("Rectify now: %(count)s listing", "Rectify now: %(count)s listings", count)
        return text % {"count": formats.number(count)}
    text = ngettext("Rectify now: %(count)s order", "Rectify now: %(count)s orders", count)
    return text % {"count": formats.number(count)}


def orders_subset(notice: Notice, order_nos: QuerySet[Any]) -> Subset:
    """The problem orders of a notice, for the order list (PN-07)."""
    return Subset(
        parameter=SUBSET,
        value=notice.number,
        title=_("Shown are only the problem orders of notice %(number)s.") % {"number": notice.number},
        action=_("To the notice"),
        url=notice_url(notice, notice.store.store_no),
        order_nos=order_nos,
    )


def rectifiable_subset(notice: Notice, order_nos: QuerySet[Any]) -> Subset:
    """The orders of a notice that can still be saved, for the order list (PN-07)."""
    return Subset(
        parameter=RECTIFY,
        value=notice.number,
        title=_("Shown are only the orders that can still be saved for notice %(number)s.") % {"number": notice.number},
        action=_("To the notice"),
        url=notice_url(notice, notice.store.store_no),
        order_nos=order_nos,
    )
