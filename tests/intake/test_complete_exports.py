"""Complete exports: what they leave out is gone, whatever is imported when (IX-02, IX-03)."""

from itertools import permutations
from pathlib import Path

import pytest

from intake.models import WaitingRow
from orders.models import Order, OrderLine
from stores.models import Listing
from tests.intake.helpers import counts, take, write
from tests.stores.people import make_store

pytestmark = [pytest.mark.django_db, pytest.mark.rule("IX-02", "IX-03")]
ORDERS = "store_no,order_no,created_at,total_amount,currency\n"
LINES = "store_no,order_no,line_no,sku\n"
LISTINGS = "store_no,sku,title\n"


def bundle(folder: Path, day: int, numbers: str, *, complete: bool = False) -> Path:
    """The export of a day in June: an order, its line and a listing for each number."""
    manifest = f'{{"exported_at": "2024-06-0{day}T00:00:00Z", "complete": {str(complete).lower()}}}'
    orders = "".join(f"S1,{number},2024-05-01T10:00:00Z,10,USD\n" for number in numbers)
    lines = "".join(f"S1,{number},1,{number}\n" for number in numbers)
    listings = "".join(f"S1,{number},Lamp\n" for number in numbers)
    return write(
        folder, manifest=manifest, orders=ORDERS + orders, order_lines=LINES + lines, listings=LISTINGS + listings
    )


def there() -> tuple[set[str], set[str], set[str], int]:
    """Numbers of orders, of orders with lines and of listings, and how many rows wait."""
    return (
        set(Order.objects.values_list("order_no", flat=True)),
        set(OrderLine.objects.values_list("order__order_no", flat=True)),
        set(Listing.objects.values_list("sku", flat=True)),
        WaitingRow.objects.count(),
    )


@pytest.mark.parametrize("sequence", list(permutations("123")), ids="".join)
def test_what_a_complete_export_leaves_out_stays_gone(tmp_path: Path, sequence: tuple[str, ...]) -> None:
    make_store("S1")
    exports = {
        "1": bundle(tmp_path / "1", 1, "ABC"),
        "2": bundle(tmp_path / "2", 2, "AC", complete=True),
        "3": bundle(tmp_path / "3", 3, "CD"),
    }
    for number in sequence:
        take(exports[number], as_of=None)
    assert there() == ({"A", "C", "D"}, {"A", "C", "D"}, {"A", "C", "D"}, 0)


def test_rows_that_are_not_brought_back_count_as_older_in_a_dry_run_too(tmp_path: Path) -> None:
    make_store("S1")
    take(bundle(tmp_path / "2", 2, "A", complete=True), as_of=None)
    older = bundle(tmp_path / "1", 1, "AB")
    for dry_run in (True, False):
        _job, report = take(older, as_of=None, dry_run=dry_run)
        assert counts(report, "orders") == {"older": 2}
        assert counts(report, "order_lines") == {"older": 2}


def test_a_dry_run_of_a_complete_export_keeps_nothing_out(tmp_path: Path) -> None:
    make_store("S1")
    take(bundle(tmp_path / "2", 2, "A", complete=True), as_of=None, dry_run=True)
    take(bundle(tmp_path / "1", 1, "AB"), as_of=None)
    assert there()[0] == {"A", "B"}


def test_lines_of_an_order_that_is_gone_do_not_wait_for_it(tmp_path: Path) -> None:
    make_store("S1")
    line = write(tmp_path / "0", manifest='{"exported_at": "2024-06-01T00:00:00Z"}', order_lines=f"{LINES}S1,B,1,X\n")
    take(line, as_of=None)
    assert WaitingRow.objects.count() == 1
    orders = f"{ORDERS}S1,A,2024-05-01T10:00:00Z,10,USD\n"
    manifest = '{"exported_at": "2024-06-02T00:00:00Z", "complete": true}'
    take(write(tmp_path / "2", manifest=manifest, orders=orders), as_of=None)
    assert WaitingRow.objects.count() == 0
    _job, report = take(line, as_of=None)
    assert counts(report, "order_lines") == {"older": 1}


def test_another_store_is_not_concerned(tmp_path: Path) -> None:
    make_store("S1")
    make_store("S2")
    take(bundle(tmp_path / "2", 2, "A", complete=True), as_of=None)
    manifest = '{"exported_at": "2024-06-01T00:00:00Z"}'
    take(write(tmp_path / "1", manifest=manifest, orders=f"{ORDERS}S2,B,2024-05-01T10:00:00Z,10,USD\n"), as_of=None)
    assert there()[0] == {"A", "B"}
