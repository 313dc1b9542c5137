"""An accepted appeal against a copyright notice takes its complaint out of the ODR (PN-24, DM-34, BX-03)."""

from datetime import timedelta

import pytest

from appeals.models import CorrectionReport
from appeals.queries.effects import effect_of
from appeals.queries.kinds import subject_of
from appeals.services.correcting import withdraw_correction
from core.dirty import mark_complaints_dirty
from disputes.models import CopyrightComplaint
from disputes.services.complaints import report_complaints
from insights.explanation.counted_orders import order_lists
from metrics.facts.updating import apply_dirty
from metrics.models import Fact
from notifications.models import Notice
from orders.models import Exclusion, Order
from stores.models import Listing, Store
from tests.appeals.corrected import DECIDED, accept, difference, exported, make_store
from tests.metrics.making import DAY, NOW
from tests.outbox import deliver

pytestmark = [pytest.mark.django_db, pytest.mark.rule("PN-24", "DM-34", "BX-03")]
FIRST, LAST = DAY - timedelta(days=10), DAY + timedelta(days=125)
UPHELD = NOW - timedelta(hours=10)


@pytest.fixture
def store(db: None) -> Store:
    """Complaints about two listings, both upheld on one day: a red notice, which names them."""
    store = make_store(late=0)
    for sku in ("A1", "B2"):
        Listing.objects.create(store=store, sku=sku)
    orders = list(Order.objects.order_by("pk").values_list("pk", flat=True)[:2])
    for pk, sku in zip(orders, ("A1", "B2"), strict=True):
        Order.objects.filter(pk=pk).update(sku=sku)
    apply_dirty()
    return store


def uphold(store: Store, number: str, sku: str = "A1", days: int = 0) -> None:
    at = UPHELD + timedelta(days=days)
    complaint = CopyrightComplaint.objects.create(
        store=store, complaint_no=number, sku=sku, opened_at=at - timedelta(days=1), resolved_at=at, upheld=True
    )
    mark_complaints_dirty(complaint_ids=[complaint.pk], store_id=store.pk)
    report_complaints(complaints={complaint.pk: "new"}, at=at)
    settle()


def settle() -> None:
    while deliver():
        pass
    apply_dirty()


def counted(store: Store) -> int:
    return sum(Fact.objects.filter(store=store).values_list("copyright_upheld", flat=True))


def order_of(sku: str) -> Order:
    return Order.objects.get(sku=sku)


def levels() -> list[tuple[str, str]]:
    return list(Notice.objects.order_by("pk").values_list("level", "state"))


@pytest.mark.sqlite_only
def test_accepted_complaint_leaves_the_figures_with_a_report_and_comes_back_with_it(store: Store) -> None:
    uphold(store, "K1")
    assert (counted(store), levels()) == (1, [("yellow", "issued")])
    before = exported(store, FIRST, LAST)
    appeal = accept(store, [order_of("A1")], notice=Notice.objects.get())
    settle()
    report = CorrectionReport.objects.get()
    assert (counted(store), levels()) == (0, [("yellow", "accepted")])
    assert report.results == difference(before, exported(store, FIRST, LAST))
    assert report.results[0]["metric"] == "odr"
    kept = Exclusion.objects.values_list("subject_kind", "subject_id", "order", "metric").get()
    assert kept == ("complaint", CopyrightComplaint.objects.get().pk, None, "odr")
    withdraw_correction(appeal=appeal, at=DECIDED + timedelta(days=1), actor="person:1")
    settle()
    assert exported(store, FIRST, LAST) == before
    assert levels() == [("yellow", "accepted")]


def test_what_the_reviewer_sees_beforehand_is_what_becomes_of_it(store: Store) -> None:
    uphold(store, "K1")
    appeal = accept(store, [order_of("A1")], notice=Notice.objects.get())
    appeal.subject_key = Notice.objects.get().number
    effect = effect_of(subject_of(appeal), [order_of("A1").pk], DECIDED)
    counts = effect.before.value.numerator, effect.after.value.numerator
    assert (effect.metric, counts, effect.ends) == ("odr", (1, 0), True)


@pytest.mark.sqlite_only
def test_only_complaints_about_listings_of_accepted_orders_are_left_out(store: Store) -> None:
    uphold(store, "K1")
    uphold(store, "K2", "B2")
    assert levels() == [("yellow", "escalated"), ("red", "issued")]
    accept(store, [order_of("A1")], notice=Notice.objects.get(level="red"), rejected=(order_of("B2"),))
    settle()
    assert (counted(store), levels()[-1]) == (1, ("red", "accepted"))


@pytest.mark.sqlite_only
def test_complaint_that_an_appeal_took_out_makes_no_later_one_red(store: Store) -> None:
    uphold(store, "K1")
    accept(store, [order_of("A1")], notice=Notice.objects.get())
    settle()
    uphold(store, "K2", "B2", days=3)
    assert levels() == [("yellow", "accepted"), ("yellow", "issued")]


def test_explanation_names_the_appeal_that_left_a_complaint_out(store: Store) -> None:
    uphold(store, "K1")
    accept(store, [order_of("A1")], notice=Notice.objects.get())
    settle()
    listed = order_lists(store_id=store.pk, code="odr", first=DAY - timedelta(days=29), last=DAY + timedelta(days=1))
    complaints = next(one for one in listed if one.tally.name == "copyright_upheld")
    assert complaints.counted_total == 0
    assert [(one.number, one.causes) for one in complaints.left_out] == [("K1", ["AP20260312-000001"])]
