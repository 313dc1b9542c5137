"""The kind of risk cases that orders themselves open (TM-07)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.pages.components import Fact
from core.templatetags.ui import instant
from orders.cases import CaseKind, declare_case_kinds
from orders.models import RiskCase
from orders.rules.fake_dispatch import Cause

CAUSES: dict[str, Any] = {
    Cause.NO_PICKUP: gettext_lazy("No pickup scan days after dispatch"),
    Cause.DELIVERED_BEFORE_PICKUP: gettext_lazy("Delivered before it was picked up"),
    Cause.OFF_ROUTE: gettext_lazy("Delivered in a country that is not the buyer's"),
    Cause.NUMBER_USED: gettext_lazy("The number was delivered for another order before"),
}


def _facts(case: RiskCase) -> Sequence[Fact]:
    given = case.facts
    return [
        Fact(_("Cause"), str(CAUSES.get(given["cause"], given["cause"])), given["detail"]),
        Fact(_("Shown by"), instant(datetime.fromisoformat(given["at"]))),
        Fact(_("Carrier"), given["carrier"]),
        Fact(_("Tracking number"), given["tracking_no"]),
        Fact(_("Shipped"), instant(datetime.fromisoformat(given["shipped_at"]))),
        Fact(_("Site"), given["site"]),
    ]


def _order_url(case: RiskCase) -> str:
    return reverse("orders:order_logistics", args=[case.store.store_no, case.subject_key])


declare_case_kinds(
    CaseKind(
        name="fake_dispatch",
        rule="TM-07",
        label=gettext_lazy("Suspected fake dispatch"),
        question=gettext_lazy("Was the order marked as shipped without a parcel on its way?"),
        confirmed=gettext_lazy("The store is told. Penalty points for fake dispatch follow from it."),
        dismissed=gettext_lazy("The store is told, and nothing follows. The same cause opens no second case."),
        facts=_facts,
        subject_url=_order_url,
    )
)
