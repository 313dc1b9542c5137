"""The order list as a file, every page of it, without addresses (PG-06, RL-14); of a notice with why orders failed."""

from functools import partial

from django.utils.translation import pgettext_lazy

from core.pages.people_sheets import Sheet
from dashboard.asked_orders import asked_orders
from dashboard.queries.order_list import exported_with_reasons
from exports.declaring import Asked, ListFile, OfStore, list_export
from exports.downloads import dated
from insights.presenters.problem_files import reasoned_sheet
from notifications.models import Notice
from orders.presenters.order_files import list_columns
from orders.queries import matching
from orders.queries.export import COLUMNS, exported_orders, exported_query
from orders.queries.names import order_names
from stores.principals import Area


@list_export("orders", page="dashboard:orders", access=OfStore(Area.ORDERS))
def orders(asked: Asked) -> ListFile:
    """The orders of a tab as filtered."""
    found = asked_orders(asked.params, asked.store, asked.at)
    question, notice = found.question, found.notice
    names = order_names(asked.store.store_no, asked.at)

    def reasoned(notice: Notice) -> Sheet:
        return reasoned_sheet(exported_with_reasons(question, notice), COLUMNS, names, asked.at)

    return ListFile(
        name=dated(f"orders-{question.tab.code}", asked.at),
        title=pgettext_lazy("sheet", "Orders"),
        columns=list_columns(COLUMNS, names),
        rows=lambda: exported_orders(question),
        count=matching(question).count,
        query=lambda: exported_query(question),
        sheet=partial(reasoned, notice) if notice else None,
    )
