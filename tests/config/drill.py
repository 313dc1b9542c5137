"""The drill in an empty place that the environment names: `python -m tests.config.drill ARCHIVE PERSON STORE`.

The restore is killed while it writes files and again when the database is loaded, refuses to go on by itself, starts
over, and what was restored is looked at. Prints one JSON object.
"""

import io
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

AT = datetime(2026, 5, 2, tzinfo=UTC)


def killed(work: Callable[[], object]) -> int:
    """The exit status of a child that does it."""
    from django.db import connections

    connections.close_all()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    work()
    os._exit(0)


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def restore(archive: Path, **more: Any) -> object:
    from config.backup.restoring import restore_backup

    return restore_backup(archive, at=AT, **{"progress": lambda name, size: None, **more})


def killed_in_files(archive: Path) -> int:
    """Dies when the first evidence was written: hashes of all of it were compared before."""
    seen: set[str] = set()

    def progress(name: str, size: int) -> None:
        if name in seen and name.startswith("evidence/"):
            die()
        seen.add(name)

    return killed(lambda: restore(archive, progress=progress))


def killed_before_the_end(archive: Path) -> int:
    from config.backup import restoring

    def work() -> None:
        restoring.applied_migrations = die
        restore(archive, start_over=True)

    return killed(work)


def command(*arguments: Any) -> str:
    """What it prints, or why it prints nothing."""
    from django.core.management import CommandError, call_command

    out = io.StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=io.StringIO())
    except CommandError as error:
        return out.getvalue() or str(error)
    return out.getvalue()


def look(person: int, store: str) -> dict[str, Any]:
    """What was restored, by counting, hashing, opening, and by the rules of its tables."""
    from django.db import DatabaseError, connection, transaction
    from django.test import Client

    from config.backup.databases import count_rows
    from core.events import record_event
    from core.models import Event
    from core.sealing import sealed_fields
    from core.secrets import unseal
    from evidence.services.verifying import damaged_files
    from intake.models import Import
    from stores.models import User

    rows = count_rows(connection)
    secrets = [
        unseal(getattr(row, declared.field), context=declared.context(row))
        for declared in sealed_fields()
        for row in declared.model._default_manager.exclude(**{declared.field: ""})
    ]
    with transaction.atomic():
        last = record_event(kind="store.closed", subject_kind="store", subject_key="S", actor="system", at=AT)
    try:
        Event.objects.filter(pk=last.pk).update(actor="me")
        refused = ""
    except DatabaseError as error:
        refused = str(error)
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(pk=person), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/stores/{store}/orders/")
    return {
        "rows": rows,
        "damaged": [file.how for file in damaged_files()],
        "secrets": secrets,
        "append_only": "append-only" in refused,
        "new_event": last.pk == max(Event.objects.values_list("pk", flat=True)),
        "page": [page.status_code, store in page.text],
        "uploads": [Path(job.path).is_file() for job in Import.objects.exclude(path="")],
    }


def main(archive: str, person: str, store: str) -> None:
    django.setup()
    path = Path(archive)
    from config.backup.restoring import is_unfinished
    from core import maintenance

    first = killed_in_files(path)
    refused = command("restore", archive)
    second = killed_before_the_end(path)
    unfinished = [is_unfinished(), maintenance.is_on()]
    said = json.loads(command("restore", archive, "--start-over", "--json"))
    print(
        json.dumps(
            {
                "killed": [first, second],
                "refused": refused,
                "unfinished": [*unfinished, is_unfinished(), maintenance.is_on()],
                "restored": said,
                "again": command("restore", archive, "--start-over"),
                **look(int(person), store),
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
