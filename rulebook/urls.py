"""Addresses of the rulebook (PG-17)."""

app_name = "rulebook"
urlpatterns: list = []
