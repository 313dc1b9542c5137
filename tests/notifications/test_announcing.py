"""Companies are told of coming policy versions that change their thresholds or penalties (BX-14)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from notifications.kinds import message_kind
from notifications.models import InboxMessage
from notifications.services.announcing import announce_policies
from rulebook.queries import policies
from stores.models import Category, StorePeriod
from stores.reference import resolve_categories
from tests.metrics.edges import publish
from tests.stores.people import make_store

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only, pytest.mark.rule("BX-14")]
START = datetime(2026, 7, 1, tzinfo=UTC)
AHEAD, SECOND = START - timedelta(days=15), timedelta(seconds=1)


@pytest.fixture(autouse=True)
def stores(db: None) -> None:
    """Three companies: with two stores, with one that sells virtual goods, with none."""
    Category.objects.update_or_create(code="gift_cards", defaults={"name": "礼品卡", "flags": "virtual"})
    resolve_categories()
    first = make_store("S1")
    for store in (first, make_store("S2", first.company), make_store("S3")):
        category = "gift_cards" if store.store_no == "S3" else ""
        StorePeriod.objects.create(
            store=store, effective_from=datetime(1970, 1, 1).date(), level="basic", primary_category=category,
            status="active",
        )  # fmt: skip


def told() -> list[tuple[str, list[str], bool]]:
    rows = InboxMessage.objects.filter(kind="policy.announced").order_by("company__company_no")
    return [(row.store.store_no, row.parameters["metrics"], row.parameters["penalties"]) for row in rows]


def test_companies_are_told_once_and_not_before_the_days_that_policy_gives() -> None:
    publish(START, metrics__odr__red="0.011")
    assert announce_policies(at=AHEAD - SECOND) == 0
    assert [announce_policies(at=AHEAD), announce_policies(at=AHEAD), announce_policies(at=START - SECOND)] == [2, 0, 0]
    assert told() == [("S1", ["odr"], False), ("S3", ["odr"], False)]


def test_company_whose_thresholds_stay_is_not_told() -> None:
    # Late dispatch does not apply to virtual goods (DM-31).
    publish(START, metrics__late_dispatch__red="0.06")
    assert announce_policies(at=AHEAD) == 1
    assert told() == [("S1", ["late_dispatch"], False)]


def test_changed_penalties_are_told_to_all_and_other_changes_to_nobody() -> None:
    publish(START, shs__promotion_block_below="70")
    publish(START + timedelta(days=1), shs__promotion_block_below="70", beyond__chain_hours=5)
    announce_policies(at=AHEAD + timedelta(days=1))
    assert told() == [("S1", [], True), ("S3", [], True)]


def test_version_that_is_in_force_is_no_news() -> None:
    publish(START, metrics__odr__red="0.011")
    assert announce_policies(at=START) == 0


def test_message_names_metrics_and_leads_to_the_version() -> None:
    publish(START, metrics__odr__red="0.011")
    announce_policies(at=AHEAD)
    message = InboxMessage.objects.select_related("store").first()
    assert message is not None
    kind = message_kind(message.kind)
    with translation.override("en"):
        words = kind.words(message, policies())
    assert words.title == "New rules from 2026-07-01"
    assert words.text.startswith("Thresholds change: Order defect rate")
    assert kind.url(message) == "/rules/versions/2/"
