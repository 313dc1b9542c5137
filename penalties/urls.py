"""Addresses of penalties and promotions."""

from django.urls import path

from exports.routing import list_path
from penalties import list_exports
from penalties.views import eligibility, penalties

app_name = "penalties"
urlpatterns = [
    path("stores/<number:store_no>/penalties/", penalties.penalties, name="penalties"),
    list_path(list_exports.penalties, "stores/<number:store_no>/penalties", "penalties_file"),
    list_path(list_exports.points, "stores/<number:store_no>/points", "points_file"),
    path("stores/<number:store_no>/promotions/", eligibility.promotions, name="promotions"),
]
