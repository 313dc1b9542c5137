"""Unpacking ZIP files that strangers made: no path outside the target, no bombs, no passwords."""

import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from intake.reading.errors import BundleError
from intake.reading.stopping import heed

MOST_MEMBERS = 200
LARGEST_RATIO = 200
_RATIO_FROM = 10 * 2**20
_BLOCK = 2**20
_ENCRYPTED = 0x1
# The end record of a ZIP, after which a comment may stand, and those of large ones before it.
_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_LONGEST_COMMENT = 2**16
_LOCATOR = struct.Struct("<4sLQL")
_LOCATOR_MARK = b"PK\x06\x07"
_END_64 = struct.Struct("<4sQ2H2L4Q")
_END_64_MARK = b"PK\x06\x06"
_SEE_64 = {0xFFFF, 0xFFFFFFFF}
# The list of MOST_MEMBERS files with generous names; a list is read as long as it is, whatever number it says.
_LARGEST_LIST = 2**20


def largest_unpacked() -> int:
    """Bytes that an archive may hold unpacked."""
    return int(settings.IMPORT_MAX_UNPACKED_BYTES)


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """The ZIP file, once its end record promises no more members than are taken: listing a million takes half a minute
    and half a gigabyte (RL-18). Raises BundleError, also for what is found damaged while it is open."""
    with path.open("rb") as stream:
        members, size = _promised(stream)
    if members > MOST_MEMBERS or size > _LARGEST_LIST:
        raise BundleError(_("holds more than %(count)s files") % {"count": MOST_MEMBERS})
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except BundleError:
        raise
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, ValueError, struct.error) as error:
        raise BundleError(_("is a damaged ZIP file: make it again")) from error


def _promised(stream: BinaryIO) -> tuple[int, int]:
    """Members and bytes of their list, as the end records say that `zipfile` may go by; 0 where there are none: that
    is for it to find damaged."""
    length = stream.seek(0, 2)
    stream.seek(max(0, length - _LONGEST_COMMENT - _END.size - _LOCATOR.size - _END_64.size))
    tail = stream.read()
    place = _place_of_end(tail)
    if place < 0 or len(tail) < place + _END.size:
        return 0, 0
    said: tuple[int, int] = _END.unpack_from(tail, place)[4:6]
    promises = [(0, 0) if set(said) & _SEE_64 else said, *_large(stream, tail, place - _LOCATOR.size)]
    return max(members for members, _size in promises), max(size for _members, size in promises)


def _large(stream: BinaryIO, tail: bytes, locator: int) -> Iterator[tuple[int, int]]:
    """What the end records of a large ZIP say: the one before the locator and the one that it points to."""
    if locator < 0 or not tail.startswith(_LOCATOR_MARK, locator):
        return
    stream.seek(min(_LOCATOR.unpack_from(tail, locator)[2], 2**62))
    for record in (tail[max(locator - _END_64.size, 0) : locator], stream.read(_END_64.size)):
        if len(record) == _END_64.size and record.startswith(_END_64_MARK):
            yield _END_64.unpack(record)[-3:-1]


def _place_of_end(tail: bytes) -> int:
    """Where the end record begins: at the very end, else before a comment."""
    plain = len(tail) - _END.size
    if plain >= 0 and tail.startswith(_END_MARK, plain) and tail.endswith(b"\x00\x00"):
        return plain
    return tail.rfind(_END_MARK)


def check_archive(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members worth reading; raises BundleError for bombs, passwords and names that lead elsewhere."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MOST_MEMBERS:
        raise BundleError(_("holds more than %(count)s files") % {"count": MOST_MEMBERS})
    for member in members:
        _check_name(member)
        if member.flag_bits & _ENCRYPTED:
            raise BundleError(_("is protected by a password: make it again without one"))
    unpacked = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    if unpacked > largest_unpacked() or (unpacked > _RATIO_FROM and unpacked / packed > LARGEST_RATIO):
        raise BundleError(_("would unpack to far more than it should: it looks like a ZIP bomb"))
    return members


def _check_name(member: zipfile.ZipInfo) -> None:
    name = PurePosixPath(member.filename.replace("\\", "/"))
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    if name.is_absolute() or ".." in name.parts or ":" in member.filename or "\x00" in member.filename or is_link:
        raise BundleError(_("holds a file whose name leads out of the archive"))


def unpack_zip(path: Path, target: Path) -> None:
    """Unpack the bundle's files into ``target``, counting bytes as they come: sizes in the directory may lie."""
    left = largest_unpacked()
    with open_archive(path) as archive:
        for number, member in enumerate(check_archive(archive)):
            if any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(member.filename).parts):
                continue
            # Each in a folder of its own: two members may share a name.
            folder = target / f"{number:03}"
            folder.mkdir(parents=True, exist_ok=True)
            name = PurePosixPath(member.filename.replace("\\", "/")).name[-100:]
            with archive.open(member) as packed, (folder / name).open("wb") as unpacked:
                while block := packed.read(_BLOCK):
                    heed()
                    left -= len(block)
                    if left < 0:
                        raise BundleError(_("would unpack to far more than it should: it looks like a ZIP bomb"))
                    unpacked.write(block)
    target.mkdir(parents=True, exist_ok=True)
