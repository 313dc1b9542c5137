"""Nightly backups into BACKUP_DIR, of which the last BACKUP_KEEP are kept (RL-16)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from django.conf import settings

from config.backup.making import make_backup

_NAME = "dianwei-%Y%m%dT%H%M%SZ.tar"
# 05:00 in Shanghai, after the nights: from then on a backup of the day is due.
_HOUR = 21

log = structlog.get_logger("dianwei.backup")


def file_name(at: datetime) -> str:
    """What a backup is called; names sort by instant."""
    return f"{at.astimezone(UTC):{_NAME}}"


def latest_backup() -> datetime | None:
    """When the newest backup in BACKUP_DIR was made."""
    kept = _kept()
    return datetime.strptime(kept[-1].name, _NAME).replace(tzinfo=UTC) if kept else None


def keep_backups(*, at: datetime) -> Path | None:
    """Make the backup of the day if there is none yet, then remove the oldest beyond those to be kept."""
    latest = latest_backup()
    if not settings.BACKUP_DIR or (latest and latest >= _due_since(at)):
        return None
    folder = Path(settings.BACKUP_DIR)
    made = make_backup(folder / file_name(at), at=at, progress=lambda name, size: None)
    log.info("backup made", file=made.path.name, bytes=made.size, rows=made.rows, damaged=len(made.damaged))
    for old in _kept()[: -settings.BACKUP_KEEP]:
        old.unlink(missing_ok=True)
    return made.path


def _due_since(at: datetime) -> datetime:
    today = at.astimezone(UTC).replace(hour=_HOUR, minute=0, second=0, microsecond=0)
    return today if today <= at else today - timedelta(days=1)


def _kept() -> list[Path]:
    if not settings.BACKUP_DIR:
        return []
    return sorted(Path(settings.BACKUP_DIR).glob("dianwei-????????T??????Z.tar"))
