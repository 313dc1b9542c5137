"""Addresses of orders (PG-06). Order numbers are a source's own text and may hold slashes."""

from django.urls import path

from orders import views

app_name = "orders"
urlpatterns = [
    path("stores/<number:store_no>/orders/", views.order_list, name="list"),
    path("stores/<number:store_no>/orders.csv", views.order_list_file, {"suffix": "csv"}, name="list_csv"),
    path("stores/<number:store_no>/orders.xlsx", views.order_list_file, {"suffix": "xlsx"}, name="list_xlsx"),
    path("stores/<number:store_no>/orders/<number:order_no>/", views.order_page, name="order"),
]
