"""Background work on the installation itself."""

import structlog
from celery import shared_task
from django.utils import timezone

from config.backup.contents import BusyFolderError
from config.backup.keeping import keep_backups

# All evidence is read: longer than other tasks may take.
HOURS = 6

log = structlog.get_logger("dianwei.backup")


@shared_task(name="config.keep_backups", time_limit=HOURS * 3600, soft_time_limit=HOURS * 3600 - 60)
def keep_backups_task() -> None:
    """Make the nightly backup that is due. A task that is delivered again meanwhile finds the folder in use."""
    try:
        keep_backups(at=timezone.now())
    except BusyFolderError:
        log.info("backup under way")
