"""The Django app; loads each app's ``events``, ``subscribers`` of the outbox and ``timers`` (DM-27, DM-33)."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("foundations")

    def ready(self) -> None:
        from core.pages import addresses  # noqa: F401

        autodiscover_modules("events", "subscribers", "timers", "sealing")
