"""Addresses of the pages of stores (PG-02 … PG-06). Order numbers are a source's own text and may hold slashes."""

from django.urls import path

from dashboard.views import (
    carriers,
    causes,
    changes,
    events,
    faults,
    metric,
    notice,
    notice_team,
    orders,
    package,
    panel,
    plan,
    platform,
    platform_entry,
    problems,
    rating,
    stores,
    trade,
    whatif,
)

app_name = "dashboard"
urlpatterns = [
    path("", stores.stores, name="stores"),
    path("stores/<number:store_no>/", panel.panel, name="panel"),
    path("stores/<number:store_no>/what-if/", whatif.what_if_view, name="what_if"),
    path("stores/<number:store_no>/rating/", rating.rating, name="rating"),
    path("stores/<number:store_no>/rating/changes/", changes.rating_changes, name="rating_changes"),
    path("stores/<number:store_no>/metrics/<str:code>/", metric.metric, name="metric"),
    path("stores/<number:store_no>/metrics/<str:code>/chart.json", metric.metric_chart, name="metric_chart"),
    path("stores/<number:store_no>/metrics/<str:code>/causes/", causes.causes, name="causes"),
    path("stores/<number:store_no>/metrics/<str:code>/faults/", faults.faults, name="faults"),
    path("stores/<number:store_no>/orders/", orders.order_list, name="orders"),
    path("stores/<number:store_no>/orders.csv", orders.order_list_file, {"suffix": "csv"}, name="orders_csv"),
    path("stores/<number:store_no>/orders.xlsx", orders.order_list_file, {"suffix": "xlsx"}, name="orders_xlsx"),
    path("stores/<number:store_no>/orders/<number:order_no>/", orders.order_page, name="order"),
    path("stores/<number:store_no>/trade/", trade.trade, name="trade"),
    path("stores/<number:store_no>/trade/trade.csv", trade.trade_file, {"suffix": "csv"}, name="trade_csv"),
    path("stores/<number:store_no>/trade/trade.xlsx", trade.trade_file, {"suffix": "xlsx"}, name="trade_xlsx"),
    path("stores/<number:store_no>/trade/carriers/", carriers.carriers, name="carriers"),
    path("stores/<number:store_no>/trade/platform/", platform.platform, name="platform"),
    path("stores/<number:store_no>/trade/platform/record/", platform_entry.platform_entry, name="platform_entry"),
    path("stores/<number:store_no>/metrics/<str:code>/orders/", events.events, name="events"),
    path("stores/<number:store_no>/metrics/<str:code>/package.zip", package.package, name="package"),
    path(
        "stores/<number:store_no>/metrics/<str:code>/problems.csv",
        problems.problems_file,
        {"suffix": "csv"},
        name="problems_csv",
    ),
    path(
        "stores/<number:store_no>/metrics/<str:code>/problems.xlsx",
        problems.problems_file,
        {"suffix": "xlsx"},
        name="problems_xlsx",
    ),
    path("stores/<number:store_no>/notices/<str:number>/", notice.notice_page, name="notice"),
    path(
        "stores/<number:store_no>/notices/<str:number>/case-file.pdf", notice.notice_case_file, name="notice_case_file"
    ),
    path("stores/<number:store_no>/notices/<str:number>/team/", notice_team.notice_team_panel, name="notice_team"),
    path("stores/<number:store_no>/notices/<str:number>/plan/", plan.plan, name="plan"),
    path(
        "stores/<number:store_no>/notices/<str:number>/orders.csv",
        notice.notice_orders_file,
        {"suffix": "csv"},
        name="notice_orders_csv",
    ),
    path(
        "stores/<number:store_no>/notices/<str:number>/orders.xlsx",
        notice.notice_orders_file,
        {"suffix": "xlsx"},
        name="notice_orders_xlsx",
    ),
]
