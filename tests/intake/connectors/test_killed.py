"""Workers that are killed with -9 while they pull a store: the next ones leave no gap and no double (IX-03)."""

import random
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection as database

from intake.connectors.credentials import opened
from tests.intake.connectors.killed_pulls import ANSWERED, COMMITTED, COMMITTING, REFRESHED, REFRESHING
from tests.intake.connectors.shop import connected_shop, feeds_of, run, shop, without_instants
from tests.intake.helpers import tables, undone

# Deaths in the middle of the work, after the platform ended the session and the tokens were refreshed.
MIDDLE = (ANSWERED, COMMITTING, COMMITTED)
SEED = random.randrange(10_000)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.rule("IX-25", "IX-03", "RL-01", "RL-03")
def test_workers_killed_at_random_leave_what_an_undisturbed_one_does(settings: Any) -> None:
    with connected_shop(settings) as (platform, connection):
        shop(platform)
        with undone():
            run()
            undisturbed = without_instants(tables())
        platform.access, platform.rotates, platform.refreshed = "another", False, 0
        rng = random.Random(SEED)
        points = [f"{name}:{rng.randint(2, 12)}" for name in rng.sample(MIDDLE, 2)]
        points = [f"{REFRESHING}:1", f"{REFRESHED}:1", *points]
        assert killed(platform.port, *points) == points, f"seed {SEED}"
        assert without_instants(tables()) == undisturbed, f"seed {SEED}"
        connection.refresh_from_db()
        assert (set(feeds_of(connection).values()), connection.attempts) == ({"ok"}, 0)
        # The first run went on over all deaths; the token that was lost with its process was asked for anew.
        assert set(connection.runs.values_list("state", flat=True)) == {"done"}
        assert (opened(connection, "access_token"), platform.refreshed) == (platform.access, 2)


def killed(port: int, *points: str) -> list[str]:
    """The points at which workers died."""
    command = [sys.executable, "-m", "tests.intake.connectors.killed_pulls", str(database.settings_dict["NAME"])]
    ended = subprocess.run([*command, str(port), *points], capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.split()
