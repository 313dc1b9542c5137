"""PC-05: all the money went back before the dispatch deadline, and no refund is flagged full (DM-20)."""

from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command

from metrics.models import Published
from notifications.models import Notice
from orders.models import Order

BUNDLE = Path(__file__).parent / "PC-05" / "bundle"
NIGHT = datetime(2026, 11, 29, 18, 5, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.rule("DM-20")
def test_orders_whose_money_went_back_are_refunded_and_not_late() -> None:
    with time_machine.travel(NIGHT, tick=False):
        call_command("import_bundle", str(BUNDLE), stdout=StringIO(), stderr=StringIO())
        call_command("nightly", "--day", "2026-11-29", stdout=StringIO(), stderr=StringIO())
    found = Order.objects.filter(order_no__startswith="X").order_by("order_no")
    assert list(found.values_list("order_no", "refunded_at", "state", "data_issues")) == [
        ("X0", datetime(2026, 11, 25, 3, tzinfo=UTC), "refunded", 0),
        ("X1", datetime(2026, 11, 25, 3, tzinfo=UTC), "refunded", 0),
        ("X2", datetime(2026, 11, 26, 3, tzinfo=UTC), "refunded", 0),
    ]
    result = Published.objects.get(day=date(2026, 11, 29)).scorecard["late_dispatch"]
    assert (result["numerator"], result["denominator"], result["level"]) == (0, 20, "ok")
    assert not Notice.objects.exists()
