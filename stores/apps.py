"""The Django app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class StoresConfig(AppConfig):
    name = "stores"
    verbose_name = _("companies and stores")

    def ready(self) -> None:
        """Connect the signals and load each app's ``timers``, where it says what lapsing deadlines do (DM-27)."""
        from stores import signals  # noqa: F401

        autodiscover_modules("timers")
