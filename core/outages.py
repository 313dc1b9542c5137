"""Tells apart errors of the infrastructure: a busy database, a full disk."""

import errno

from django.db import Error

BUSY_SQLITE = ("database is locked", "database table is locked", "database schema is locked")
FULL_SQLITE = "database or disk is full"
# PostgreSQL: too many connections, lock not available, deadlock, serialization failure, statement timeout, starting up
# or shutting down.
BUSY_POSTGRESQL = frozenset({"53300", "55P03", "40P01", "40001", "57014", "57P01", "57P02", "57P03"})
FULL_POSTGRESQL = "53100"
FULL_DISK = (errno.ENOSPC, errno.EDQUOT)


def is_busy(error: BaseException | None) -> bool:
    """Whether the database only was busy, so that a retry helps (RL-07)."""
    if not isinstance(error, Error):
        return False
    return any(text in str(error) for text in BUSY_SQLITE) or _sqlstate(error) in BUSY_POSTGRESQL


def is_full(error: BaseException | None) -> bool:
    """Whether a disk has no room left, ours or the database server's."""
    if isinstance(error, OSError):
        return error.errno in FULL_DISK
    return isinstance(error, Error) and (FULL_SQLITE in str(error) or _sqlstate(error) == FULL_POSTGRESQL)


def _sqlstate(error: Error) -> str:
    return str(getattr(error.__cause__, "sqlstate", None) or "")
