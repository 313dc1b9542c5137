"""Shifts the clock of a whole run with its child processes (RL-20).

Every Python process whose environment has what `clock_at` gives starts with its clock shifted, and it goes on from
there: `everywhere/sitecustomize.py` sees to it before anything else is loaded. Databases and Redis keep the real time;
the product asks them for it only to note updates of orders (`orders/updates.py`).
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

OFFSET = "TEST_CLOCK_OFFSET"
# Each hour and each date of RL-20: a leap day, the last day of a year (where the hours matter most), and a Saturday
# that mainland China works for National Day.
_AT = {
    "2028-02-29": ("15:59",),
    "2026-12-31": ("15:59", "16:01", "23:59"),
    "2026-10-10": ("00:30",),
}
INSTANTS = [datetime.fromisoformat(f"{day}T{hour}Z") for day, hours in _AT.items() for hour in hours]
_EVERYWHERE = str(Path(__file__).with_name("everywhere"))


def clock_at(instant: datetime) -> dict[str, str]:
    """The environment of a process whose clock starts at an instant. Not for use inside a travel."""
    shifted = timedelta(seconds=float(os.environ.get(OFFSET, 0)))
    offset = instant - datetime.now(UTC) + shifted
    path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    path = [_EVERYWHERE, *(part for part in path if part not in ("", _EVERYWHERE))]
    return {OFFSET: str(offset / timedelta(seconds=1)), "PYTHONPATH": os.pathsep.join(path)}


def is_shifted() -> bool:
    """Whether this process runs with such a clock."""
    return OFFSET in os.environ
