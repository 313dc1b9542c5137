"""Addresses of exports that are prepared in the background."""

from django.urls import path

from exports import views

app_name = "exports"
urlpatterns = [
    path("exports/", views.exports, name="exports"),
    path("exports/new/", views.new, name="new"),
    path("exports/<int:export_id>/", views.export, name="export"),
    path("exports/<int:export_id>/cancel/", views.export_cancel, name="cancel"),
    path("exports/<int:export_id>/file/", views.export_file, name="file"),
]
