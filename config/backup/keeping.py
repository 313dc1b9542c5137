"""Nightly backups into BACKUP_DIR, of which the last BACKUP_KEEP are kept (RL-16)."""

from datetime import UTC, datetime

NAME = "dianwei-%Y%m%dT%H%M%SZ.tar"


def file_name(at: datetime) -> str:
    """What a backup is called; names sort by instant."""
    return f"{at.astimezone(UTC):{NAME}}"
