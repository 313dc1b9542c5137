"""Addresses of notices and messages (PG-10, PG-19)."""

from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("messages/", views.messages, name="messages"),
    path("stores/<number:store_no>/notices/", views.notice_list, name="list"),
    path("stores/<number:store_no>/notices.csv", views.notice_list_file, {"suffix": "csv"}, name="list_csv"),
    path("stores/<number:store_no>/notices.xlsx", views.notice_list_file, {"suffix": "xlsx"}, name="list_xlsx"),
    path("stores/<number:store_no>/notices/<str:number>/", views.notice_page, name="notice"),
    path(
        "stores/<number:store_no>/notices/<str:number>/orders.csv",
        views.notice_orders_file,
        {"suffix": "csv"},
        name="orders_csv",
    ),
    path(
        "stores/<number:store_no>/notices/<str:number>/orders.xlsx",
        views.notice_orders_file,
        {"suffix": "xlsx"},
        name="orders_xlsx",
    ),
]
