"""Kinds of risk cases about reviews and messages (PN-35, AF-12)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from core.pages.components import Fact
from core.templatetags.ui import instant
from orders.cases import CaseKind, declare_case_kinds
from orders.models import RiskCase
from orders.rules.manipulation import Link

LINKS: dict[str, Any] = {
    Link.BUYER: gettext_lazy("the same buyer"),
    Link.NETWORK: gettext_lazy("the same network address"),
    Link.ADDRESS: gettext_lazy("the same delivery address"),
}


def _at(text: str) -> str:
    return instant(datetime.fromisoformat(text))


def _manipulation(case: RiskCase) -> Sequence[Fact]:
    given = case.facts
    orders = Fact(_("Orders"), ", ".join(given["orders"]))
    if given["cause"] == "quick":
        return [
            Fact(_("Cause"), _("Five stars within minutes of delivery")),
            Fact(pgettext("instant", "Delivered"), _at(given["first"])),
            Fact(_("Reviewed"), _at(given["last"])),
            orders,
        ]
    return [
        Fact(_("Cause"), _("Many five-star reviews of linked buyers"), str(LINKS[given["link"]])),
        Fact(_("Reviews"), str(given["count"])),
        Fact(_("From"), _at(given["first"])),
        Fact(_("To"), _at(given["last"])),
        orders,
    ]


def _inducement(case: RiskCase) -> Sequence[Fact]:
    given = case.facts
    if given["cause"] == "reported":
        return [Fact(_("Cause"), _("Reported by staff")), Fact(_("Report"), given["report"])]
    words = ", ".join(dict.fromkeys(one["word"] for one in given["said"]))
    orders = ", ".join(dict.fromkeys(one["order"] for one in given["said"]))
    return [
        Fact(_("Words found"), words),
        Fact(_("Messages"), str(given["count"])),
        Fact(_("Orders"), orders),
    ]


def _order_url(case: RiskCase) -> str:
    return reverse("dashboard:order", args=[case.store.store_no, case.subject_key])


def _thread_url(case: RiskCase) -> str:
    return reverse("orders:thread", args=[case.store.store_no, case.subject_key])


declare_case_kinds(
    CaseKind(
        name="review_manipulation",
        rule="PN-35",
        label=gettext_lazy("Suspected review manipulation"),
        question=gettext_lazy("Did the store have reviews written for it?"),
        confirmed=gettext_lazy("The store is told. The rating does not change by itself."),
        dismissed=gettext_lazy("The store is told, and nothing follows. The same cause opens no second case."),
        facts=_manipulation,
        subject_url=_order_url,
    ),
    CaseKind(
        name="inducement",
        rule="AF-12",
        label=gettext_lazy("Inducing reviews"),
        question=gettext_lazy("Did the store offer something for a review, or lead the buyer off the platform?"),
        confirmed=gettext_lazy("The store is told. The next step of the ladder follows: one per confirmed case."),
        dismissed=gettext_lazy("The store is told, and nothing follows. The same cause opens no second case."),
        facts=_inducement,
        subject_url=_thread_url,
    ),
)
