"""Why an order fails: the reason of every counter, at its edges, in words of both languages (PG-04, MX-15)."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.utils import translation
from hypothesis import given

from core.sql import SQL, execute
from insights.presenters.reasons import code_text, reason_text
from insights.queries.order_counts import Outcome, counted_metrics, order_counts
from metrics.anchors import Subject
from metrics.catalogue import problem_counters
from metrics.counters import ANCHOR_OF, FAILURES
from metrics.facts.updating import apply_dirty
from metrics.models import Problem
from metrics.queries.problems import with_orders
from metrics.reasons.declared import REASONS
from metrics.reasons.lookup import UNKNOWN, key_of, make_reasons, reasons_of, select_reasons, view_query
from orders.models import Exclusion, Order
from tests.examples import costly
from tests.metrics.test_facts_against_reference import import_bundle
from tests.oracle.build import bundle, order, row
from tests.oracle.bundle import Bundle
from tests.oracle.strategies import bundles

pytestmark = pytest.mark.django_db

NOW = datetime(2024, 7, 1, tzinfo=UTC)
SHIP_BY = "2024-03-04T00:00:00Z"
PAID = {"paid_at": "2024-03-01T00:00:00Z", "ship_by": SHIP_BY}
SHIPPED = {**PAID, "shipped_at": "2024-03-02T00:00:00Z"}
CONFIRMED = {"confirmed_at": "2024-03-20T00:00:00Z", "confirmed_by": "buyer"}


def scans(order_no: str, *events: str) -> list[dict[str, str]]:
    """Scans given as ``kind day``, each at noon UTC of a day of March 2024."""
    return [
        row(order_no=order_no, kind=kind, at=f"2024-03-{int(day):02d}T12:00:00Z")
        for kind, day in (event.split() for event in events)
    ]


def dispute(order_no: str, at: str, kind: str = "not_as_described", **cells: str) -> dict[str, str]:
    return row(order_no=order_no, dispute_no=f"D-{order_no}-{at}", opened_at=f"2024-{at}Z", kind=kind, **cells)


def review(order_no: str, at: str, stars: int, **cells: str) -> dict[str, str]:
    return row(order_no=order_no, created_at=f"2024-{at}Z", described=str(stars), **cells)


def told(data: Bundle, language: str = "en") -> dict[str, dict[str, str]]:
    """Every problem's reason in words: counter → order or complaint → text."""
    import_bundle(data)
    apply_dirty()
    return told_now(language)


def told_now(language: str = "en") -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    rows = with_orders(list(Problem.objects.all()))
    reasons = reasons_of([row.problem for row in rows])
    with translation.override(language):
        for one in rows:
            subject = one.complaint.complaint_no if one.complaint else one.order.order_no  # type: ignore[union-attr]
            counter = one.problem.counter
            found.setdefault(counter, {})[subject] = reason_text(reasons[key_of(one.problem)], counter, NOW)
    return found


def test_every_failure_counter_has_a_reason() -> None:
    assert set(REASONS) == FAILURES


@pytest.mark.slow
@pytest.mark.rule("PG-04", "MX-15")
@given(data=bundles())
@costly(25)
def test_every_problem_has_a_reason_and_both_ways_of_looking_agree(data: Bundle) -> None:
    with transaction.atomic():
        import_bundle(data)
        apply_dirty()
        problems = list(Problem.objects.all())
        found = reasons_of(problems)
        assert {key: reason for key, reason in found.items() if reason.code == UNKNOWN} == {}
        counters = sorted({problem.counter for problem in problems})
        if counters:
            with connection.cursor() as cursor:
                make_reasons(cursor, counters, SQL("SELECT counter, order_id, subject_id FROM metrics_problem"))
                cursor.execute("SELECT counter, order_id, subject_id, code FROM tmp_reason")
                made = {(counter, order_id, subject): code for counter, order_id, subject, code in cursor.fetchall()}
            assert {key: made[key] for key in found} == {key: reason.code for key, reason in found.items()}
        for problem in problems:
            text = reason_text(found[key_of(problem)], problem.counter, NOW)
            assert text
            assert "%" not in text
        transaction.set_rollback(True)


