"""The Django app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class StoresConfig(AppConfig):
    name = "stores"
    verbose_name = _("companies and stores")

    def ready(self) -> None:
        """Load each app's ``timers`` module: there it registers what happens when its deadlines lapse (DM-27)."""
        autodiscover_modules("timers")
