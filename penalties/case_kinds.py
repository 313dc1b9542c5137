"""Kinds of risk cases that penalties bring: linked stores, a very low health score (DP-05, DP-06)."""

from collections.abc import Sequence
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.pages import formats
from core.pages.components import Fact
from core.templatetags.ui import status_word
from metrics.catalogue import Calendar
from metrics.rules.days import run_begins
from orders.cases import CaseKind, declare_case_kinds
from orders.models import RiskCase
from penalties.presenters.linked_words import near_words
from penalties.services import health, linked
from rulebook.queries import policy_at


def _store_url(case: RiskCase) -> str:
    return reverse("dashboard:panel", args=[case.store.store_no])


def _linked(case: RiskCase) -> Sequence[Fact]:
    given = case.facts
    policy = policy_at(run_begins(date.fromisoformat(given["day"]), Calendar.PERFORMANCE))
    reached = Fact(_("Reached"), str(status_word(given["level"])), given["day"])
    return [
        reached,
        *(
            Fact(
                _("Linked store %(store)s of company %(company)s") % one,
                formats.percent(one["liability"]) if "liability" in one else formats.NO_VALUE,
                near_words(one, policy),
                reverse("dashboard:panel", args=[one["store"]]),
            )
            for one in given["stores"]
        ),
    ]


def _health(case: RiskCase) -> Sequence[Fact]:
    return [Fact(_("Health score"), formats.score(case.facts["value"]), case.facts["day"])]


declare_case_kinds(
    CaseKind(
        name=linked.CASE,
        rule="DP-05",
        label=gettext_lazy("Linked stores to re-examine"),
        question=gettext_lazy("Do the linked stores need measures of their own?"),
        confirmed=gettext_lazy("The store is told."),
        dismissed=gettext_lazy("The store is told, and nothing follows. The same cause opens no second case."),
        facts=_linked,
        subject_url=_store_url,
    ),
    CaseKind(
        name=health.CASE,
        rule="DP-06",
        label=gettext_lazy("Very low health score"),
        question=gettext_lazy("Does the store need measures beyond the promotion block?"),
        confirmed=gettext_lazy("The store is told."),
        dismissed=gettext_lazy("The store is told, and nothing follows. The same cause opens no second case."),
        facts=_health,
        subject_url=_store_url,
    ),
)