@pytest.mark.sqlite_only
@pytest.mark.slow
@pytest.mark.rule("PG-06")
@given(data=bundles())
@costly(10)
def test_what_orders_tell_is_what_the_problem_rows_hold(data: Bundle) -> None:
    with transaction.atomic():
        import_bundle(data)
        apply_dirty()
        expected = {
            (row.order_id, code)
            for code in counted_metrics()
            for row in Problem.objects.filter(counter__in=problem_counters(code)).exclude(order_id=0)
        }
        told = {
            (one.pk, count.metric.code)
            for one in Order.objects.all()
            for count in order_counts(one, NOW)
            if count.outcome == Outcome.FAILS
        }
        assert told == expected
        transaction.set_rollback(True)


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-04", "PG-04")
def test_dispatch_reasons_say_how_late() -> None:
    data = bundle(
        order("LATE", **PAID, shipped_at="2024-03-04T18:00:00Z"),
        order("SECOND", **PAID, shipped_at="2024-03-04T00:00:01Z"),
        order("ON-TIME", **PAID, shipped_at=SHIP_BY),
        order("OPEN", **PAID),
        order("CANCELLED", **PAID, cancelled_at="2024-03-04T05:00:00Z", cancelled_by="buyer"),
        order("SYNCED", **PAID, shipped_at="2024-03-05T00:00:00Z"),
        tracking_events=scans("SYNCED", "pickup 3"),
    )
    english = told(data)
    assert english["dispatch_late"] == {
        "LATE": "shipped 18 h late",
        "SECOND": "shipped 1 s late",
        "OPEN": "not shipped, 119 d overdue",
        "CANCELLED": "not shipped, 5 h overdue",
        "SYNCED": "shipped 1 d late; also: the tracking number came late",
    }
    assert english["shipped_over_72h"] == {
        "LATE": "shipped 3 d 18 h after payment",
        "SECOND": "shipped 3 d after payment",
        "SYNCED": "shipped 4 d after payment",
    }
    assert told_now("zh-hans")["dispatch_late"] == {
        "LATE": "晚发 18 小时",
        "SECOND": "晚发 1 秒",
        "OPEN": "未发货，已超时 119 天",
        "CANCELLED": "未发货，已超时 5 小时",
        "SYNCED": "晚发 1 天；另有：运单号晚同步",
    }


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-04", "PN-24")
def test_a_defect_tells_what_made_it_count_first_and_what_else_would_have() -> None:
    cancelled = {"cancelled_at": "2024-03-03T00:00:00Z", "cancelled_by": "seller"}
    data = bundle(
        order("DISPUTED", **SHIPPED),
        order("REVIEWED", **SHIPPED, **CONFIRMED),
        order("CANCELLED", **PAID, **cancelled),
        order("ALL", **PAID, **cancelled),
        order("REVIEW-FIRST", **SHIPPED, **CONFIRMED),
        order("EXCLUDED", **SHIPPED, **CONFIRMED),
        disputes=[
            dispute("DISPUTED", "03-10T00:00:00"),
            dispute("DISPUTED", "03-12T00:00:00", "chargeback"),
            dispute("ALL", "03-05T00:00:00", "not_received"),
            dispute("REVIEW-FIRST", "03-25T00:00:00", "quality"),
            dispute("EXCLUDED", "03-10T00:00:00"),
        ],
        reviews=[
            review("REVIEWED", "03-21T00:00:00", 2),
            review("ALL", "03-06T00:00:00", 1),
            review("REVIEW-FIRST", "03-22T00:00:00", 1),
            review("EXCLUDED", "03-22T00:00:00", 2),
        ],
        copyright_complaints=[
            {
                "store_no": "S",
                "complaint_no": "C1",
                "sku": "K",
                "opened_at": "2024-03-01T00:00:00Z",
                "resolved_at": "2024-03-09T00:00:00Z",
                "upheld": "true",
            }
        ],
    )
    assert told(data)["defect_orders"] == {
        "DISPUTED": "dispute – not as described; also: dispute – chargeback",
        "REVIEWED": "2★ review",
        "CANCELLED": "cancelled by seller",
        "ALL": "cancelled by seller; also: dispute – not received, 1★ review",
        "REVIEW-FIRST": "1★ review; also: dispute – quality",
        "EXCLUDED": "dispute – not as described; also: 2★ review",
    }
    chinese = told_now("zh-hans")
    assert chinese["copyright_upheld"] == {"C1": "图片侵权投诉成立"}
    assert chinese["defect_orders"]["ALL"] == "卖家取消；另有：纠纷 – 未收到货、1 星评价"
    assert chinese["defect_orders"]["DISPUTED"] == "纠纷 – 货不对版；另有：纠纷 – 拒付"
    # What is excluded is no reason: the next event is.
    excluded = Order.objects.get(order_no="EXCLUDED")
    Exclusion.objects.create(
        store=excluded.store,
        order=excluded,
        subject_kind="dispute",
        subject_id=excluded.disputes.get().pk,
        metric="odr",
        cause_no="AP1",
        created_at=NOW,
    )
    assert told_now()["defect_orders"]["EXCLUDED"] == "2★ review"


