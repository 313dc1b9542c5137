"""Addresses of disputes (PG-08). Order numbers are a source's own text and may hold slashes."""

from django.urls import path

from disputes.views.order_panel import order_panel

app_name = "disputes"
urlpatterns = [
    path("stores/<number:store_no>/order-disputes/<number:order_no>/", order_panel, name="order_panel"),
]
