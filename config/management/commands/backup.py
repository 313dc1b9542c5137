"""`manage.py backup`: writes a backup of the whole installation while it runs (RL-16)."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.backup.keeping import file_name
from config.backup.making import Backup, make_backup
from config.backup.reporting import ProgressLine, failures_in_words


class Command(BaseCommand):
    """Exit status 1 when nothing was written, 2 when evidence was damaged already: the backup has the rest then."""

    help = (
        "Write database, evidence and files of imports to one file, while the application runs. Sessions are left out,"
        " and so is the secret key unless --with-key is given."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH", help="the file to write, or a folder")
        parser.add_argument(
            "--with-key",
            action="store_true",
            help="include DATA_DIR/secret_key: whoever has the file can then open all secrets in it",
        )
        parser.add_argument(
            "--leave-evidence",
            action="store_true",
            help="don't copy evidence, for a bucket with versions of its own; the restore compares its hashes",
        )
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        at = timezone.now()
        progress = ProgressLine(self.stderr, quiet=options["json"])
        with failures_in_words():
            backup = make_backup(
                (path / file_name(at) if path.is_dir() else path).resolve(),
                at=at,
                progress=progress,
                with_key=options["with_key"],
                with_evidence=not options["leave_evidence"],
            )
        self.stdout.write(json.dumps(_said(backup)) if options["json"] else _words(backup))
        if backup.damaged:
            places = ", ".join(backup.damaged[:5])
            raise CommandError(
                f"{len(backup.damaged)} evidence files are lost or changed, the backup has the rest: {places}",
                returncode=2,
            )


def _said(backup: Backup) -> dict[str, Any]:
    return {
        "path": str(backup.path),
        "bytes": backup.size,
        "rows": backup.rows,
        "files": backup.files,
        "secret_key": backup.has_key,
        "damaged": backup.damaged,
    }


def _words(backup: Backup) -> str:
    key = (
        "It holds the secret key: keep it like one."
        if backup.has_key
        else "It holds no key: keep SECRET_KEY, or DATA_DIR/secret_key, and ENCRYPTION_KEYS in another place."
    )
    return f"{backup.path}: {backup.rows} rows, {backup.files} files, {backup.size} bytes. {key}"