@pytest.mark.rule("PN-19", "DP-02", "TM-09")
def test_disputes_and_refunds_tell_their_kind() -> None:
    closed = {"closed_at": "2024-03-15T00:00:00Z", "state": "closed", "liability": "seller"}
    data = bundle(
        order("ONE", **SHIPPED),
        order("TWO", **SHIPPED),
        order("GONE", **PAID, refunded_at="2024-03-11T00:00:00Z"),
        disputes=[
            dispute("ONE", "03-10T00:00:00", "not_received", **closed),
            dispute("TWO", "03-11T00:00:00", "quality"),
            dispute("TWO", "03-10T00:00:00", "platform_claim", **closed),
        ],
        refunds=[
            row(
                order_no=name,
                refund_no=name,
                requested_at="2024-03-11T00:00:00Z",
                completed_at="2024-03-12T00:00:00Z",
                full=full,
                state="completed",
                amount_usd="1.00",
            )
            for name, full in (("ONE", "true"), ("TWO", "false"))
        ],
    )
    english = told(data)
    assert english["disputes_opened_orders"] == {
        "ONE": "dispute – not received",
        "TWO": "dispute – platform claim; also: dispute – quality",
    }
    assert english["disputes_seller_liable"] == {"ONE": "dispute – not received", "TWO": "dispute – platform claim"}
    assert english["refunded_orders"] == {
        "ONE": "refunded in full",
        "TWO": "refunded in part",
        "GONE": "refunded in full",
    }


@pytest.mark.rule("PN-04", "TM-03", "TM-10", "AF-13")
def test_parcels_tell_how_they_ended_and_how_long_they_were_silent() -> None:
    estimate = {"estimated_delivery_at": "2024-03-12T00:00:00Z"}
    # What keeps a parcel out of the abnormal pool: a scan every other day.
    steady = ["pickup 2", "transit 4", "transit 6", "transit 8", "transit 10"]
    data = bundle(
        order("NEVER", **SHIPPED, **estimate),
        order("LATE", **SHIPPED, **estimate, delivered_at="2024-03-13T06:00:00Z"),
        order("BACK", **SHIPPED, **estimate),
        order("LOST", **SHIPPED, **estimate),
        order("AFTER", **SHIPPED, **estimate, delivered_at="2024-05-20T00:00:00Z"),
        order("SILENT", **SHIPPED, delivered_at="2024-03-11T12:00:00Z"),
        order("UNSCANNED", **SHIPPED, delivered_at="2024-03-11T12:00:00Z"),
        tracking_events=[
            *scans("LATE", *steady, "transit 12"),
            *scans("BACK", *steady, "returned 11"),
            *scans("LOST", *steady, "lost 11"),
            *scans("AFTER", *steady, "transit 19"),
            *scans("SILENT", "pickup 2", "transit 9", "transit 10", "delivered 11"),
            *scans("UNSCANNED", "pickup 8", "transit 10", "delivered 11"),
        ],
    )
    english = told(data)
    assert english["delivery_late"] == {
        "NEVER": "not delivered, 111 d overdue",
        "LATE": "delivered 1 d 6 h late",
        "BACK": "not delivered by the estimate",
        "LOST": "not delivered by the estimate",
        "AFTER": "delivered 69 d late",
    }
    assert english["undelivered"] == {
        "NEVER": "not arrived 60 d after dispatch",
        "BACK": "parcel returned",
        "LOST": "parcel lost",
        "AFTER": "arrived only 79 d after dispatch",
    }
    assert english["logistics_abnormal"] == {
        "NEVER": "no first scan for 121 d",
        "AFTER": "trace silent for 9 d",
        "SILENT": "trace silent for 7 d",
        "UNSCANNED": "no first scan for 6 d 12 h",
    }
    assert english["trace_incomplete"] == {
        "NEVER": "not arrived 60 d after dispatch; also: no first scan",
        "BACK": "parcel returned",
        "LOST": "parcel lost",
        "AFTER": "arrived only 79 d after dispatch; also: trace fell silent",
        "SILENT": "trace silent for 7 d",
        "UNSCANNED": "no first scan for 6 d 12 h",
    }
    chinese = told_now("zh-hans")
    assert chinese["undelivered"] == {
        "NEVER": "发货 60 天后仍未妥投",
        "BACK": "包裹退回",
        "LOST": "包裹丢失",
        "AFTER": "发货 79 天后才妥投",
    }
    assert chinese["logistics_abnormal"]["SILENT"] == "轨迹停滞 7 天"
    assert chinese["logistics_abnormal"]["NEVER"] == "121 天未上网"


