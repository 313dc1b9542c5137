"""Pull connected stores now (IX-25)."""

import json
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from core.terminal import EnglishCommand
from intake.connectors.connecting import ConnectionChangedError, sync_now
from intake.connectors.running import run_one
from intake.models import ConnectionRun, StoreConnection


class Command(EnglishCommand):
    """Does what the task every 30 seconds does, for the stores named, until they are in step or have to wait."""

    help = "Pull the data of connected stores from their platforms now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--store", metavar="NO", action="append", help="only this store; may be repeated")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, **options: Any) -> None:
        results = {row.store.store_no: self._run(row) for row in self._chosen(options["store"])}
        if options["json"]:
            self.stdout.write(json.dumps(results, sort_keys=True))
        else:
            for number, one in results.items():
                self.stdout.write(f"{number}: {one['outcome']}, {one['requests']} requests, {one['rows']} rows")
        if any(result["outcome"] not in ("done", "throttled") for result in results.values()):
            raise CommandError("not all stores could be pulled; their pages under Connections say why")

    def _chosen(self, numbers: list[str] | None) -> list[StoreConnection]:
        rows = StoreConnection.objects.select_related("store__company").order_by("store__store_no")
        if numbers is None:
            return list(rows.filter(state=StoreConnection.State.ACTIVE))
        found = {row.store.store_no: row for row in rows.filter(store__store_no__in=numbers)}
        missing = [number for number in numbers if number not in found]
        if missing:
            raise CommandError(f"no connection for store {missing[0]}: connect it on the page Connections")
        return list(found.values())

    def _run(self, connection: StoreConnection) -> dict[str, Any]:
        at = datetime.now(UTC).replace(microsecond=0)
        try:
            sync_now(connection=connection, actor="command:sync", at=at)
        except ConnectionChangedError:
            return {"outcome": connection.state, "requests": 0, "rows": 0}
        outcome = run_one(connection, at=at)
        run = ConnectionRun.objects.filter(connection=connection).latest("pk")
        rows = sum(sum(counts.values()) for counts in run.counts.values())
        return {"outcome": outcome, "requests": run.requests, "rows": rows, "counts": run.counts, "reason": run.reason}
