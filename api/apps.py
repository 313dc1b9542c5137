"""The Django app of the HTTP API."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = _("HTTP API")

    def ready(self) -> None:
        """Load how programs are named."""
        from api import naming  # noqa: F401
