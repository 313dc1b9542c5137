"""A queue of files on a local disk that survives kill -9 of any process that uses it.

A message is one file. It is written under another name and then renamed, so nobody sees half of it; it is claimed by
renaming it into the claimant's folder, so only one gets it; it is deleted when its work is done. Every process holds a
lock on a file of its own for as long as it lives: the kernel lets go of it whatever ends the process, and then any
other process takes the dead one's claims back into the queue.

    queues/<queue>/<time>-<random>         waiting
    owners/<process>.lock                  locked while the process lives
    owners/<process>/<queue>/<message>     claimed by it
    owners/<process>/<random>.part         being written by it
"""

import fcntl
import os
import threading
import time
import uuid
from collections import deque
from pathlib import Path
from urllib.parse import quote

REAP_SECONDS = 5.0


class Owner:
    """This process's lock and folder under `owners/`."""

    def __init__(self, owners: Path) -> None:
        self.pid = os.getpid()
        self.folder = owners / f"{self.pid}-{uuid.uuid4().hex}"
        self.folder.mkdir(parents=True, mode=0o700)
        # Locked before it gets the name that others look for: an unlocked `.lock` always means a dead owner.
        fresh = self.folder / "lock"
        self.descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(self.descriptor, fcntl.LOCK_EX)
        fresh.rename(self.folder.with_suffix(".lock"))
        # A forked child shares the lock: it must let go, or it would keep its dead parent alive.
        os.register_at_fork(after_in_child=self.close_in_child)

    def close_in_child(self) -> None:
        if self.pid != os.getpid() and self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


class Spool:
    """The queues under one folder, as one process sees them."""

    def __init__(self, folder: Path) -> None:
        self.queues = folder / "queues"
        self.owners = folder / "owners"
        for path in (self.queues, self.owners):
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._mutex = threading.Lock()
        self._owner: Owner | None = None
        self._listed: dict[str, deque[str]] = {}
        self._reap_at = 0.0

    def owner(self) -> Owner:
        """Return this process's owner, a new one after a fork."""
        with self._mutex:
            if self._owner is None or self._owner.pid != os.getpid():
                self._owner = Owner(self.owners)
                self._listed = {}
            return self._owner

    def queue(self, name: str) -> Path:
        """Return the folder of a queue, made when missing."""
        folder = self.queues / quote(name, safe="")
        folder.mkdir(exist_ok=True, mode=0o700)
        return folder

    def put(self, queue: str, body: bytes) -> None:
        """Add a message; it is there wholly or, when this raises, not at all."""
        part = self.owner().folder / f"{uuid.uuid4().hex}.part"
        try:
            part.write_bytes(body)
            part.rename(self.queue(queue) / f"{time.time_ns():020d}-{uuid.uuid4().hex}")
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def claim(self, queue: str) -> tuple[Path, bytes] | None:
        """Take the oldest waiting message, or return None. The path names the claim for `done` and `give_back`."""
        self.reap()
        mine = self.owner().folder / quote(queue, safe="")
        mine.mkdir(exist_ok=True)
        folder = self.queue(queue)
        listed = self._listed.setdefault(queue, deque())
        if not listed:
            listed.extend(sorted(os.listdir(folder)))
        while listed:
            name = listed.popleft()
            try:
                (folder / name).rename(mine / name)
            except FileNotFoundError:
                continue  # another process was faster
            return mine / name, (mine / name).read_bytes()
        return None

    def done(self, claim: Path) -> None:
        """Forget a claimed message: its work is done."""
        claim.unlink(missing_ok=True)

    def give_back(self, claim: Path) -> None:
        """Return a claimed message to its queue."""
        claim.rename(self.queues / claim.parent.name / claim.name)

    def size(self, queue: str) -> int:
        return len(os.listdir(self.queue(queue)))

    def purge(self, queue: str) -> int:
        """Delete the waiting messages and return how many they were."""
        waiting = os.listdir(folder := self.queue(queue))
        for name in waiting:
            (folder / name).unlink(missing_ok=True)
        return len(waiting)

    def reap(self, *, now: bool = False) -> None:
        """Take back what dead processes had claimed; at most every few seconds unless `now`."""
        if not now and time.monotonic() < self._reap_at:
            return
        self._reap_at = time.monotonic() + REAP_SECONDS
        own = self.owner().folder.with_suffix(".lock")
        for lock in self.owners.glob("*.lock"):
            if lock != own:
                self._reap_owner(lock)

    def _reap_owner(self, lock: Path) -> None:
        try:
            descriptor = os.open(lock, os.O_WRONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # alive, or being reaped by another
        else:
            self._empty(lock.with_suffix(""))
            lock.unlink(missing_ok=True)
        finally:
            os.close(descriptor)

    def _empty(self, folder: Path) -> None:
        """Return the claims in a dead owner's folder and delete it; the caller holds its lock."""
        if not folder.exists():
            return
        for entry in list(folder.iterdir()):
            if not entry.is_dir():
                entry.unlink()
                continue
            (self.queues / entry.name).mkdir(exist_ok=True, mode=0o700)
            for claim in list(entry.iterdir()):
                self.give_back(claim)
            entry.rmdir()
        folder.rmdir()
