"""Addresses of the rulebook (PG-17)."""

from django.urls import path

from rulebook import views

app_name = "rulebook"
urlpatterns = [
    path("rules/", views.index, name="index"),
    path("rules/calendar/", views.calendar, name="calendar"),
    path("rules/versions/", views.versions, name="versions"),
    path("rules/versions/<int:number>/", views.version, name="version"),
    path("rules/versions/<int:number>/parameters.json", views.version_data, name="version_data"),
    path("rules/<str:rule_id>/", views.rule, name="rule"),
]
