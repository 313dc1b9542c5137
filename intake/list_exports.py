"""The imports that a person sees, as a file (PG-16)."""

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from exports.columns import code, instant, label, text, truth, whole, word
from exports.declaring import Asked, ListFile, OfPerson, list_export, of_rows
from exports.downloads import dated
from intake.models import Import
from intake.pipeline.report import COUNT_NAMES
from intake.presenters import COUNT_LABELS
from intake.queries import visible_imports


@list_export("imports", page="intake:index", access=OfPerson())
def imports(asked: Asked) -> ListFile:
    """Every import, the latest first."""
    rows = visible_imports(asked.principal).select_related("company").order_by("-pk")
    columns = [
        code("id", pgettext_lazy("column", "Import"), lambda row: str(row.pk), link=_url),
        text("file", label(Import, "name"), lambda row: row.name, width=30),
        code("company_no", label(Import, "company"), lambda row: row.company.company_no if row.company else None),
        word("state", label(Import, "state"), dict(Import.State.choices)),
        truth("dry_run", label(Import, "dry_run")),
        instant("created_at", label(Import, "created_at")),
        instant("finished_at", label(Import, "finished_at")),
        instant("as_of", label(Import, "as_of")),
        whole("rows_done", label(Import, "rows_done")),
        *(whole(name, COUNT_LABELS.get(name, name), lambda row, name=name: _count(row, name)) for name in COUNT_NAMES),
    ]
    return of_rows(dated("imports", asked.at), pgettext_lazy("sheet", "Imports"), columns, rows)


def _url(row: Import) -> str:
    return reverse("intake:import", args=[row.pk])


def _count(row: Import, name: str) -> int:
    return sum(int(counts.get(name, 0)) for counts in (row.counts or {}).values())
