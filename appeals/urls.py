"""Addresses of appeals, corrections and protected events."""

from django.urls import path

from appeals.views import corrections

app_name = "appeals"
urlpatterns = [
    path("stores/<number:store_no>/protected-events/", corrections.protected_events, name="events"),
    path("stores/<number:store_no>/corrections/<str:cause_no>/", corrections.correction, name="correction"),
    path(
        "stores/<number:store_no>/corrections/<str:cause_no>/<int:place>.csv",
        corrections.correction_file,
        {"suffix": "csv"},
        name="correction_csv",
    ),
    path(
        "stores/<number:store_no>/corrections/<str:cause_no>/<int:place>.xlsx",
        corrections.correction_file,
        {"suffix": "xlsx"},
        name="correction_xlsx",
    ),
]
