"""Nights whose processes are killed with -9 at random moments: the next run completes them, to the last row (RL-03,
RL-04, DM-35, MX-09)."""

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from config import children
from metrics.catalogue import Calendar
from tests.clock import clock_at
from tests.config.test_launcher import wait_for
from tests.nights.installation import Installation, children_of, kill
from tests.oracle.bundle import Bundle, write_bundle

pytestmark = [pytest.mark.slow, pytest.mark.deployment]
STORES, ORDERS = 12, 24
# In the afternoon of Shanghai the same day is the last complete one in both calendars, and its runs are due: workers
# find nothing else to close.
NOW = datetime(2026, 5, 12, 9, tzinfo=UTC)
DAY = date(2026, 5, 11)
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
# On each database one night is killed here, at moments of its own, and another one's worker below.
SEEDS = range(20) if THOROUGH else [int(ON_POSTGRES)]


def text(instant: datetime) -> str:
    return instant.isoformat()


def make_bundle() -> Bundle:
    """Stores of both modes, some over their lines, up to the day that has just ended."""
    stores, orders, reviews = [], [], []
    for place in range(STORES):
        number = f"S{place:02d}"
        stores.append(
            {
                "store_no": number,
                "name": number,
                "mode": "governed" if place % 3 else "mirrored",
                "opened_at": "2020-01-01T00:00:00Z",
                "primary_category": "books",
                "status": "active",
            }
        )
        for order in range(ORDERS):
            paid = datetime(2026, 5, 11, 1, tzinfo=UTC) - timedelta(days=5 + order % 20)
            late = order % 12 == 0 and place % 2 == 0
            orders.append(
                {
                    "store_no": number,
                    "order_no": f"{number}-{order}",
                    "created_at": text(paid),
                    "paid_at": text(paid),
                    "shipped_at": text(paid + timedelta(hours=90 if late else 20)),
                    "confirmed_at": text(paid + timedelta(days=4)),
                    "confirmed_by": "buyer",
                    "total_amount": "20",
                    "currency": "USD",
                    "sku": f"K{order % 3}",
                }
            )
            reviews.append(
                {
                    "store_no": number,
                    "order_no": f"{number}-{order}",
                    "created_at": text(paid + timedelta(days=4)),
                    "described": "1" if place % 4 == 1 and order % 3 == 0 else "5",
                }
            )
    manifest = {"exported_at": text(NOW), "known_until": {"orders": text(NOW), "reviews": text(NOW)}}
    return Bundle({"stores": stores, "orders": orders, "reviews": reviews}, manifest)


@pytest.fixture(scope="module")
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with imported orders and no night."""
    server = request.getfixturevalue("postgres_url").rsplit("/", 1)[0] if ON_POSTGRES else ""
    # Two processes of the test run may each have an installation at one time: neither database is shared.
    process = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    number = 10 + int(process.removeprefix("gw")) % 6
    redis = request.getfixturevalue("redis_url").rsplit("/", 1)[0] + f"/{number}" if ON_POSTGRES else ""
    made = Installation(tmp_path_factory.mktemp(f"nights-{process}-"), clock_at(NOW), server, redis)
    made.make()
    folder = made.folder / "bundle"
    folder.mkdir()
    write_bundle(make_bundle(), folder)
    made.manage("import_bundle", str(folder))
    yield made
    made.drop()


@pytest.fixture(scope="module")
def undisturbed(base: Installation) -> Iterator[tuple[dict[str, list[tuple]], float]]:
    """What an undisturbed night leaves, and how long it takes."""
    copy = base.copy("undisturbed")
    started = time.monotonic()
    copy.manage("nightly", "--day", DAY.isoformat())
    took = time.monotonic() - started
    found = copy.outcome()
    copy.drop()
    assert len(found["cards"]) == 2 * STORES
    assert {row[4] for row in found["notices"]} == {"issued", "predicted"}
    assert found["messages"]
    assert found["deadlines"]
    assert found["dirty"] == [(0,)]
    return found, took


@pytest.mark.rule("RL-03", "RL-04", "MX-03", "MX-09", "PN-06", "DM-35")
@pytest.mark.parametrize("seed", SEEDS)
def test_night_killed_at_any_moment_is_completed_by_the_next_run(
    base: Installation, undisturbed: tuple[dict[str, list[tuple]], float], seed: int
) -> None:
    expected, took = undisturbed
    chance = random.Random(seed)
    copy = base.copy(f"seed{seed}")
    try:
        for _death in range(2):
            night = copy.start("nightly", "--day", DAY.isoformat())
            # A third of the time goes by before the first statement.
            time.sleep(took * chance.uniform(0.3, 1.0))
            kill(night)
        copy.manage("nightly", "--day", DAY.isoformat())
        assert copy.outcome() == expected
        copy.manage("nightly", "--day", DAY.isoformat(), "--rebuild")
        assert copy.outcome() == expected
    finally:
        copy.drop()


@pytest.mark.rule("RL-01", "RL-03", "RL-04", "MX-03")
def test_two_workers_close_a_night_though_one_is_killed(
    base: Installation, undisturbed: tuple[dict[str, list[tuple]], float]
) -> None:
    expected, _took = undisturbed
    copy = base.copy("workers")
    workers = [copy.start_worker(place) for place in range(2)]
    try:
        for place in range(2):
            wait_for(lambda place=place: "ready." in copy.worker_log(place).read_text(), 60)
        night = copy.start("nightly", "--day", DAY.isoformat(), "--by-workers", "--json")
        wait_for(lambda: copy.rows("SELECT 1 FROM metrics_run WHERE state = 'done'") != [], 60)
        for pid in children_of(workers[0].pid):
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: copy.rows("SELECT 1 FROM metrics_run WHERE stage = 'publish' AND state = 'done'") != [], 60)
        kill(workers[0])
        assert night.wait(120) == 0
        said = json.loads((copy.folder / "workers.log").read_text().splitlines()[-1])
        assert {run["run"] for run in said["runs"]} == set(Calendar)
        found = copy.outcome()
        # Shards that end in another order give out numbers in another order.
        assert found == expected
        assert copy.rows("SELECT COUNT(*) FROM metrics_run WHERE state <> 'done'") == [(0,)]
        mine = f":{night.pid}:"
        assert not any(mine in lease for (lease,) in copy.rows("SELECT DISTINCT lease FROM metrics_run"))
    finally:
        for worker in workers:
            children.stop(worker, patience=10)
        copy.drop()
