"""Penalties and points in words (PN-42, PN-43)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, npgettext

from orders.cases import case_kind
from penalties.models import KINDS, PointsEntry
from penalties.rules import SCOPES, PenaltyKind, Scope
from rulebook.policy.conduct import PointsStep

KIND_WORDS: Mapping[str, Any] = dict(KINDS)
SCOPE_WORDS: Mapping[Scope, Any] = {
    Scope.ACCOUNT: gettext_lazy("whole account"),
    Scope.LISTING: gettext_lazy("one listing"),
    Scope.BENEFIT: gettext_lazy("one benefit"),
}
# What a penalty does. Those that only the platform's search, advertising and billing can carry out say so.
EFFECT_WORDS: Mapping[str, Any] = {
    PenaltyKind.SEARCH_DEMOTION: gettext_lazy("Listings rank lower. The platform's search carries this out."),
    PenaltyKind.PROMOTION_BLOCK: gettext_lazy("The store can't register for promotions."),
    PenaltyKind.FLASH_DEALS_BLOCK: gettext_lazy("The store can't register for flash deals."),
    PenaltyKind.FUNDS_HOLD: gettext_lazy("Funds that fall due are held, and released when the penalty ends."),
    PenaltyKind.WITHDRAWAL_FREEZE: gettext_lazy("Released funds can't be withdrawn. The paying bank carries this out."),
    PenaltyKind.NEW_STORE_BLOCK: gettext_lazy("The company can't open further stores. Operations carry this out."),
    PenaltyKind.LISTING_DELISTED: gettext_lazy("The listing is offline and can't go online before the end."),
    PenaltyKind.AD_PREMIUM_CAP: gettext_lazy("Premiums for advertising are capped. The advertising system does it."),
    PenaltyKind.COMMISSION_SURCHARGE: gettext_lazy("Commission is higher. The billing system adds it."),
    PenaltyKind.INSURANCE_SURCHARGE: gettext_lazy("Insurance costs more. The insurer adds it."),
    PenaltyKind.SEARCH_BONUS_SUSPENDED: gettext_lazy("The rating brings no bonus in search while this lasts."),
    PenaltyKind.WARNING: gettext_lazy("Nothing is restricted yet."),
    PenaltyKind.ACCOUNT_FROZEN: gettext_lazy("The store counts as restricted and leaves the benchmarks."),
    PenaltyKind.STORE_CLOSED: gettext_lazy("The store is closed and leaves the benchmarks."),
}


def scope_words(kind: str) -> str:
    return str(SCOPE_WORDS[SCOPES[PenaltyKind(kind)]])


def effect_words(kind: str) -> str:
    return str(EFFECT_WORDS.get(kind, ""))


def step_words(step: PointsStep) -> str:
    """What a step of the ladder brings."""
    if not step.days:
        return _("a case for closing the store")
    days = npgettext("duration", "%(days)s day", "%(days)s days", step.days) % {"days": step.days}
    return _("%(penalties)s for %(days)s") % {
        "penalties": _(", ").join(str(KIND_WORDS[kind]) for kind in step.actions),
        "days": days,
    }


def points_cause(entry: PointsEntry) -> str:
    """What points were for: the case that was confirmed, else the reason that was given."""
    given = entry.facts
    if "case" in given:
        case = {"case": case_kind(given["case"]).label, "subject": given["subject"]}
        return _("%(case)s: %(subject)s") % case
    return str(given.get("reason", ""))
