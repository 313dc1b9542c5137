"""Whether every evidence file is there and unchanged (RL-16)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.models import EvidenceFile
from evidence.services.storing import open_content

_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Damage:
    """A file whose content is ``lost`` or ``changed``."""

    file: EvidenceFile
    how: str


def damaged_files() -> Iterator[Damage]:
    """Read every file that has content by its row, and give those that are not what they were."""
    for file in EvidenceFile.objects.filter(removed_at=None).order_by("pk").iterator(_ROWS_AT_ONCE):
        try:
            with open_content(file) as content:
                is_same = _digest(content.chunks()) == file.sha256
        except FileNotFoundError:
            yield Damage(file, "lost")
            continue
        if not is_same:
            yield Damage(file, "changed")


def _digest(blocks: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()
