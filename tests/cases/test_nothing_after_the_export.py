"""PC-01: one order says that it was shipped in 2062, of an export of three days ago (IX-05a, MX-07)."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import translation

from metrics.models import Published
from notifications.models import Notice
from orders.data_issues import AFTER_EXPORT
from orders.models import Order
from stores.models import Feed

pytestmark = [pytest.mark.django_db, pytest.mark.rule("IX-05a", "MX-07")]
CASE = Path(__file__).parent / "PC-01"
NIGHT = datetime(2026, 11, 29, 18, 5, tzinfo=UTC)
KNOWN = datetime(2026, 11, 25, 12, tzinfo=UTC)


def take(name: str, as_of: str) -> None:
    with time_machine.travel(NIGHT, tick=False):
        call_command("import_bundle", str(CASE / name), "--as-of", as_of, stdout=StringIO(), stderr=StringIO())


def close_the_29th() -> None:
    with time_machine.travel(NIGHT, tick=False):
        call_command("nightly", "--day", "2026-11-29", stdout=StringIO(), stderr=StringIO())


def known() -> dict[str, datetime]:
    return dict(Feed.objects.values_list("kind", "known_until"))


@pytest.mark.parametrize(("name", "data_issues"), [("stale", 0), ("poisoned", AFTER_EXPORT)])
def test_a_fact_of_the_future_leaves_old_data_stale(name: str, data_issues: int) -> None:
    take(name, "2026-11-26T00:00:00Z")
    close_the_29th()
    assert known() == {"orders": KNOWN}
    assert Order.objects.get(order_no="F99").data_issues == data_issues
    assert not Order.objects.exclude(order_no="F99").filter(data_issues__gt=0).exists()
    scorecard = Published.objects.get(day="2026-11-29").scorecard
    assert {scorecard[code]["level"] for code in ("late_dispatch", "cancel_rate")} == {"stale"}
    assert not Notice.objects.exists()


def test_the_correction_takes_the_data_issue_back() -> None:
    take("poisoned", "2026-11-26T00:00:00Z")
    take("corrected", "2026-11-26T00:00:00Z")
    close_the_29th()
    order = Order.objects.get(order_no="F99")
    assert (order.data_issues, order.shipped_at) == (0, datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert known() == {"orders": KNOWN}
    assert Published.objects.get(day="2026-11-29").scorecard["late_dispatch"]["level"] == "stale"
    assert not Notice.objects.exists()


def test_the_correction_mends_a_feed_that_was_let_know_the_future() -> None:
    """As imports of before left it."""
    take("poisoned", "2026-11-26T00:00:00Z")
    Feed.objects.update(known_until=datetime(2062, 11, 20, 12, tzinfo=UTC))
    take("corrected", "2026-11-27T00:00:00Z")
    assert known() == {"orders": KNOWN}


@pytest.mark.parametrize(
    ("ahead", "rejected"), [(timedelta(minutes=10), False), (timedelta(minutes=10, seconds=1), True)]
)
def test_an_export_of_the_future_is_rejected(ahead: timedelta, rejected: bool) -> None:
    as_of = (NIGHT + ahead).isoformat()
    if rejected:
        with translation.override("en"), pytest.raises(CommandError, match="lies in the future"):
            take("stale", as_of)
        assert not Order.objects.exists()
    else:
        take("stale", as_of)
        assert Order.objects.count() == 31
