"""An upload killed with -9 at a stage: `python -m tests.evidence.killed_upload DATABASE FOLDER COMPANY STAGE`."""

import os
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import django

STAGES = ("writing", "stored", "row")
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def die(*args: Any, **more: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(database: str, folder: str, company: str, stage: str) -> None:
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    settings.STORAGES["evidence"] = {"BACKEND": "evidence.storage.DiskStorage", "OPTIONS": {"location": folder}}
    django.setup()
    from django.core.files.base import File
    from django.db.models.signals import post_save

    from evidence.models import EvidenceFile
    from evidence.services.receiving import receive_file
    from evidence.storage import DiskStorage
    from stores.models import Company
    from stores.principals import System
    from tests.evidence.files import as_upload, jpeg

    if stage == "writing":

        def chunks(self: Any, chunk_size: int | None = None) -> Iterator[bytes]:
            yield self.read(100)
            die()

        File.chunks = chunks
    elif stage == "stored":
        save = DiskStorage._save
        DiskStorage._save = lambda *arguments: (save(*arguments), die())
    elif stage == "row":
        post_save.connect(die, sender=EvidenceFile)
    receive_file(
        company=Company.objects.get(company_no=company),
        name="photo.jpg",
        content=as_upload(jpeg("killed")),
        principal=System(),
        at=AT,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
