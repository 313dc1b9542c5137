"""The tabs of the order list that show raised risk flags (PG-06, TM-14): few rows of one index."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from orders.models import OrderState
from orders.queries.flags.traces import STALLED as SILENT
from orders.queries.flags.traces import STALLED_LONG as SILENT_LONG
from orders.queries.tabs import Orders, Tab
from stores.models import Store


def _stalled(orders: Orders, store: Store, at: datetime) -> Orders:
    return orders.filter(
        state=OrderState.SHIPPED,
        raised_flags__store=store,
        raised_flags__code__in=(SILENT.code, SILENT_LONG.code),
        raised_flags__cleared_at=None,
    )


STALLED = Tab("stalled", _("Stalled"), _("Stalled since"), _stalled, key="raised_flags__since", tie="raised_flags__pk")
