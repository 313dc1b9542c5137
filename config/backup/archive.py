"""The file of a backup: a plain tar, which other tools read as well.

``manifest.json``, the database, ``evidence/COMPANY/SHA-256``, other files by their place in DATA_DIR, ``damaged.json``,
and last ``SHA256SUMS``, which `sha256sum --check` understands. Without the last member the file is not whole.
Reading and writing take the same memory whatever the file holds.
"""

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any, Protocol

from config.environment import PRIVATE_FILE
from evidence.storage import flush_folder

MANIFEST, DAMAGED, SUMS = "manifest.json", "damaged.json", "SHA256SUMS"
FORMAT = 1
# Of so many damaged members a refusal names the first.
_NAMED = 5
_BLOCK = 1 << 20

Progress = Callable[[str, int], None]


class DamagedArchiveError(Exception):
    """The file is not what was written; the message says which part of it."""


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class _Tar(tarfile.TarFile):
    """A tar that remembers no members: a million of them would fill the memory."""

    members: list[tarfile.TarInfo]

    def forget(self) -> None:
        self.members.clear()


class _Hashed:
    """Reads on, and hashes what it read."""

    def __init__(self, content: Readable) -> None:
        self._content, self._digest = content, hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        block = self._content.read(size)
        self._digest.update(block)
        return block

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


class Writer:
    """Adds members to an archive that is being written."""

    def __init__(self, stream: IO[bytes], sums: IO[str], progress: Progress) -> None:
        self._tar = _Tar.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT)
        self._sums, self._progress = sums, progress
        self.count = 0

    def add(self, name: str, content: Readable, size: int) -> str:
        """Add a member of so many bytes; returns the SHA-256 of what was read."""
        digest = self._add(name, content, size)
        self._sums.write(_line(digest, name))
        self.count += 1
        self._progress(name, size)
        return digest

    def add_file(self, name: str, path: Path) -> str:
        with path.open("rb") as content:
            return self.add(name, content, os.fstat(content.fileno()).st_size)

    def add_json(self, name: str, said: Any) -> None:
        text = json.dumps(said, ensure_ascii=False, indent=1).encode()
        self.add(name, io.BytesIO(text), len(text))

    def close(self) -> None:
        """Add the sums of all members, which makes it whole."""
        self._sums.flush()
        path = Path(self._sums.name)
        with path.open("rb") as content:
            self._add(SUMS, content, path.stat().st_size)
        self._tar.close()

    def _add(self, name: str, content: Readable, size: int) -> str:
        member, hashed = tarfile.TarInfo(name), _Hashed(content)
        member.size, member.mode = size, 0o600
        self._tar.addfile(member, hashed)
        self._tar.forget()
        return hashed.hexdigest()


@contextmanager
def written(path: Path, workplace: Path, progress: Progress) -> Iterator[Writer]:
    """An archive under its name once the block has ended well: whole and on the disk, or not there at all."""
    unfinished = workplace / "archive.tar"
    unfinished.touch(mode=PRIVATE_FILE)
    with (
        (workplace / SUMS).open("w", encoding="utf-8", errors="surrogateescape") as sums,
        unfinished.open("wb") as stream,
    ):
        writer = Writer(stream, sums, progress)
        yield writer
        writer.close()
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(path)
    flush_folder(path.parent)


def read_members(path: Path) -> Generator[tuple[str, int, IO[bytes]], None, None]:
    """Name, size and content of every member before the sums, and of the sums. Raises DamagedArchiveError where it
    can't be read on."""
    last = "its beginning"
    try:
        with _Tar.open(path, mode="r:") as tar:
            while member := tar.next():
                content = tar.extractfile(member) if member.isreg() else None
                if content is None:
                    raise DamagedArchiveError(f"{path} is damaged: {member.name} is no file")
                yield member.name, member.size, content
                if member.name == SUMS:
                    return
                last = member.name
                tar.forget()
    except (tarfile.TarError, ValueError) as error:
        raise _unreadable(path, last) from error
    raise _unreadable(path, last)


def _unreadable(path: Path, last: str) -> DamagedArchiveError:
    return DamagedArchiveError(f"{path} is damaged, cut off or no backup: it can't be read after {last}")


def read_manifest(path: Path) -> dict[str, Any]:
    """What the archive says of itself. Raises DamagedArchiveError."""
    said: Any = None
    with closing(read_members(path)) as members, suppress(ValueError, tarfile.TarError):
        name, _size, content = next(members)
        said = json.load(content) if name == MANIFEST else None
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise DamagedArchiveError(f"{path} is damaged or no backup: it has no {MANIFEST} that this version reads")
    return said


def verify_archive(path: Path, progress: Progress) -> int:
    """Read it all and compare every hash; returns how many members it has. Raises DamagedArchiveError, which names
    what is damaged."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="surrogateescape", newline="\n") as found,
        tempfile.TemporaryFile() as stated,
    ):
        try:
            count = _hash_members(path, found, stated, progress)
        except tarfile.TarError as error:
            raise _unreadable(path, "its files") from error
        found.seek(0)
        stated.seek(0)
        wrong = _differences(found, io.TextIOWrapper(stated, encoding="utf-8", errors="surrogateescape", newline="\n"))
    if wrong:
        raise DamagedArchiveError(f"{path} is damaged: {', '.join(wrong)}")
    return count


def _hash_members(path: Path, found: IO[str], stated: IO[bytes], progress: Progress) -> int:
    """Write the sums of all members, and beside them those that the archive states; returns the number of members."""
    count = 0
    for name, size, content in read_members(path):
        if name == SUMS:
            shutil.copyfileobj(content, stated)
            break
        found.write(_line(digest_of(content), name))
        progress(name, size)
        count += 1
    return count


def digest_of(content: Readable) -> str:
    """The SHA-256 of what can be read from here on."""
    digest = hashlib.sha256()
    while block := content.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _differences(found: IO[str], stated: IO[str]) -> list[str]:
    """The names of the first members whose lines differ."""
    wrong: list[str] = []
    for ours, theirs in zip_longest(found, stated, fillvalue=""):
        if ours != theirs:
            wrong.append((ours or theirs)[66:].rstrip("\n") or SUMS)
        if len(wrong) == _NAMED:
            break
    return wrong


def _line(digest: str, name: str) -> str:
    """A line of sha256sum, which escapes what would break it."""
    plain = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"{'' if plain == name else chr(92)}{digest}  {plain}\n"
