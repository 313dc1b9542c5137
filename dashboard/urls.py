"""Addresses of the pages of stores (PG-02 … PG-06). Order numbers are a source's own text and may hold slashes."""

from django.urls import path

from dashboard import views, views_orders, views_whatif
from dashboard import views_proof as proof

app_name = "dashboard"
urlpatterns = [
    path("", views.stores, name="stores"),
    path("stores/<number:store_no>/", views.panel, name="panel"),
    path("stores/<number:store_no>/what-if/", views_whatif.what_if_view, name="what_if"),
    path("stores/<number:store_no>/rating/", views.rating, name="rating"),
    path("stores/<number:store_no>/rating/changes/", views.rating_changes, name="rating_changes"),
    path("stores/<number:store_no>/metrics/<str:code>/", views.metric, name="metric"),
    path("stores/<number:store_no>/metrics/<str:code>/chart.json", views.metric_chart, name="metric_chart"),
    path("stores/<number:store_no>/metrics/<str:code>/causes/", views.causes, name="causes"),
    path("stores/<number:store_no>/metrics/<str:code>/faults/", views.faults, name="faults"),
    path("stores/<number:store_no>/orders/", views_orders.order_list, name="orders"),
    path("stores/<number:store_no>/orders.csv", views_orders.order_list_file, {"suffix": "csv"}, name="orders_csv"),
    path("stores/<number:store_no>/orders.xlsx", views_orders.order_list_file, {"suffix": "xlsx"}, name="orders_xlsx"),
    path("stores/<number:store_no>/orders/<number:order_no>/", views_orders.order_page, name="order"),
    path("stores/<number:store_no>/trade/", views.trade, name="trade"),
    path("stores/<number:store_no>/trade/trade.csv", views.trade_file, {"suffix": "csv"}, name="trade_csv"),
    path("stores/<number:store_no>/trade/trade.xlsx", views.trade_file, {"suffix": "xlsx"}, name="trade_xlsx"),
    path("stores/<number:store_no>/trade/carriers/", views.carriers, name="carriers"),
    path("stores/<number:store_no>/trade/platform/", views.platform, name="platform"),
    path("stores/<number:store_no>/metrics/<str:code>/orders/", proof.events, name="events"),
    path("stores/<number:store_no>/metrics/<str:code>/package.zip", proof.package, name="package"),
    path(
        "stores/<number:store_no>/metrics/<str:code>/problems.csv",
        views.problems_file,
        {"suffix": "csv"},
        name="problems_csv",
    ),
    path(
        "stores/<number:store_no>/metrics/<str:code>/problems.xlsx",
        views.problems_file,
        {"suffix": "xlsx"},
        name="problems_xlsx",
    ),
]
