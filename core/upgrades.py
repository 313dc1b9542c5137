"""What follows an upgrade, which is `migrate` alone."""

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from celery import current_app
from django.db.models import Model

log = structlog.get_logger("dianwei.upgrade")


def tables_are_whole(apps: Any, *models: type[Model]) -> bool:
    """Whether the tables of these models have the columns that the code expects, in a receiver of `post_migrate`: after
    a migration to an earlier point they don't, or are missing. ``apps``: the migrated state, None after a flush."""
    return apps is None or all(_columns(_migrated(apps, model)) == _columns(model) for model in models)


def _migrated(apps: Any, model: type[Model]) -> type[Model] | None:
    found: type[Model] | None = apps.all_models[model._meta.app_label].get(model._meta.model_name)
    return found


def _columns(model: type[Model] | None) -> set[str | None]:
    return {field.column for field in model._meta.local_concrete_fields} if model else set()


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
