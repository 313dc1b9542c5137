"""Maintenance of the whole installation: pages answer that it is on, and workers begin nothing new (RL-17).

It is a file in DATA_DIR, which all machines share, so it holds while the database is migrated, restored or gone. To
look costs one `stat`. The file is no part of a backup.
"""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings

FILE = "maintenance.json"
# What clients are told to wait where nobody said how long it takes, or it takes longer; and the longest.
RETRY, LONGEST_RETRY = timedelta(minutes=2), timedelta(hours=1)

log = structlog.get_logger("dianwei.maintenance")

_in_worker: ContextVar[bool] = ContextVar("in_worker", default=False)
# The file as it was read last, with what tells whether it has changed.
_read: "tuple[tuple[Any, ...], Maintenance] | None" = None


@dataclass(frozen=True)
class Maintenance:
    """Maintenance that is on. ``until``: when it should be over; ``messages``: the operator's words by language."""

    since: datetime | None = None
    until: datetime | None = None
    messages: Mapping[str, str] = field(default_factory=dict)

    def is_overdue(self, at: datetime) -> bool:
        """Whether it should be over by now. It still ends only when somebody ends it."""
        return self.until is not None and self.until <= at

    def retry_after(self, at: datetime) -> int:
        """Seconds after which a client may ask again."""
        left = RETRY if self.until is None or self.is_overdue(at) else self.until - at
        return max(1, int(min(left, LONGEST_RETRY).total_seconds()))


def present() -> Maintenance | None:
    """The maintenance that is on, as of now."""
    global _read
    path = _path()
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    key = (path, status.st_ino, status.st_mtime_ns, status.st_size)
    if _read is None or _read[0] != key:
        _read = key, _parse(path)
    return _read[1]


def is_on() -> bool:
    """Whether maintenance is on."""
    return present() is not None


def turn_on(*, at: datetime, until: datetime | None = None, messages: Mapping[str, str] | None = None) -> Maintenance:
    """Turn maintenance on for all machines, or say anew how long it takes; it is on since it was turned on first."""
    former = present()
    begun = Maintenance(former.since if former else at, until, dict(messages or {}))
    _write(_path(), begun)
    log.warning("maintenance on", until=None if until is None else until.isoformat())
    return begun


def turn_off() -> bool:
    """Turn it off; False where it was not on."""
    try:
        _path().unlink()
    except FileNotFoundError:
        return False
    log.warning("maintenance off")
    return True


# ── Workers ────────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def work_of_a_task() -> Iterator[None]:
    """What runs inside belongs to a task of a worker, which takes up no further work once maintenance is on."""
    token = _in_worker.set(True)
    try:
        yield
    finally:
        _in_worker.reset(token)


def pauses_work() -> bool:
    """Whether the task at hand should stop at its next piece of work. Commands that an operator runs go on."""
    return _in_worker.get() and is_on()


class PausedError(RuntimeError):
    """Work that can't go on during maintenance; it is begun again afterwards."""


def stop_if_paused() -> None:
    """Raise PausedError where the task at hand should stop."""
    if pauses_work():
        raise PausedError


# ── The file ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _path() -> Path:
    return Path(settings.DATA_DIR) / FILE


def _parse(path: Path) -> Maintenance:
    """What the file says; one that can't be read, or was made by hand, turns maintenance on all the same."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        messages = {str(language): str(text) for language, text in said.get("messages", {}).items()}
        return Maintenance(_instant(said.get("since")), _instant(said.get("until")), messages)
    except (OSError, ValueError, TypeError, AttributeError):
        return Maintenance()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _write(path: Path, maintenance: Maintenance) -> None:
    """Write it whole or not at all: others read it at any moment."""
    instants = {"since": maintenance.since, "until": maintenance.until}
    said = {name: at.isoformat() if at else None for name, at in instants.items()}
    draft = path.with_name(f".{FILE}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump({**said, "messages": dict(maintenance.messages)}, stream, ensure_ascii=False)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
