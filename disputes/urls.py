"""Addresses of disputes (PG-08). Order numbers are a source's own text and may hold slashes."""

from django.urls import path

from disputes import views

app_name = "disputes"
urlpatterns = [
    path("stores/<number:store_no>/order-disputes/<number:order_no>/", views.order_panel, name="order_panel"),
]
