"""Kinds of risk cases that penalties bring: linked stores, a very low health score (DP-05, DP-06), red notices
that nobody acts on, several in a month, many points (PN-14, PN-43), repeated fake dispatch (TM-07)."""

from collections.abc import Sequence
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.pages import formats
from core.pages.components import Fact
from core.templatetags.ui import status_word
from metrics.catalogue import Calendar
from metrics.rules.days import run_begins
from notifications.titles import title_of
from orders.cases import CaseKind, declare_case_kinds
from orders.models import RiskCase
from penalties.grounds.notices import CLOSING_REVIEW, LICENCE_RECHECK
from penalties.grounds.points import STORE_CLOSING
from penalties.grounds.scores import REVIEW
from penalties.presenters.linked_words import near_words
from penalties.queries.linked import examined
from penalties.services import linked
from penalties.services.verdicts import CLOSING as FAKES_CLOSING
from rulebook.queries import policy_at


def _store_url(case: RiskCase) -> str:
    return reverse("dashboard:panel", args=[case.store.store_no])


def _linked(case: RiskCase) -> Sequence[Fact]:
    given, day = case.facts, date.fromisoformat(case.facts["day"])
    policy = policy_at(run_begins(day, Calendar.PERFORMANCE))
    figures = examined([one["store"] for one in given["stores"]], day, policy)
    reached = Fact(_("Reached"), str(status_word(given["level"])), given["day"])
    return [
        reached,
        *(
            Fact(
                _("Linked store %(store)s of company %(company)s") % one,
                formats.percent(found["liability"]) if "liability" in found else formats.NO_VALUE,
                near_words(found, policy),
                reverse("dashboard:panel", args=[one["store"]]),
            )
            for one, found in ((one, figures[one["store"]]) for one in given["stores"])
        ),
    ]


def _health(case: RiskCase) -> Sequence[Fact]:
    return [Fact(_("Health score"), formats.score(case.facts["value"]), case.facts["day"])]


DAY_HOURS = 24
TOLD = gettext_lazy("The store is told.")
NOTHING = gettext_lazy("The store is told, and nothing follows. The same cause opens no second case.")


def _closing(case: RiskCase) -> Sequence[Fact]:
    return [
        Fact(_("Red notice"), case.subject_key),
        Fact(_("Metric"), str(title_of(case.facts["metric"]))),
        Fact(_("Performance day"), case.facts["day"]),
        Fact(_("Open for"), _("%(days)s days") % {"days": case.facts["hours"] // DAY_HOURS}),
    ]


def _recheck(case: RiskCase) -> Sequence[Fact]:
    return [
        Fact(_("Month"), case.facts["month"]),
        Fact(_("Red notices"), ", ".join(case.facts["notices"])),
    ]


def _points(case: RiskCase) -> Sequence[Fact]:
    return [
        Fact(_("Penalty points"), str(case.facts["points"])),
        Fact(_("Year"), str(case.facts["year"])),
        Fact(_("Step of the ladder"), str(case.facts["step"])),
    ]


def _repeated(case: RiskCase) -> Sequence[Fact]:
    given = case.facts
    days = ngettext("within %(days)s day", "within %(days)s days", given["days"]) % given
    return [Fact(_("Confirmed fake dispatches"), str(given["number"]), days), Fact(_("The last one"), given["order"])]


def _notice_url(case: RiskCase) -> str:
    return reverse("dashboard:notice", args=[case.store.store_no, case.subject_key])


declare_case_kinds(
    CaseKind(
        name=linked.CASE,
        rule="DP-05",
        label=gettext_lazy("Linked stores to re-examine"),
        question=gettext_lazy("Do the linked stores need measures of their own?"),
        confirmed=TOLD,
        dismissed=NOTHING,
        facts=_linked,
        subject_url=_store_url,
    ),
    CaseKind(
        name=REVIEW,
        rule="DP-06",
        label=gettext_lazy("Very low health score"),
        question=gettext_lazy("Does the store need measures beyond the promotion block?"),
        confirmed=TOLD,
        dismissed=NOTHING,
        facts=_health,
        subject_url=_store_url,
    ),
    CaseKind(
        name=CLOSING_REVIEW,
        rule="PN-14",
        label=gettext_lazy("Red notice left alone"),
        question=gettext_lazy("Should the store be closed, since nobody acts on its red notice?"),
        confirmed=TOLD,
        dismissed=NOTHING,
        facts=_closing,
        subject_url=_notice_url,
    ),
    CaseKind(
        name=LICENCE_RECHECK,
        rule="PN-14",
        label=gettext_lazy("Licence re-check"),
        question=gettext_lazy("Does the store's business licence fail the re-check?"),
        confirmed=TOLD,
        dismissed=NOTHING,
        facts=_recheck,
        subject_url=_notice_url,
    ),
    CaseKind(
        name=FAKES_CLOSING,
        rule="TM-07",
        label=gettext_lazy("Repeated fake dispatch"),
        question=gettext_lazy("Should the store be closed for repeated fake dispatch?"),
        confirmed=TOLD,
        dismissed=NOTHING,
        facts=_repeated,
        subject_url=_store_url,
    ),
    CaseKind(
        name=STORE_CLOSING,
        rule="PN-43",
        label=gettext_lazy("Penalty points reach closing"),
        question=gettext_lazy("Should the store be closed for the penalty points of this year?"),
        confirmed=TOLD,
        dismissed=NOTHING,
        facts=_points,
        subject_url=_store_url,
    ),
)
