"""Addresses of evidence files and their pages."""

from django.urls import path

from evidence import views

app_name = "evidence"
urlpatterns = [
    path("evidence/<int:pk>", views.file, name="file"),
    path("evidence/<int:pk>/<int:page>", views.page, name="page"),
]
