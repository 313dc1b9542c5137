"""Whether the evidence needed is there, and whether the statement is boilerplate (PN-28a, PN-29, DP-07)."""

from collections.abc import Iterator
from fractions import Fraction

from appeals.checks.cases import Case, CheckedOrder
from appeals.checks.findings import Code, Finding, Severity
from appeals.checks.likeness import bare_text, likeness
from appeals.checks.numbers import by_number, candidates
from appeals.rules import AppealKind

MESSAGES = "platform_messages"
WITHDRAWAL = "withdrawal"
# People name an order by its last digits.
LAST_DIGITS = 6


def check_completeness(case: Case) -> Iterator[Finding]:
    """Kinds of evidence that are missing, and messages that were attached as files."""
    handed_in = frozenset(file.kind for file in case.files)
    missing = list(_missing(case, handed_in))
    yield from missing
    if case.valid and not case.valid & handed_in and not any(case.valid & order.at_hand for order in case.orders):
        yield Finding(Code.EVIDENCE_INVALID, Severity.HIGH, params={"kinds": sorted(case.valid)})
    if not missing and case.orders:
        yield Finding(Code.EVIDENCE_COMPLETE, Severity.PASSED)
    for file in case.files:
        if file.kind == MESSAGES:
            yield Finding(Code.MESSAGES_AS_FILE, Severity.LOW, file.id)


def _missing(case: Case, handed_in: frozenset[str]) -> Iterator[Finding]:
    by_kind: dict[tuple[str, str], list[str]] = {}
    for order in case.orders:
        for kind in missing_kinds(case, order, handed_in):
            by_kind.setdefault((order.exception, kind), []).append(order.order_no)
    for (exception, kind), orders in by_kind.items():
        only = orders[0] if len(orders) == 1 else ""
        params = {"exception": exception, "kind": kind, "orders": orders[:200], "count": len(orders)}
        yield Finding(Code.EVIDENCE_MISSING, Severity.MEDIUM, order=only, params=params)


def missing_kinds(case: Case, order: CheckedOrder, handed_in: frozenset[str]) -> list[str]:
    """The kinds that an order needs and that neither a file nor the product's own data bring. That the buyer withdrew
    proves a dispute's end alone."""
    there = handed_in | order.at_hand
    if case.kind == AppealKind.VERDICT and WITHDRAWAL in there:
        return []
    return [kind for kind in case.needed.get(order.exception, ()) if kind not in there]


def check_statement(case: Case) -> Iterator[Finding]:
    """Whether the statement names an order and differs from the company's earlier ones (PN-29)."""
    if not case.statement.strip():
        yield Finding(Code.STATEMENT_EMPTY, Severity.MEDIUM)
        return
    named, alike = names_an_order(case), _most_alike(case)
    if not named:
        yield Finding(Code.STATEMENT_NAMES_NO_ORDER, Severity.LOW)
    if alike is not None:
        yield alike
    if named and alike is None:
        yield Finding(Code.STATEMENT_OWN, Severity.PASSED)


def names_an_order(case: Case) -> bool:
    """Whether the statement or a claim names an order of the appeal: by its number, a tracking number, or the last
    digits of one."""
    wanted = by_number({order.order_no: order.numbers for order in case.orders})
    said = "\n".join((case.statement, *case.claims))
    words = said.split()
    if any(text in wanted for text, _first, _last in candidates(words)):
        return True
    endings = {number[-LAST_DIGITS:] for number in wanted}
    short = {order.order_no.upper() for order in case.orders}
    return any(ending in said.upper() for ending in endings | short)


def _most_alike(case: Case) -> Finding | None:
    # A statement without letters is like no other.
    earlier = [(number, text) for number, text in case.earlier_statements if bare_text(text)]
    found = [(likeness(case.statement, text), number) for number, text in earlier]
    share, number = max(found, default=(Fraction(0), ""))
    if share < Fraction(case.boilerplate_share):
        return None
    percent = int(share * 100)
    return Finding(Code.STATEMENT_ALIKE, Severity.MEDIUM, params={"appeal": number, "percent": percent})
