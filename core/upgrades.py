"""What follows an upgrade, which is `migrate` alone."""

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from celery import current_app

log = structlog.get_logger("dianwei.upgrade")


def catch_up_after_upgrade(task: str) -> Callable[..., None]:
    """A receiver of `post_migrate` that wakes a worker for a task by name, if migrations were applied. The task is on
    the schedule too, for hints that are lost."""

    def wake(plan: Sequence[tuple[Any, bool]] = (), **_: Any) -> None:
        if not plan or any(backwards for _migration, backwards in plan):
            return
        try:
            current_app.send_task(task)
        except Exception:
            log.warning("no worker woken", task=task, exc_info=True)

    return wake
