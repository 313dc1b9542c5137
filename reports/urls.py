"""Addresses of team reports."""

from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("companies/<number:company_no>/reports/", views.reports, name="reports"),
    path("companies/<number:company_no>/reports/preview.pdf", views.preview, name="preview"),
    path("companies/<number:company_no>/reports/<int:subscription_id>/send/", views.report_send, name="send"),
    path("companies/<number:company_no>/reports/<int:subscription_id>/remove/", views.report_remove, name="remove"),
    path("reports/unsubscribe/<str:token>/", views.report_unsubscribe, name="unsubscribe"),
]
