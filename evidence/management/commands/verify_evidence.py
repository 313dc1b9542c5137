"""`manage.py verify_evidence`: compares every evidence file with its hash (RL-16)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evidence.models import EvidenceFile
from evidence.services.verifying import damaged_files
from evidence.storage import place_of


class Command(BaseCommand):
    """Exit status 1 when a file is lost or changed."""

    help = "Read every evidence file and compare its SHA-256 with its row; list what is lost or changed."

    def handle(self, *args: Any, **options: Any) -> None:
        damaged = list(damaged_files())
        for one in damaged:
            self.stdout.write(f"{one.how}: {place_of(one.file.company_id, one.file.sha256)}")
        self.stdout.write(f"{EvidenceFile.objects.count()} files, {len(damaged)} damaged")
        if damaged:
            raise CommandError("some files are lost or changed: restore them from a backup")
