"""What a way of bringing data in leaves behind, to compare ways with one another (IX-21, DM-35): files, the API, and
whatever else brings the rows of a bundle."""

import csv
import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

from api.resources import RESOURCES
from intake.canonical import FILES
from metrics.services.refresh import refresh_figures
from notifications.models import Notice
from stores.models import Store
from tests.api.pushing import put, verdicts, writer
from tests.intake.helpers import tables, take, undone
from tests.oracle.bundle import Bundle, columns, full_row, write_bundle

TRADE = {resource.file: resource.name for resource in RESOURCES}
Bring = Callable[[Bundle, datetime], None]


def outcome(
    bring: Bring, bundle: Bundle, *, at: datetime, days: tuple[date, date], night: date | None = None
) -> dict[str, Any]:
    """Tables by natural keys, then exports row by row, after the data was brought in and counted; with a ``night`` also
    its scorecards and notices. All is undone."""
    with undone():
        bring(bundle, at)
        found: dict[str, Any] = tables()
        refresh_figures(at=at + timedelta(hours=1))
        if night is not None:
            found["notices"] = judged(night)
        period = ["--from", days[0].isoformat(), "--to", days[1].isoformat()]
        for kind, *more in (["facts"], ["scorecards"], ["problem_orders", "--metric", "late_dispatch"]):
            found[f"{kind} exported"] = exported(kind, *more, *period)
        return found


def judged(night: date) -> list[tuple[Any, ...]]:
    """The notices of a night."""
    call_command("nightly", "--day", night.isoformat(), stdout=StringIO())
    names = ("store__store_no", "metric", "level", "day", "state", "value", "numerator", "denominator", "snapshot")
    return sorted(Notice.objects.values_list(*names), key=repr)


def exported(kind: str, *options: str) -> list[list[str]]:
    """The rows of an export."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.csv"
        call_command("export", kind, "--out", str(path), *options, stdout=StringIO())
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return sorted(csv.reader(stream))


def by_file(bundle: Bundle, at: datetime) -> None:
    with tempfile.TemporaryDirectory() as folder:
        take(write_bundle(bundle, Path(folder) / "bundle"), as_of=at)


def by_api(bundle: Bundle, at: datetime) -> None:
    """What describes the stores by file, then their rows by batches, the children before the orders."""
    described = Bundle({name: rows for name, rows in bundle.items() if name not in TRADE}, bundle.manifest)
    said = dict(bundle.manifest or {})
    known = dict(said.get("known_until", {}))
    exported_at = said.get("exported_at", at.isoformat())
    by_file(described, at)
    for store in Store.objects.select_related("company").order_by("store_no"):
        client = writer(store)
        for name in reversed([name for name in TRADE if name in bundle]):
            names = columns(bundle, name)
            rows = [full_row(row, names) for row in bundle[name] if row["store_no"] == store.store_no]
            until = known.get(FILES[name].feed or "", max(known.values(), default=""))
            envelope = {"known_until": until} if until else {}
            response = put(client, store.store_no, TRADE[name], *rows, exported_at=exported_at, **envelope)
            assert "rejected" not in verdicts(response), response.json()
