"""Scorecards and ratings of a store over the days that a page shows, as files (MX-08, SR-05)."""

from datetime import timedelta
from typing import Any

from django.utils.translation import pgettext_lazy

from core.models import Deadline
from dashboard.export_sheets import ratings_sheet, scorecards_sheet
from dashboard.forms.days import parsed_day, parsed_span
from dashboard.presenters.trade import CSV_COLUMNS, trade_rows
from dashboard.presenters.trade_files import trade_sheet
from dashboard.queries.trade import trade_page
from exports.columns import ColumnType, cell_columns, code, instant, word
from exports.declaring import Asked, ListFile, OfStore, list_export, of_rows
from exports.downloads import dated
from metrics.catalogue import METRICS, Calendar
from metrics.exports.kinds import EXPORTS
from metrics.exports.selection import Selection
from metrics.rules.days import last_complete_day
from stores.principals import Area

# What sellers act on, or wait for.
DEADLINES: dict[str, Any] = {
    "notice_view": pgettext_lazy("deadline", "open the notice"),
    "notice_appeal": pgettext_lazy("deadline", "appeal against the notice"),
    "plan_due": pgettext_lazy("deadline", "hand in the improvement plan"),
    "measure_due": pgettext_lazy("deadline", "carry out the measure"),
    "appeal_draft": pgettext_lazy("deadline", "submit the draft of the appeal"),
    "appeal_supplement": pgettext_lazy("deadline", "hand in what the reviewer asked for"),
    "appeal_review": pgettext_lazy("deadline", "operations decide on the appeal"),
    "dispute_answer": pgettext_lazy("deadline", "answer the dispute"),
    "dispute_arbitration": pgettext_lazy("deadline", "operations decide on the dispute"),
    "refund_answer": pgettext_lazy("deadline", "answer the refund"),
    "return_inspection": pgettext_lazy("deadline", "inspect the return"),
    "logistics_proof_review": pgettext_lazy("deadline", "operations judge the pickup proof"),
    "logistics_claim_review": pgettext_lazy("deadline", "operations judge the logistics claim"),
}
DECIMALS = ("value", "threshold_yellow", "threshold_red", "benchmark", "deviation", "numerator", "denominator")
RATING_DECIMALS = ("rating", "published_rating", "described", "communication", "shipping", "dispatch", "delivery")

TRADE_TYPES: dict[str, ColumnType] = {
    **dict.fromkeys((*DECIMALS, "previous_value", "change", "reference"), ColumnType.DECIMAL),
    **dict.fromkeys(("day", "previous_day"), ColumnType.DAY),
    "window_days": ColumnType.WHOLE,
}


def _selection(asked: Asked, calendar: Calendar) -> Selection:
    last = parsed_day(asked.params.get("day")) or last_complete_day(asked.at, calendar)
    last = min(last, last_complete_day(asked.at, calendar))
    return Selection((asked.store,), last - timedelta(days=parsed_span(asked.params.get("days")) - 1), last)


@list_export("scorecards", page="dashboard:panel", access=OfStore(Area.METRICS))
def scorecards(asked: Asked) -> ListFile:
    """Every metric result of the last days, by day and metric."""
    selection, kind = _selection(asked, Calendar.PERFORMANCE), EXPORTS["scorecards"]
    types: dict[str, Any] = dict.fromkeys(DECIMALS, ColumnType.DECIMAL)
    return ListFile(
        name=f"{asked.store.store_no}-scorecards-{selection.last.isoformat()}",
        title=pgettext_lazy("sheet", "Scorecards"),
        columns=cell_columns(kind.columns, {**types, "day": ColumnType.DAY, "policy_version": ColumnType.WHOLE}),
        rows=lambda: kind.rows(selection),
        count=lambda: _days(selection) * len(METRICS),
        sheet=lambda: scorecards_sheet(selection, asked.at),
    )


@list_export("ratings", page="dashboard:rating", access=OfStore(Area.METRICS))
def ratings(asked: Asked) -> ListFile:
    """The computed and the published rating of the last days."""
    selection, kind = _selection(asked, Calendar.RATING), EXPORTS["ratings"]
    types: dict[str, Any] = {
        **dict.fromkeys(RATING_DECIMALS, ColumnType.DECIMAL),
        **dict.fromkeys(("marks", "reviews", "policy_version"), ColumnType.WHOLE),
        "day": ColumnType.DAY,
        "frozen": ColumnType.TRUTH,
    }
    return ListFile(
        name=f"{asked.store.store_no}-ratings-{selection.last.isoformat()}",
        title=pgettext_lazy("sheet", "Ratings"),
        columns=cell_columns(kind.columns, types),
        rows=lambda: kind.rows(selection),
        count=lambda: _days(selection),
        sheet=lambda: ratings_sheet(selection, asked.at),
    )


@list_export("trade", page="dashboard:trade", access=OfStore(Area.METRICS))
def trade(asked: Asked) -> ListFile:
    """The twelve figures of trade on the page's day (PG-15, TM-09)."""
    found = trade_page(store=asked.store, at=asked.at, asked=parsed_day(asked.params.get("day")))
    return ListFile(
        name=f"{asked.store.store_no}-trade-{found.days.performance.isoformat()}",
        title=pgettext_lazy("sheet", "Trade"),
        columns=cell_columns(CSV_COLUMNS, TRADE_TYPES),
        rows=lambda: trade_rows(found),
        count=lambda: len(found.rows),
        sheet=lambda: trade_sheet(found),
    )


def _days(selection: Selection) -> int:
    return (selection.last - selection.first).days + 1


@list_export("deadlines", page="dashboard:panel", access=OfStore(Area.NOTICES))
def deadlines(asked: Asked) -> ListFile:
    """What runs for the store, the first due first."""
    rows = Deadline.objects.filter(store_id=asked.store.pk, state=Deadline.State.OPEN, kind__in=DEADLINES)
    columns = [
        word("kind", pgettext_lazy("column", "Until when"), DEADLINES, width=30),
        code("subject_kind", pgettext_lazy("column", "Subject")),
        code("subject_key", pgettext_lazy("column", "Number"), width=24),
        instant("opened_at", pgettext_lazy("column", "From")),
        instant("due_at", pgettext_lazy("column", "Due")),
    ]
    title = pgettext_lazy("sheet", "Deadlines")
    return of_rows(dated("deadlines", asked.at), title, columns, rows.order_by("due_at", "pk"))
