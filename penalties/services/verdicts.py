"""What a confirmed risk case brings, in the transaction of its verdict (TM-07, PN-35, AF-12, PN-42).

Penalties follow from the case's row (`penalties.grounds.verdicts`); points, proposals and closing cases are made here.
"""

from datetime import datetime

from orders.models import RiskCase
from orders.services.cases import open_risk_case
from penalties.models import PenaltyProposal
from penalties.queries.verdicts import NOTHING, parcel_of
from penalties.rules import PenaltyKind
from penalties.services.deriving import derive_penalties
from penalties.services.points import add_points
from penalties.services.proposals import AlreadyProposedError, propose_penalty
from stores.models import Store, User
from stores.principals import Person

CLOSING = "fake_dispatch_closing"


def punish_fake_dispatch(case: RiskCase, reviewer: User, at: datetime) -> None:
    """Points, and a closing case when it has happened too often (TM-07)."""
    given = case.outcome
    if given["points"]:
        _add_points(case, "TM-07", parcel_of(case), reviewer, at)
    if given["closing"]:
        open_risk_case(
            store=case.store,
            kind=CLOSING,
            subject_kind="store",
            subject_key=case.store.store_no,
            facts={"order": case.subject_key, "number": given["number"], "days": given["days"]},
            at=at,
            dedupe=f"case {case.pk}",
            actor=Person(reviewer).actor,
        )


def punish_manipulation(case: RiskCase, reviewer: User, at: datetime) -> None:
    """Search demotion and suspended settlements (PN-35)."""
    derive_penalties(store_ids=[case.store_id], at=at, actor=Person(reviewer).actor)


def punish_inducement(case: RiskCase, reviewer: User, at: datetime) -> None:
    """The step of the ladder that the outcome names (AF-12)."""
    if "proposed" in case.outcome:
        propose_consequence(case, reviewer, at)
    elif "points" in case.outcome:
        _add_points(case, "AF-12", f"case {case.pk}", reviewer, at)
    else:
        derive_penalties(store_ids=[case.store_id], at=at, actor=Person(reviewer).actor)


def propose_consequence(case: RiskCase, reviewer: User, at: datetime) -> PenaltyProposal | None:
    """Propose the penalty that the outcome names, or that the reviewer chose, for a second person to confirm (PN-42).
    None where nothing was chosen, the store's platform decides, or the same penalty is proposed already."""
    kind = case.outcome.get("proposed") or case.outcome.get("choice", "")
    if not kind or kind == NOTHING or case.store.mode == Store.Mode.MIRRORED:
        return None
    try:
        return propose_penalty(
            store=case.store, kind=PenaltyKind(kind), reason=case.reason, by=reviewer, at=at, case=case
        )
    except AlreadyProposedError:
        return None


def _add_points(case: RiskCase, rule: str, cause: str, reviewer: User, at: datetime) -> None:
    add_points(
        store=case.store,
        points=case.outcome["points"],
        source=case.kind,
        cause=cause,
        rule=rule,
        facts={"case": case.kind, "subject": case.subject_key, "reason": case.reason},
        at=at,
        actor=Person(reviewer).actor,
    )
