"""Shifts the clock of a process from its start on: see tests/clock."""

import os
import sys

if offset := os.environ.get("TEST_CLOCK_OFFSET"):
    # time-machine loads pytest where it can; commands that a test starts have no use for it.
    sys.modules["pytest"] = None  # type: ignore[assignment]
    import time

    import time_machine

    del sys.modules["pytest"]
    time_machine.travel(time.time() + float(offset)).start()
