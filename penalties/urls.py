"""Addresses of penalties and promotions."""

from django.urls import path

from penalties.views import eligibility, penalties

app_name = "penalties"
urlpatterns = [
    path("stores/<number:store_no>/penalties/", penalties.penalties, name="penalties"),
    path("stores/<number:store_no>/promotions/", eligibility.promotions, name="promotions"),
]
