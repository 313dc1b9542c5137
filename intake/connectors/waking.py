"""Wakes a worker for connections; the schedule finds what a lost hint does not (RL-01)."""

import structlog
from celery import current_app

log = structlog.get_logger("dianwei.connections")


def wake_worker() -> None:
    """Send the hint; a broker that is down is no reason to fail."""
    try:
        current_app.send_task("intake.run_connections")
    except Exception:
        log.warning("no worker woken for connections", exc_info=True)
