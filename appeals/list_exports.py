"""The appeals of a store, what they corrected, and those that wait for a decision, as files (PG-11, AP-04, BX-03)."""

from typing import Any

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from appeals.forms.queue import QueueForm
from appeals.models import Appeal
from appeals.presenters.corrections import MACHINE_COLUMNS, report_rows, report_sheet
from appeals.queries.corrections import numbered_report
from appeals.queries.deadlines import DRAFT, REVIEW, SUPPLEMENT, deadlines_of
from appeals.queries.listing import count_parts, listed_appeals, part_asked
from appeals.queries.review_queue import listed_undecided
from exports.columns import ColumnType, ListColumn, cell_columns, code, instant, label, truth, whole, word
from exports.declaring import Asked, ListFile, OfStaff, OfStore, beside, list_export, of_rows
from exports.downloads import dated
from notifications.titles import title_of
from rulebook.queries import policy_at
from stores.models import Store
from stores.principals import Area, Person

CLOCKS = {"draft": DRAFT, "review": REVIEW, "supplement": SUPPLEMENT}
TITLE = pgettext_lazy("sheet", "Appeals")
CORRECTION_TYPES = {
    name: ColumnType.DAY if name == "day" else ColumnType.DECIMAL
    for name in MACHINE_COLUMNS
    if name != "metric" and not name.startswith("level")
}


@list_export("appeals", page="appeals:list", access=OfStore(Area.APPEALS))
def appeals(asked: Asked) -> ListFile:
    """A part of the store's appeals, each with the clock that runs."""
    store = asked.store
    part = part_asked(asked.params.get("part", ""), count_parts(store))
    rows = listed_appeals(store, part)
    return ListFile(
        dated(f"appeals-{part}", asked.at),
        TITLE,
        _columns(store),
        lambda: beside(rows, lambda batch: deadlines_of(store, [appeal.number for appeal in batch])),
        rows.count,
    )


def _columns(store: Store) -> list[ListColumn]:
    def due_at(row: Any) -> Any:
        appeal, deadlines = row
        running = deadlines[appeal.number].get(CLOCKS.get(appeal.state, ""))
        return running.due_at if running else None

    return [
        code(
            "number",
            pgettext_lazy("column", "Appeal"),
            lambda row: row[0].number,
            link=lambda row: reverse("appeals:appeal", args=[store.store_no, row[0].number]),
        ),
        *_subject_columns(lambda row: row[0]),
        word("state", pgettext_lazy("column", "State"), dict(Appeal._meta.get_field("state").flatchoices), _state),
        whole("orders", pgettext_lazy("column", "Orders of the appeal"), lambda row: row[0].named),
        instant("created_at", pgettext_lazy("column", "Begun"), lambda row: row[0].created_at),
        instant("submitted_at", pgettext_lazy("column", "Submitted"), lambda row: row[0].submitted_at),
        instant("due_at", pgettext_lazy("column", "Due"), due_at),
        instant("decided_at", pgettext_lazy("column", "Decided"), lambda row: row[0].decided_at),
    ]


def _state(row: Any) -> str:
    return str(row[0].state)


def _subject_columns(appeal: Any) -> list[ListColumn]:
    """What an appeal is against."""
    kinds = dict(Appeal._meta.get_field("kind").flatchoices)

    def metric(row: Any) -> str | None:
        return appeal(row).notice.metric if appeal(row).notice else None

    return [
        word("kind", pgettext_lazy("column", "Against"), kinds, lambda row: appeal(row).kind),
        code("subject", pgettext_lazy("column", "Subject"), lambda row: appeal(row).subject_key, width=22),
        word("metric", pgettext_lazy("column", "Metric"), title_of, metric, width=22),
    ]


@list_export("correction", page="appeals:correction", access=OfStore(Area.NOTICES))
def correction(asked: Asked) -> ListFile:
    """Every value of a correction, before and after."""
    report = numbered_report(asked.store, asked.parts["cause_no"], int(asked.parts["place"]))
    return ListFile(
        name=f"{report.cause_no}-correction-{report.place}",
        title=pgettext_lazy("sheet", "Correction"),
        columns=cell_columns(MACHINE_COLUMNS, CORRECTION_TYPES),
        rows=lambda: report_rows(report),
        count=lambda: len(report.results),
        sheet=lambda: report_sheet(report, policy_at(report.at)),
    )


@list_export("desk_appeals", page="admin:appeals_appeal_queue", access=OfStaff("appeals.view_appeal"))
def desk_appeals(asked: Asked) -> ListFile:
    """A part of the review queue as filtered, what is due first on top."""
    assert isinstance(asked.principal, Person)
    query = QueueForm(asked.params, policy=policy_at(asked.at)).query()
    rows = listed_undecided(query, user=asked.principal.user, at=asked.at)
    columns = [
        code(
            "number",
            pgettext_lazy("column", "Appeal"),
            link=lambda row: reverse("admin:appeals_appeal_review", args=[row.pk]),
        ),
        code("store_no", pgettext_lazy("column", "Store"), lambda row: row.store.store_no),
        *_subject_columns(lambda row: row),
        word("state", pgettext_lazy("column", "State"), dict(Appeal._meta.get_field("state").flatchoices)),
        truth("complex", label(Appeal, "is_complex"), lambda row: row.is_complex),
        truth("expedited", label(Appeal, "expedited")),
        instant("begun_at", pgettext_lazy("column", "Begun")),
        instant("due_at", pgettext_lazy("column", "Due")),
    ]
    return of_rows(dated(f"review-{query.part}", asked.at), TITLE, columns, rows)
