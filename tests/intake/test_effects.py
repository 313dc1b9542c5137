"""What follows from imported rows: replacing, waiting, feeds, rates, periods, deadlines, removal (IX-03, MX-07)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone, translation

from core.models import Deadline, DirtySubject, Event
from disputes.models import Dispute
from intake.models import Import, WaitingRow
from orders.models import Order, OrderLine, ReplacedShipment, TrackingEvent
from stores.models import Category, Company, Feed, Store, StorePeriod
from stores.purging import remove_company
from tests.intake.helpers import AS_OF, ORDERS, STORES, counts, dirty_orders, take, write

pytestmark = [pytest.mark.django_db]
LATER = AS_OF + timedelta(days=2)
ORDER = "store_no,order_no,created_at,total_amount,currency"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def order(folder: Path, columns: str, *rows: str, **options):
    """Orders with further columns, in stores S1 and S2."""
    head = f"{ORDER},{columns}" if columns else ORDER
    body = [f"{row}" for row in rows]
    return take(write(folder, stores=STORES, orders="\n".join([head, *body]) + "\n"), **options)


BASE = "S1,1,2024-05-01T10:00:00Z,10,USD"


# ── Replacing (IX-03) ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("IX-03")
def test_a_newer_row_replaces_the_columns_of_its_file_and_an_empty_cell_clears(tmp_path):
    order(tmp_path / "1", "carrier,tracking_no,site", f"{BASE},DHL,T1,RU")
    _job, report = order(tmp_path / "2", "carrier,tracking_no", f"{BASE},,T2", as_of=LATER)
    assert counts(report, "orders") == {"changed": 1}
    stored = Order.objects.get()
    assert (stored.carrier, stored.tracking_no, stored.site, stored.source_at) == ("", "T2", "RU", LATER)


@pytest.mark.rule("IX-03")
def test_a_row_of_an_older_export_is_ignored_and_counted(tmp_path):
    order(tmp_path / "1", "site", f"{BASE},RU", as_of=LATER)
    _job, report = order(tmp_path / "2", "site", f"{BASE},US")
    assert counts(report, "orders") == {"older": 1}
    assert Order.objects.get().site == "RU"


@pytest.mark.rule("IX-03")
def test_the_same_row_of_a_newer_export_still_outranks_an_older_one(tmp_path):
    order(tmp_path / "1", "site", f"{BASE},RU")
    order(tmp_path / "2", "site", f"{BASE},RU", as_of=LATER)
    _job, report = order(tmp_path / "3", "site", f"{BASE},US", as_of=AS_OF + timedelta(days=1))
    assert counts(report, "orders") == {"older": 1}


@pytest.mark.rule("IX-03", "DM-11a")
def test_in_governed_stores_an_empty_cell_keeps_what_is_there(tmp_path):
    stores = "store_no,name,mode\nS1,One,governed\n"
    head = f"{ORDER},confirmed_at,confirmed_by\n"
    take(write(tmp_path / "1", stores=stores, orders=head + f"{BASE},2024-05-20T00:00:00Z,system\n"))
    take(write(tmp_path / "2", orders=head + "S1,1,2024-05-01T10:00:00Z,11,USD,,\n"), as_of=LATER)
    stored = Order.objects.get()
    assert (stored.total_amount, stored.confirmed_by) == (11, "system")
    assert stored.confirmed_at == datetime(2024, 5, 20, tzinfo=UTC)


@pytest.mark.rule("DM-17")
def test_a_replaced_tracking_number_keeps_its_history(tmp_path):
    order(tmp_path / "1", "tracking_no,carrier", f"{BASE},T1,DHL")
    order(tmp_path / "2", "tracking_no,carrier", f"{BASE},T2,UPS", as_of=LATER)
    assert list(ReplacedShipment.objects.values_list("tracking_no", "carrier")) == [("T1", "DHL")]


@pytest.mark.rule("MX-02")
def test_new_and_changed_orders_are_dirty_and_unchanged_ones_are_not(tmp_path):
    order(tmp_path / "1", "site", f"{BASE},RU", BASE.replace("S1,1", "S1,2") + ",RU")
    assert dirty_orders() == {"1", "2"}
    DirtySubject.objects.all().delete()
    order(tmp_path / "2", "site", f"{BASE},RU", BASE.replace("S1,1", "S1,2") + ",US", as_of=LATER)
    assert dirty_orders() == {"2"}


@pytest.mark.rule("MX-02")
def test_a_dispute_that_moves_to_another_order_touches_both(tmp_path):
    head = "store_no,dispute_no,order_no,kind,opened_at\n"
    take(write(tmp_path / "1", stores=STORES, orders=ORDERS, disputes=head + "S1,D,001,quality,2024-05-10T00:00:00Z\n"))
    DirtySubject.objects.all().delete()
    take(write(tmp_path / "2", disputes=head + "S1,D,002,quality,2024-05-10T00:00:00Z\n"), as_of=LATER)
    assert dirty_orders() == {"001", "002"}
    assert Dispute.objects.get().order.order_no == "002"


# ── Waiting (IX-03) ────────────────────────────────────────────────────────────────────────────────────────────────

LINES = "store_no,order_no,line_no,sku,amount\nS1,001,1,A,4\nS1,001,2,B,6\n"
SCANS = "store_no,order_no,at,kind\nS1,001,2024-05-03T00:00:00Z,pickup\n"


@pytest.mark.rule("IX-03")
def test_children_wait_for_their_order_and_orders_for_their_store(tmp_path):
    _job, report = take(write(tmp_path / "1", order_lines=LINES, tracking_events=SCANS))
    assert (report.counts["order_lines"]["waiting"], report.counts["tracking_events"]["waiting"]) == (2, 1)
    _job, report = take(write(tmp_path / "2", orders=ORDERS))
    assert counts(report, "orders") == {"waiting": 2}
    assert WaitingRow.objects.exclude(kind="feed").count() == 5
    take(write(tmp_path / "3", stores=STORES))
    assert not WaitingRow.objects.exists()
    stored = Order.objects.get(order_no="001")
    assert (stored.sku, stored.first_scan_at) == ("B", datetime(2024, 5, 3, tzinfo=UTC))
    assert OrderLine.objects.count() == 2
    assert TrackingEvent.objects.count() == 1
    assert set(Feed.objects.filter(store__store_no="S1").values_list("kind", flat=True)) == {"orders", "tracking"}


@pytest.mark.rule("IX-03")
def test_of_waiting_rows_the_newer_export_wins_whichever_came_first(tmp_path):
    take(write(tmp_path / "1", order_lines=LINES.replace(",A,4", ",NEW,4")), as_of=LATER)
    take(write(tmp_path / "2", order_lines=LINES))
    take(write(tmp_path / "3", stores=STORES, orders=ORDERS))
    assert list(OrderLine.objects.filter(line_no=1).values_list("sku", flat=True)) == ["NEW"]


# ── Money (IX-05) ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("IX-05")
def test_amounts_are_priced_by_the_row_s_rate_the_dated_one_the_yearly_mean(tmp_path):
    rates = "currency,day,usd_rate\nCNY,2024-04-30,0.14\nCNY,2024-05-02,0.2\n"
    orders = (
        f"{ORDER},usd_rate\nS1,own,2024-05-01T10:00:00Z,10,CNY,0.5\nS1,dated,2024-05-01T15:59:59Z,10,CNY,\n"
        "S1,next,2024-05-01T16:00:00Z,10,CNY,\nS1,mean,2024-05-01T10:00:00Z,10,EUR,\nS1,usd,2024-05-01T10:00:00Z,10,USD,7\n"
    )
    take(write(tmp_path, stores=STORES, fx_rates=rates, orders=orders))
    priced = dict(Order.objects.values_list("order_no", "total_usd"))
    assert priced == {
        "own": Decimal("5"),
        "dated": Decimal("1.4"),
        "next": Decimal("2"),
        "mean": Decimal("10.824"),
        "usd": Decimal("10"),
    }


@pytest.mark.rule("IX-05", "IX-03")
def test_rates_that_come_later_price_again_and_touch(tmp_path):
    orders = f"{ORDER},usd_rate\nS1,1,2024-05-01T10:00:00Z,10,CNY,\nS1,2,2024-05-01T10:00:00Z,10,CNY,0.5\n"
    take(write(tmp_path / "1", stores=STORES, orders=orders))
    DirtySubject.objects.all().delete()
    take(write(tmp_path / "2", fx_rates="currency,day,usd_rate\nCNY,2024-04-01,0.2\n"))
    assert dict(Order.objects.values_list("order_no", "total_usd")) == {"1": Decimal("2"), "2": Decimal("5")}
    assert dirty_orders() == {"1"}


# ── Feeds (MX-07) ──────────────────────────────────────────────────────────────────────────────────────────────────


def feeds(store: str) -> dict[str, str]:
    return {
        feed.kind: feed.known_until.isoformat() for feed in Feed.objects.filter(store__store_no=store).order_by("kind")
    }


@pytest.mark.rule("MX-07")
def test_a_file_turns_its_feed_on_for_every_store_of_the_bundle(tmp_path):
    disputes = "store_no,dispute_no,order_no,kind,opened_at\n"
    orders = f"{ORDER},ship_by,dispatch_confirmed_at\n{BASE},2024-09-01T00:00:00Z,2024-05-02T00:00:00Z\n"
    take(write(tmp_path, stores=STORES, orders=orders, disputes=disputes))
    until = "2024-06-01T00:00:00+00:00"
    expected = {"confirmations": until, "disputes": until, "orders": until}
    assert feeds("S1") == expected
    assert feeds("S2") == expected


@pytest.mark.rule("MX-07")
@pytest.mark.parametrize(
    ("exported", "until"),
    [
        ("2024-06-01T00:00:00Z", "2024-06-01T00:00:00+00:00"),
        ("2024-09-02T00:00:00Z", "2024-09-01T00:00:00+00:00"),
        # Nor does what happened later than the export (IX-05a).
        ("2024-05-01T12:00:00Z", "2024-05-01T12:00:00+00:00"),
    ],
)
def test_nothing_beyond_the_export_makes_anything_known(tmp_path, exported, until):
    orders = f"{ORDER},ship_by,dispatch_confirmed_at\n{BASE},2024-09-01T00:00:00Z,2024-05-02T00:00:00Z\n"
    take(write(tmp_path, stores=STORES, orders=orders, manifest=f'{{"exported_at": "{exported}"}}'))
    assert feeds("S1")["orders"] == until


@pytest.mark.rule("MX-07")
def test_known_until_is_what_the_manifest_declares_and_never_goes_back(tmp_path):
    manifest = '{"known_until": {"orders": "2024-05-31T00:00:00Z"}}'
    take(write(tmp_path / "1", stores=STORES, orders=ORDERS, manifest=manifest))
    assert feeds("S1")["orders"] == "2024-05-31T00:00:00+00:00"
    take(write(tmp_path / "2", stores=STORES, orders=ORDERS))
    assert feeds("S1")["orders"] == "2024-05-31T00:00:00+00:00"


# ── Stores, companies, categories (DM-10 … DM-12) ──────────────────────────────────────────────────────────────────


@pytest.mark.rule("DM-11")
def test_a_change_of_level_by_a_newer_export_begins_a_period(tmp_path):
    take(write(tmp_path / "1", stores="store_no,name,level\nS1,One,basic\n"))
    take(write(tmp_path / "2", stores="store_no,name,level\nS1,One,gold\n"), as_of=LATER)
    take(write(tmp_path / "3", stores="store_no,name,level\nS1,One,platinum\n"), as_of=LATER)
    periods = list(StorePeriod.objects.values_list("effective_from", "level"))
    assert periods == [(date(1970, 1, 1), "basic"), (date(2024, 6, 3), "platinum")]


@pytest.mark.rule("DM-10")
def test_companies_are_made_as_they_are_named(tmp_path):
    take(write(tmp_path / "1", stores="store_no,name,company_no\nS1,One,C9\nS2,Two,\n"))
    take(write(tmp_path / "2", companies="company_no,name,license_no\nC9,Nine,L\n"))
    assert dict(Store.objects.values_list("store_no", "company__name")) == {"S1": "Nine", "S2": "unassigned"}
    chosen = Company.objects.create(company_no="X", name="X")
    take(write(tmp_path / "3", stores="store_no,name\nS3,Three\n"), company=chosen)
    assert Store.objects.get(store_no="S3").company == chosen


@pytest.mark.rule("DM-12")
def test_flags_are_inherited_and_a_change_touches_the_orders(tmp_path):
    categories = "code,name,parent_code,flags\nroot,Root,,virtual\nleaf,Leaf,root,\n"
    listings = "store_no,sku,category\nS1,A,leaf\n"
    orders = (
        f"{ORDER},sku,category\n{BASE},A,\nS1,2,2024-05-01T10:00:00Z,1,USD,B,leaf\nS1,3,2024-05-01T10:00:00Z,1,USD,B,\n"
    )
    take(write(tmp_path / "1", stores=STORES, categories=categories, listings=listings, orders=orders))
    assert Category.objects.get(code="leaf").all_flags == "virtual"
    DirtySubject.objects.all().delete()
    take(write(tmp_path / "2", categories=categories.replace("virtual", "custom_made")), as_of=LATER)
    assert dirty_orders() == {"1", "2"}
    DirtySubject.objects.all().delete()
    take(write(tmp_path / "3", listings=listings.replace("leaf", "toys")), as_of=LATER)
    assert dirty_orders() == {"1"}


@pytest.mark.rule("DM-12", "DM-15")
def test_shipped_categories_and_carriers_are_there_after_migrate():
    assert Category.objects.filter(source_at=None).count() == 18
    assert Category.objects.get(code="watches").all_flags == "high_value"


# ── Deadlines (DP-10) ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clock
@pytest.mark.rule("DP-10", "DM-27")
def test_open_disputes_get_the_next_clock_ahead_and_answers_meet_it(tmp_path):
    now = timezone.now().replace(microsecond=0)
    head = "store_no,dispute_no,order_no,kind,opened_at,responded_at\n"
    opened = now - timedelta(hours=30)
    rows = f"S1,D1,001,quality,{opened.isoformat()},\nS1,D2,001,quality,2024-05-10T00:00:00Z,\n"
    take(write(tmp_path / "1", stores=STORES, orders=ORDERS, disputes=head + rows))
    deadline = Deadline.objects.get()
    assert (deadline.subject_key, deadline.due_at) == ("D1", opened + timedelta(hours=72))
    answered = f"S1,D1,001,quality,{opened.isoformat()},{now.isoformat()}\n"
    take(write(tmp_path / "2", disputes=head + answered), as_of=LATER)
    deadline.refresh_from_db()
    assert (deadline.state, deadline.settled_at) == ("met", now)


# ── Complete exports and removal ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("IX-02")
def test_a_complete_export_deletes_what_it_no_longer_has(tmp_path):
    take(write(tmp_path / "1", stores=STORES, orders=ORDERS, order_lines=LINES, tracking_events=SCANS))
    DirtySubject.objects.all().delete()
    manifest = '{"exported_at": "2024-06-03T00:00:00Z", "complete": true}'
    kept = "\n".join(line for line in ORDERS.splitlines() if ",002," not in line) + "\n"
    _job, report = take(
        write(
            tmp_path / "2",
            stores=STORES,
            orders=kept,
            order_lines=LINES.replace("S1,001,2,B,6\n", ""),
            manifest=manifest,
        )
    )
    assert report.counts["orders"]["deleted"] == 1
    assert report.counts["order_lines"]["deleted"] == 1
    stored = Order.objects.get()
    assert (stored.order_no, stored.sku) == ("001", "A")
    assert DirtySubject.objects.count() == 2
    assert TrackingEvent.objects.count() == 1


@pytest.mark.clock
@pytest.mark.rule("IX-03")
def test_a_company_is_removed_as_a_whole_and_its_events_stay(tmp_path):
    take(write(tmp_path, stores=STORES, orders=ORDERS + "S2,9,2024-05-01T10:00:00Z,,1,USD\n", order_lines=LINES))
    removed = remove_company(company=Company.objects.get(company_no="C1"), actor="test", at=timezone.now())
    assert (removed["orders"], removed["stores"]) == (2, 1)
    assert list(Order.objects.values_list("order_no", flat=True)) == ["9"]
    assert not OrderLine.objects.exists()
    assert not Company.objects.filter(company_no="C1").exists()
    assert Event.objects.filter(kind="import.chunk").exists()


# ── Dry and strict runs (IX-04) ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("IX-04")
def test_a_dry_run_shows_what_the_real_run_does_and_changes_nothing(tmp_path):
    bad = ORDERS + "S1,003,never,,1,USD\n"
    path = write(tmp_path, stores=STORES, orders=bad, order_lines=LINES)
    _job, dry = take(path, dry_run=True)
    assert not Order.objects.exists()
    assert not Feed.objects.exists()
    assert not WaitingRow.objects.exists()
    _job, real = take(path)
    assert dry.counts == real.counts


@pytest.mark.rule("IX-04")
def test_a_strict_run_takes_all_or_nothing(tmp_path):
    bad = ORDERS + "S1,003,never,,1,USD\n"
    job, report = take(write(tmp_path / "1", stores=STORES, orders=bad), strict=True)
    assert (job.state, report.total("refused")) == (Import.State.FAILED, 1)
    assert not Store.objects.exists()
    job, _report = take(write(tmp_path / "2", stores=STORES, orders=ORDERS), strict=True)
    assert (job.state, Order.objects.count()) == (Import.State.DONE, 2)


@pytest.mark.rule("DM-33")
def test_an_import_writes_an_event_per_chunk_without_rows(tmp_path):
    take(write(tmp_path, stores=STORES, orders=ORDERS))
    events = Event.objects.filter(kind="import.chunk").order_by("pk")
    assert [event.after["file"] for event in events] == ["stores", "orders"]
    assert events[1].after["counts"]["new"] == 2
