"""Evidence that is missing, and statements that fit any appeal (PN-28a, PN-29, DP-07, DP-09)."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appeals.checks.likeness import likeness
from appeals.rules import AppealKind
from tests.appeals.checks.build import ORDER_NO, TRACKING_NO, a_case, an_order, found, letter, only, passed

pytestmark = pytest.mark.sqlite_only
NEEDED = {"carrier_fault": ("carrier_trace", "third_party_document"), "wrong_address": ("platform_messages",)}
STATEMENT = f"The carrier took parcel {TRACKING_NO} on 14 November and scanned it two days later."


@pytest.mark.rule("PN-28a")
def test_what_each_exception_lacks_is_named_once() -> None:
    orders = (
        an_order(),
        an_order(order_no="L2"),
        an_order(order_no="L3", at_hand=frozenset({"carrier_trace"})),
        an_order(order_no="L4", exception="wrong_address"),
    )
    findings = [
        (finding.params["exception"], finding.params["kind"], finding.params["orders"], finding.order)
        for finding in _missing(a_case(letter(), orders=orders, needed=NEEDED))
    ]
    assert findings == [
        ("carrier_fault", "carrier_trace", [ORDER_NO, "L2"], ""),
        ("wrong_address", "platform_messages", ["L4"], "L4"),
    ]


@pytest.mark.rule("PN-28a")
def test_complete_evidence_passes() -> None:
    order = an_order(at_hand=frozenset({"carrier_trace"}))
    assert "evidence_complete" in passed(a_case(letter(), orders=(order,), needed=NEEDED))


@pytest.mark.rule("DP-07")
@pytest.mark.parametrize(
    ("kind", "findings"),
    [
        ("full_trace", {"evidence_missing": "medium"}),
        ("bill_of_materials", {"evidence_invalid": "high", "evidence_missing": "medium"}),
        ("withdrawal", {}),
    ],
)
def test_a_verdict_needs_one_of_its_four_kinds(kind: str, findings: dict[str, str]) -> None:
    more: dict[str, Any] = {
        "kind": AppealKind.VERDICT,
        "needed": {"chargeback": ("full_trace", "buyer_confirmation")},
        "valid": frozenset({"full_trace", "buyer_confirmation", "quality_report", "withdrawal"}),
    }
    case = a_case(letter(TRACKING_NO, kind=kind), orders=(an_order(exception="chargeback"),), **more)
    assert {code: weight for code, weight in found(case).items() if code.startswith("evidence")} == findings


@pytest.mark.rule("PN-28a")
def test_messages_are_linked_and_not_attached() -> None:
    assert found(a_case(letter(kind="platform_messages")))["messages_as_file"] == "low"


@pytest.mark.rule("PN-29")
@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (STATEMENT, True),
        (f"Order {ORDER_NO} was late", True),
        ("订单尾号 020874 承运商漏扫", True),
        ("Parcel sz126718225903 was late", True),
        ("All our parcels were handed over in time", False),
        ("Order 8000110002029999 was late", False),
    ],
)
def test_a_statement_names_an_order_by_a_number_or_its_end(statement: str, named: bool) -> None:
    case = a_case(statement=statement)
    assert ("statement_names_no_order" in found(case)) == (not named)
    assert ("statement_own" in passed(case)) == named


@pytest.mark.rule("PN-29")
def test_a_claim_may_name_the_order_and_does_not_make_the_statement_another() -> None:
    case = a_case(
        statement="All were late.",
        claims=(f"{TRACKING_NO} was scanned late",),
        earlier_statements=(("A1", "All were late."),),
        boilerplate_share=Decimal("0.9"),
    )
    assert found(case) == {"statement_alike": "medium"}


@pytest.mark.rule("PN-29")
def test_an_empty_statement_is_told() -> None:
    assert found(a_case(statement=" \n")) == {"statement_empty": "medium"}


@pytest.mark.rule("PN-29")
@given(st.text("abcdefg ", min_size=1, max_size=40), st.text("abcdefg ", max_size=40))
def test_statements_are_boilerplate_from_the_share_of_the_policy_on(one: str, other: str) -> None:
    case = a_case(
        statement=f"{one}. {ORDER_NO}", earlier_statements=(("A1", other),), boilerplate_share=Decimal("0.90")
    )
    assert ("statement_alike" in found(case)) == (bool(other.strip()) and likeness(one, other) >= Fraction(9, 10))


@pytest.mark.rule("PN-29")
def test_the_earlier_statement_most_alike_is_named() -> None:
    earlier = (("A1", "Something else entirely"), ("A2", STATEMENT.replace("14", "15")), ("A3", "The carrier took it."))
    finding = only(
        a_case(statement=STATEMENT, earlier_statements=earlier, boilerplate_share=Decimal("0.9")), "statement_alike"
    )
    assert (finding.severity, finding.params) == ("medium", {"appeal": "A2", "percent": 100})


def _missing(case: Any) -> list[Any]:
    from appeals.checks.completeness import check_completeness

    return [finding for finding in check_completeness(case) if finding.code == "evidence_missing"]
