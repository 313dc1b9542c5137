"""The Celery application and the one schedule of periodic work.

The broker only wakes workers; jobs are rows in the database (RL-01). So every entry expires before its next turn:
after a pause there is one wake-up to do, not a hundred.
"""

import os
from typing import Any

import structlog
from celery import Celery, Task, signals
from celery.schedules import crontab
from django.conf import settings

from config import fsbroker
from core import maintenance

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
fsbroker.register()

VISIBILITY_TIMEOUT = 900
HARD_LIMIT = 840
SOFT_LIMIT = 780

log = structlog.get_logger("dianwei.task")


class PausableTask(Task[Any, Any]):
    """Does nothing during maintenance: what it would have done are rows, which a later turn finds (RL-01)."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.request.called_directly:
            return self.run(*args, **kwargs)
        if maintenance.is_on():
            log.info("task left for maintenance")
            return None
        with maintenance.work_of_a_task():
            return self.run(*args, **kwargs)


app = Celery("dianwei", task_cls=PausableTask)
app.set_default()
app.conf.update(
    broker_url=settings.BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_transport_options=(
        {
            "visibility_timeout": VISIBILITY_TIMEOUT,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "socket_timeout": 10,
            "socket_connect_timeout": 5,
        }
        if settings.REDIS_URL
        else {"folder": str(settings.BROKER_DIR)}
    ),
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_acks_on_failure_or_timeout=True,
    task_time_limit=HARD_LIMIT,
    task_soft_time_limit=SOFT_LIMIT,
    task_ignore_result=True,
    task_default_queue="celery",
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.2},
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    enable_utc=True,
    timezone="UTC",
    beat_schedule={
        "sweep-deadlines": {"task": "core.sweep_deadlines", "schedule": 30.0, "options": {"expires": 25}},
        # Whoever fills the outbox wakes a worker; the schedule is for retries, and for hints that were lost.
        "deliver-outbox": {"task": "core.deliver_outbox", "schedule": 10.0, "options": {"expires": 8}},
        # Likewise: whoever queues a message wakes a worker.
        "deliver-messages": {"task": "notifications.wake_channels", "schedule": 30.0, "options": {"expires": 25}},
        "deliver-webhooks": {"task": "notifications.deliver_webhooks", "schedule": 10.0, "options": {"expires": 8}},
        "forget-tokens": {
            "task": "api.forget_tokens",
            "schedule": crontab(minute="40"),
            "options": {"expires": 3000},
        },
        "forget-webhooks": {
            "task": "notifications.forget_webhooks",
            "schedule": crontab(minute="50"),
            "options": {"expires": 3000},
        },
        "forget-answers": {
            "task": "api.forget_answers",
            "schedule": crontab(minute="20"),
            "options": {"expires": 3000},
        },
        # Whoever asks for a preview of a policy wakes a worker.
        "preview-impacts": {"task": "notifications.preview_impacts", "schedule": 60.0, "options": {"expires": 50}},
        "announce-policies": {
            "task": "notifications.announce_policies",
            "schedule": crontab(minute="15"),
            "options": {"expires": 1800},
        },
        "sweep-inbox": {"task": "intake.sweep_inbox", "schedule": 30.0, "options": {"expires": 25}},
        "wake-imports": {"task": "intake.wake_imports", "schedule": 30.0, "options": {"expires": 25}},
        # Whoever asks for a run wakes a worker.
        "run-connections": {"task": "intake.run_connections", "schedule": 30.0, "options": {"expires": 25}},
        "look-after-connections": {
            "task": "intake.look_after_connections",
            "schedule": crontab(minute="25"),
            "options": {"expires": 3000},
        },
        "reset-demo": {
            "task": "demo.reset",
            "schedule": crontab(minute="*/10"),
            "options": {"expires": 540},
        },
        "send-reports": {
            "task": "reports.send_reports",
            "schedule": crontab(minute="*/10"),
            "options": {"expires": 540},
        },
        # Whoever asks for an export wakes a worker.
        "run-exports": {"task": "exports.run_exports", "schedule": 60.0, "options": {"expires": 50}},
        "remove-exports": {
            "task": "exports.remove_exports",
            "schedule": crontab(minute="25"),
            "options": {"expires": 3000},
        },
        "refresh-figures": {"task": "metrics.refresh_figures", "schedule": 30.0, "options": {"expires": 25}},
        "protected-events": {
            "task": "appeals.work_protected_events",
            "schedule": crontab(minute="*/10"),
            "options": {"expires": 540},
        },
        # Whoever receives a file wakes a worker; the schedule is for hints that were lost.
        "examine-evidence": {"task": "evidence.examine_files", "schedule": 60.0, "options": {"expires": 50}},
        "remove-evidence-orphans": {
            "task": "evidence.remove_orphans",
            "schedule": crontab(minute="40", hour="*/6"),
            "options": {"expires": 3600},
        },
        "mail-overdue-reviews": {
            "task": "appeals.mail_overdue_reviews",
            "schedule": crontab(minute="*/10"),
            "options": {"expires": 540},
        },
        "check-risks": {"task": "insights.check_risks", "schedule": 30.0, "options": {"expires": 25}},
        # Mondays at 04:00 in Shanghai, when the nights are done.
        "train-risk": {
            "task": "insights.train_risk",
            "schedule": crontab(minute="0", hour="20", day_of_week="sun"),
            "options": {"expires": 3600},
        },
        "check-listings": {"task": "disputes.check_listings", "schedule": 60.0, "options": {"expires": 50}},
        "examine-feedback": {"task": "orders.examine_feedback", "schedule": 60.0, "options": {"expires": 50}},
        "settle-order-counts": {"task": "orders.settle_counts", "schedule": 60.0, "options": {"expires": 50}},
        # Once an hour, so that a store hears of it at most so often.
        "warn-of-unanswered": {
            "task": "orders.warn_of_unanswered",
            "schedule": crontab(minute="5"),
            "options": {"expires": 1800},
        },
        # 00:00 UTC closes a rating day; 18:00 UTC is 02:00 in Shanghai, two hours after a performance day closed.
        "rating-run": {
            "task": "metrics.rating_run",
            "schedule": crontab(minute="0", hour="0"),
            "options": {"expires": 3600},
        },
        "performance-run": {
            "task": "metrics.performance_run",
            "schedule": crontab(minute="0", hour="18"),
            "options": {"expires": 3600},
        },
        "look-for-fake-dispatch": {
            "task": "orders.open_fake_dispatch_cases",
            "schedule": crontab(minute="30", hour="17"),
            "options": {"expires": 3600},
        },
        # Orders and disputes under way that an upgrade gave clocks have them by the next morning at the latest.
        "catch-up-orders": {
            "task": "orders.catch_up",
            "schedule": crontab(minute="15", hour="18"),
            "options": {"expires": 3600},
        },
        "catch-up-disputes": {
            "task": "disputes.catch_up",
            "schedule": crontab(minute="20", hour="18"),
            "options": {"expires": 3600},
        },
        # Two hours after the performance run, when nothing else is heavy.
        "purge-personal-data": {
            "task": "intake.purge_personal",
            "schedule": crontab(minute="10", hour="20"),
            "options": {"expires": 3600},
        },
        # Due once a day; asked every hour, so that one that failed is made up for.
        "keep-backups": {
            "task": "config.keep_backups",
            "schedule": crontab(minute="35"),
            "options": {"expires": 3000},
        },
        "advise-on-carriers": {
            "task": "orders.advise_on_carriers",
            "schedule": crontab(minute="45", hour="17", day_of_week="mon"),
            "options": {"expires": 3600},
        },
        "catch-up-runs": {
            "task": "metrics.make_up_runs",
            "schedule": crontab(minute="*/10"),
            "options": {"expires": 540},
        },
    },
)
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Keep Celery from replacing the logging that the settings made."""


@signals.task_prerun.connect
def bind_job(task_id: str, task: Any, **_: Any) -> None:
    """Put the job's id and name into every log line of a task (RL-17)."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(job_id=task_id, task=task.name)


@signals.task_postrun.connect
def log_job(state: str | None = None, **_: Any) -> None:
    """Write one line about how a task ended."""
    log.info("task", state=state)
    structlog.contextvars.clear_contextvars()