@pytest.mark.rule("SR-01", "SR-08", "TM-02", "PN-23")
def test_stars_replies_and_confirmations_tell_theirs() -> None:
    late = {**PAID, "shipped_at": "2024-03-04T02:00:00Z"}
    estimate = {"estimated_delivery_at": "2024-03-10T00:00:00Z", "delivered_at": "2024-03-10T03:00:00Z"}
    data = bundle(
        order("STARS", **late, **estimate, **CONFIRMED, dispatch_confirmed_at="2024-03-01T04:00:01Z"),
        order("PAID", **PAID),
        order("CONFIRMED", **PAID, dispatch_confirmed_at="2024-03-01T04:00:00Z"),
        reviews=[review("STARS", "03-21T00:00:00", 3, communication="2")],
        messages=[
            row(order_no=name, message_no=f"{name}{at}", sent_at=f"2024-03-{at}Z", sender=sender, text="Hello")
            for name, at, sender in (
                ("PAID", "05T00:00:00", "buyer"),
                ("STARS", "05T00:00:00", "buyer"),
                ("STARS", "06T07:00:00", "seller"),
                ("CONFIRMED", "05T00:00:00", "buyer"),
                ("CONFIRMED", "06T00:00:00", "seller"),
            )
        ],
    )
    english = told(data)
    assert english["described_low"] == {"STARS": "as described: 3★"}
    assert english["communication_low"] == {"STARS": "communication: 2★"}
    assert english["r_dispatch_late"] == {"STARS": "shipped 2 h late"}
    assert english["r_delivery_late"] == {"STARS": "delivered 3 h late"}
    assert english["unconfirmed"] == {
        "STARS": "dispatch confirmed 4 h after payment",
        "PAID": "dispatch not confirmed",
    }
    assert english["messages_missed"] == {
        "PAID": "message not answered for 118 d",
        "STARS": "message answered after 1 d 7 h",
    }
    chinese = told_now("zh-hans")
    assert chinese["described_low"] == {"STARS": "描述相符：3 星"}
    assert chinese["messages_missed"] == {"PAID": "118 天未回复消息", "STARS": "1 天 7 小时后才回复消息"}


@pytest.mark.rule("TM-10")
@pytest.mark.parametrize(("stars", "text"), [(1, "1★ review"), (2, "2★ review"), (3, None)])
def test_a_negative_review_tells_its_stars(stars: int, text: str | None) -> None:
    data = bundle(order("O", **SHIPPED), reviews=[review("O", "03-21T00:00:00", stars)])
    assert told(data).get("reviews_negative", {}).get("O") == text


def test_what_is_not_known_any_more_is_told_by_its_counter() -> None:
    store = Order.objects.first()
    assert store is None
    assert reasons_of([Problem(counter="dispatch_late", order_id=9, subject_id=9)]) == {
        ("dispatch_late", 9, 9): reasons_of([Problem(counter="dispatch_late", order_id=8, subject_id=8)])[
            "dispatch_late", 8, 8
        ]
    }
    with translation.override("en"):
        assert code_text(UNKNOWN, "dispatch_late") == "dispatched late"


@pytest.mark.rule("PG-04", "PG-06")
def test_rows_are_looked_up_by_their_orders_however_many_others_there_are() -> None:
    """A page's statement begins at its orders: SQLite, which says so, reads no stored table from end to end."""
    if connection.vendor != "sqlite":
        return
    selects = [select_reasons([counter]) for counter in sorted(FAILURES) if ANCHOR_OF[counter].subject == Subject.ORDER]
    with connection.cursor() as cursor:
        query = view_query([1, 2], list(Subject), selects)
        execute(cursor, SQL("EXPLAIN QUERY PLAN {query}").format(query=query))
        steps = [str(row[3]) for row in cursor.fetchall()]
    assert len(steps) > 50
    # Those are the statement's own tables; stored ones would be read along an index.
    assert [step for step in steps if step.startswith("SCAN") and "USING" in step] == []
    stored = ("orders_", "disputes_", "metrics_", "stores_")
    assert [step for step in steps if step.removeprefix("SCAN ").startswith(stored)] == []
