"""The Smart Check of an appeal (PN-28, PN-28a, PN-29, DP-09)."""

from datetime import datetime

from appeals.checks.cases import Case
from appeals.checks.completeness import check_completeness, check_statement
from appeals.checks.content import check_content
from appeals.checks.contradictions import check_contradictions
from appeals.checks.dispute_sides import load_side
from appeals.checks.findings import Finding, in_order
from appeals.checks.loading import load_case
from appeals.checks.parcels import check_parcels, read_numbers
from appeals.checks.reuse import check_reuse
from appeals.models import Appeal
from disputes.models import Dispute


def check_appeal(appeal: Appeal, at: datetime) -> list[Finding]:
    """What the check finds in an appeal as it is at an instant, the gravest first, those that passed last."""
    return check_case(load_case(appeal, at))


def check_dispute(dispute: Dispute, side: str, at: datetime) -> list[Finding]:
    """What the check finds in what one side of a dispute gave as evidence, in the same order (DP-09, DP-19)."""
    case = load_side(dispute, side, at)
    return in_order(check_evidence(case), case.places)


def check_case(case: Case) -> list[Finding]:
    """What the check finds in a loaded appeal."""
    return in_order([*check_evidence(case), *check_statement(case)], case.places)


def check_evidence(case: Case) -> list[Finding]:
    """What the check finds in files, and which kinds of evidence are missing."""
    named = read_numbers(case)
    return [
        *check_content(case),
        *check_reuse(case),
        *check_parcels(case, named),
        *check_contradictions(case, named),
        *check_completeness(case),
    ]


def kept_findings(appeal: Appeal) -> list[Finding]:
    """The findings as the seller saw them at submission."""
    return [Finding.from_json(data) for data in appeal.findings]
