"""Penalties that a confirmed risk case brings (PN-35, AF-12). Points, proposals and closing cases are rows of their
own; a case that was confirmed before consequences were kept with it brings none."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from orders.cases import case_kind
from orders.models import RiskCase
from penalties.models import Penalty
from penalties.rules import Ground, PenaltyKind
from penalties.sources import GroundWords, grounds_of

SOURCE = "verdict"
MANIPULATION, INDUCEMENT = "review_manipulation", "inducement"


def verdict_words(penalty: Penalty) -> GroundWords:
    given = penalty.facts
    cause = _("Confirmed by operations: %(case)s, %(subject)s") % {
        "case": case_kind(given["case"]).label,
        "subject": given["subject"],
    }
    lifted_by = "" if penalty.ends_at is not None else _("Operations lift it; two people decide on that.")
    return GroundWords(cause, lifted_by, reverse("dashboard:order", args=[penalty.store.store_no, given["subject"]]))


def _confirmed(_at: datetime) -> QuerySet[RiskCase]:
    rows = RiskCase.objects.filter(kind__in=[MANIPULATION, INDUCEMENT], state=RiskCase.State.CONFIRMED)
    return rows.exclude(outcome={})


@grounds_of(SOURCE, words=verdict_words, rows=_confirmed)
def grounds_of_verdicts(store_ids: Collection[int], at: datetime) -> Iterable[Ground]:
    """The grounds of confirmed cases, by the outcome that each keeps."""
    for case in _confirmed(at).filter(store__in=store_ids):
        yield from _grounds(case)


def _grounds(case: RiskCase) -> Iterator[Ground]:
    given = case.outcome
    if case.kind == MANIPULATION:
        for kind in (PenaltyKind.SEARCH_DEMOTION, PenaltyKind.FUNDS_HOLD):
            yield _ground(case, kind, "PN-35", timedelta(days=given["days"]))
    elif "proposed" in given or given["step"] == PenaltyKind.PENALTY_POINTS:
        return
    elif given["step"] == PenaltyKind.LISTING_DELISTED:
        for sku in given["listings"]:
            yield _ground(case, PenaltyKind.LISTING_DELISTED, "AF-12", timedelta(hours=given["hours"]), sku)
    else:
        lasts = timedelta(days=given["days"]) if "days" in given else None
        yield _ground(case, PenaltyKind(given["step"]), "AF-12", lasts)


def _ground(case: RiskCase, kind: PenaltyKind, rule: str, lasts: timedelta | None, sku: str = "") -> Ground:
    assert case.decided_at is not None
    return Ground(
        store_id=case.store_id,
        kind=kind,
        cause=f"case {case.pk}",
        rule=rule,
        starts_at=case.decided_at,
        ends_at=None if lasts is None else case.decided_at + lasts,
        subject=sku,
        facts={"case": case.kind, "subject": case.subject_key, "reason": case.reason},
    )
