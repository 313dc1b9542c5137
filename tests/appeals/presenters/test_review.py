"""What reviewers see of evidence and orders, without a database (AP-04, PN-28)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.translation import override

from appeals.checks.findings import Code, Finding, Severity
from appeals.models import AppealFile, AppealOrder
from appeals.presenters.review_evidence import evidence_of
from appeals.presenters.review_orders import OrderGroup, course_of, order_groups, steps_of
from appeals.queries.review_case import CaseOrder
from appeals.queries.suggestions import Suggestion
from appeals.rules import ExceptionType, Gap, OrderDecision, Verdict
from evidence.models import EvidenceFile
from orders.models import Order

pytestmark = [pytest.mark.rule("AP-04"), pytest.mark.sqlite_only]
PAID = datetime(2026, 11, 23, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def attached(pk: int, name: str, pages: int) -> AppealFile:
    file = EvidenceFile(pk=100 + pk, name=name, kind="pdf", pages=pages)
    return AppealFile(pk=pk, file=file, place=pk, name=name)


def test_pages_are_numbered_through_all_files_and_findings_pinned_on_theirs() -> None:
    files = [attached(1, "letter.pdf", 3), attached(2, "trace.jpg", 1)]
    findings = [
        Finding(Code.STAMP_SEEN, Severity.PASSED, file=1, page=2, box=(600, 700, 850, 950)),
        Finding(Code.STAMP_MISSING, Severity.MEDIUM, file=2),
        Finding(Code.STATEMENT_EMPTY, Severity.LOW),
    ]
    found = evidence_of(files, [finding.as_json() for finding in findings], "4")
    assert [(page.number, page.file, page.page, page.level) for page in found.pages] == [
        (1, "letter.pdf", 1, ""), (2, "letter.pdf", 2, ""), (3, "letter.pdf", 3, ""), (4, "trace.jpg", 1, "yellow"),
    ]  # fmt: skip
    assert found.shown == 4
    # The gravest comes first; one that is about the statement has no page.
    assert [(one.number, one.level, one.page) for one in found.findings] == [
        (1, "yellow", 4), (2, "info", None), (3, "ok", 2),
    ]  # fmt: skip
    (pin,) = found.pages[1].pins
    assert (pin.number, pin.left, pin.top, pin.width, pin.height, pin.right) == (
        3, "60.0%", "70.0%", "25.0%", "25.0%", "85.0%",
    )  # fmt: skip


@pytest.mark.parametrize("asked", [None, "", "0", "5", "x", "-1"])
def test_page_that_is_not_there_shows_the_first(asked: str | None) -> None:
    assert evidence_of([attached(1, "letter.pdf", 4)], [], asked).shown == 1


def late_order() -> Order:
    return Order(
        pk=1,
        order_no="O1",
        site="FR",
        paid_at=PAID,
        ship_by=PAID + 72 * HOUR,
        shipped_at=PAID + 80 * HOUR,
        first_scan_at=PAID + 96 * HOUR,
        estimated_delivery_at=PAID + 300 * HOUR,
    )


def test_steps_are_in_the_order_of_time_and_late_ones_marked() -> None:
    with override("en"):
        assert [(step.name, step.late) for step in steps_of(late_order())] == [
            ("Paid", False), ("Ship by", False), ("Shipped", True), ("First scan", True), ("Estimated delivery", False),
        ]  # fmt: skip


def test_course_draws_the_span_after_the_deadline() -> None:
    course = course_of(late_order())
    assert course is not None
    assert len(course.marks) == 3
    assert 0 < float(course.marks[0]) < float(course.limit) < float(course.marks[1]) < float(course.marks[2]) < 100
    assert float(course.late_from) + float(course.late_length) == pytest.approx(float(course.marks[2]), abs=0.02)
    assert course_of(Order(paid_at=PAID)) is None


def case(key: int, exception: ExceptionType, suggested: ExceptionType | None) -> CaseOrder:
    row = AppealOrder(pk=key, place=key, order=late_order(), exception=exception)
    suggestion = None if suggested is None else Suggestion(1, suggested, "as the scans say", (), frozenset())
    return CaseOrder(row, None, None, suggestion, "Carrier", "Spain", ())


def test_orders_that_the_data_do_not_support_come_first() -> None:
    carrier, platform = ExceptionType.CARRIER_FAULT, ExceptionType.PLATFORM_ERROR
    orders = [case(1, carrier, carrier), case(2, carrier, platform), case(3, carrier, None)]
    verdicts = dict.fromkeys((1, 2, 3), Verdict(OrderDecision.PENDING))
    groups: list[OrderGroup] = order_groups(orders, verdicts, {1: [Gap.DECISION]}, store_no="S1")
    assert [(group.supported, [row.place for row in group.rows]) for group in groups] == [(False, [2, 3]), (True, [1])]
    # What needs no look is folded, unless something is missing.
    assert [row.opened for group in groups for row in group.rows] == [True, True, True]
    assert not order_groups(orders, verdicts, {}, store_no="S1")[1].rows[0].opened
