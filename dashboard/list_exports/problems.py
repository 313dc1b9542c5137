"""The problem orders of a metric and of a notice, and the orders behind a gap to the platform, as files (PG-04, PN-30,
BX-21)."""

from django.http import Http404
from django.utils.translation import pgettext_lazy

from dashboard.asked_gap import asked_explanation, asked_gap
from dashboard.forms.days import parsed_day
from dashboard.forms.problems import asked_problems
from dashboard.presenters.gap import EFFECTS, effect_of, orders_behind
from dashboard.presenters.notice import standing_asked
from dashboard.presenters.problems import FILE_COLUMNS, ORDER_COLUMNS, file_rows
from dashboard.queries.notice import standing_orders
from exports.columns import ColumnType, cell_columns, instant, label, word
from exports.declaring import Asked, ListFile, OfStore, list_export
from insights.presenters.problem_files import problem_sheet
from insights.queries.gap import orders_named
from insights.queries.metric import metric_page
from metrics.catalogue import METRICS, problem_counters
from metrics.exports.queries import page_query
from metrics.queries.problems import all_problems, problems_of
from notifications import exports
from notifications.forms import NoticeOrderFilter
from notifications.notice_files import notice_orders_sheet
from notifications.queries.notices import notice_of, occurring, orders_of
from orders.list_exports import order_column
from orders.models import Order
from orders.queries.names import order_names
from stores.principals import Area

TYPES = {
    **{
        name: ColumnType.INSTANT
        for name in (*FILE_COLUMNS, *exports.ORDER_COLUMNS)
        if name.endswith("_at") or name == "ship_by"
    },
    "day": ColumnType.DAY,
    "total_usd": ColumnType.DECIMAL,
}


@list_export("problem_orders", page="dashboard:metric", access=OfStore(Area.METRICS))
def problem_orders(asked: Asked) -> ListFile:
    """The problem orders of a metric as filtered."""
    code, store = asked.parts["code"], asked.store
    counters = problem_counters(code) if code in METRICS else ()
    if not counters:
        raise Http404
    page = metric_page(store=store, code=code, at=asked.at, asked=parsed_day(asked.params.get("day")), span=1)
    window = page.status.window_days
    query = asked_problems(asked.params, store_id=store.pk, code=code, last=page.day, window_days=window).query
    names = order_names(store.store_no, asked.at)
    return ListFile(
        name=f"{store.store_no}-{code}-{page.day.isoformat()}",
        title=METRICS[code].title,
        columns=cell_columns(FILE_COLUMNS, TYPES),
        rows=lambda: file_rows(all_problems(query)),
        count=problems_of(query).count,
        query=lambda: page_query(query, ORDER_COLUMNS),
        sheet=lambda: problem_sheet(all_problems(query), code, counters, names, asked.at),
    )


@list_export("notice_orders", page="dashboard:notice", access=OfStore(Area.NOTICES))
def notice_orders(asked: Asked) -> ListFile:
    """The problem orders in the snapshot of a notice as filtered."""
    notice = notice_of(asked.store, asked.parts["number"])
    form = NoticeOrderFilter(asked.params, occurring=occurring(notice))
    orders = orders_of(notice, exact=form.exact(), **form.days())
    if standing := standing_asked(asked.params):
        orders = standing_orders(notice, orders, standing, asked.at)
    return ListFile(
        name=f"{notice.number}-orders",
        title=notice.number,
        columns=cell_columns(exports.ORDER_COLUMNS, TYPES),
        rows=lambda: exports.order_rows(orders),
        count=orders.count,
        sheet=lambda: notice_orders_sheet(notice, orders),
    )


@list_export("gap_orders", page="dashboard:gap", access=OfStore(Area.METRICS))
def gap_orders(asked: Asked) -> ListFile:
    """The orders behind an explanation of the platform's figure; without one, those that fail as we count."""
    found = asked_gap(asked.store, asked.parts["code"], asked.params)
    place = asked_explanation(found, asked.params)
    orders = orders_named(asked.store, orders_behind(found, place))
    columns = [
        order_column(asked.store, lambda row: row.order_no),
        word(
            "effect", pgettext_lazy("column", "Effect"), EFFECTS, lambda row: effect_of(row.pk, found, place), width=30
        ),
        *(instant(name, label(Order, name)) for name in ("paid_at", "ship_by", "shipped_at", "delivered_at")),
    ]
    name, title = f"orders-{found.code}-{found.day.isoformat()}", pgettext_lazy("sheet", "Orders")
    return ListFile(name, title, columns, lambda: orders, lambda: len(orders))
