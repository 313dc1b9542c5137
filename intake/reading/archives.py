"""Unpacking ZIP files that strangers made: no path outside the target, no bombs, no passwords."""

import stat
import zipfile
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.utils.translation import gettext as _

from intake.reading.errors import BundleError

MOST_MEMBERS = 200
LARGEST_RATIO = 200
_RATIO_FROM = 10 * 2**20
_BLOCK = 2**20
_ENCRYPTED = 0x1


def largest_unpacked() -> int:
    """Bytes that an archive may hold unpacked."""
    return int(settings.IMPORT_MAX_UNPACKED_BYTES)


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
    try:
        with zipfile.ZipFile(path) as archive:
            for number, member in enumerate(check_archive(archive)):
                if any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(member.filename).parts):
                    continue
                # Each in a folder of its own: two members may share a name.
                folder = target / f"{number:03}"
                folder.mkdir(parents=True, exist_ok=True)
                name = PurePosixPath(member.filename.replace("\\", "/")).name[-100:]
                with archive.open(member) as packed, (folder / name).open("wb") as unpacked:
                    while block := packed.read(_BLOCK):
                        left -= len(block)
                        if left < 0:
                            raise BundleError(_("would unpack to far more than it should: it looks like a ZIP bomb"))
                        unpacked.write(block)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, ValueError) as error:
        if isinstance(error, BundleError):
            raise
        raise BundleError(_("is a damaged ZIP file: make it again")) from error
    target.mkdir(parents=True, exist_ok=True)
