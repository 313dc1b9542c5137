"""The Smart Check of an appeal (PN-28, PN-28a, PN-29, DP-09)."""

from datetime import datetime

from appeals.checks.cases import Case
from appeals.checks.completeness import check_completeness, check_statement
from appeals.checks.content import check_content
from appeals.checks.contradictions import check_contradictions
from appeals.checks.findings import Finding, in_order
from appeals.checks.loading import load_case
from appeals.checks.parcels import check_parcels, read_numbers
from appeals.checks.reuse import check_reuse
from appeals.models import Appeal


def check_appeal(appeal: Appeal, at: datetime) -> list[Finding]:
    """What the check finds in an appeal as it is at an instant, the gravest first, those that passed last."""
    return check_case(load_case(appeal, at))


def check_case(case: Case) -> list[Finding]:
    """What the check finds in a loaded appeal."""
    named = read_numbers(case)
    found = [
        *check_content(case),
        *check_reuse(case),
        *check_parcels(case, named),
        *check_contradictions(case, named),
        *check_completeness(case),
        *check_statement(case),
    ]
    return in_order(found, case.places)


def kept_findings(appeal: Appeal) -> list[Finding]:
    """The findings as the seller saw them at submission."""
    return [Finding.from_json(data) for data in appeal.findings]
