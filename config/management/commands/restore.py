"""`manage.py restore`: restores a backup into an empty place, or only verifies it (RL-16)."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.backup.archive import verify_archive
from config.backup.reporting import ProgressLine, failures_in_words
from config.backup.restoring import Restored, restore_backup


class Command(BaseCommand):
    """Exit status 1 when it was not restored, 2 when evidence is lost or changed: all else is restored then."""

    help = (
        "Verify every hash of a backup, restore it into an empty database, storage of evidence and DATA_DIR, and"
        " verify again. Stop web, worker and beat before."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH", help="the file that `backup` wrote")
        parser.add_argument("--verify-only", action="store_true", help="compare the hashes and write nothing")
        parser.add_argument("--start-over", action="store_true", help="replace what a restore that was killed wrote")
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        progress = ProgressLine(self.stderr, quiet=options["json"])
        with failures_in_words():
            if options["verify_only"]:
                members = verify_archive(path, progress)
                self.stdout.write(
                    json.dumps({"members": members}) if options["json"] else f"{members} members, all whole"
                )
                return
            restored = restore_backup(path, at=timezone.now(), progress=progress, start_over=options["start_over"])
        self.stdout.write(json.dumps(asdict(restored)) if options["json"] else _words(restored))
        if restored.damaged:
            places = ", ".join(restored.damaged[:5])
            raise CommandError(f"{len(restored.damaged)} evidence files are lost or changed: {places}", returncode=2)


def _words(restored: Restored) -> str:
    lines = [
        f"Restored: {restored.rows} rows, {restored.members} members, of {restored.made_at}. Everybody signs in anew."
    ]
    if restored.to_migrate:
        lines.append(f"It is of version {restored.application}, {restored.to_migrate} migrations behind: run migrate.")
    if restored.missing_keys:
        lines.append(
            "Secrets in it may be sealed by a key that is not here: set SECRET_KEY or ENCRYPTION_KEYS as they were."
        )
    lines.append("Then run doctor and nightly.")
    return "\n".join(lines)
