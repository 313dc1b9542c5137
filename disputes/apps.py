from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from core.upgrades import catch_up_after_upgrade


class DisputesConfig(AppConfig):
    name = "disputes"
    verbose_name = _("disputes")

    def ready(self) -> None:
        """Have disputes under way get the clocks that an upgrade brings."""
        post_migrate.connect(catch_up_after_upgrade("disputes.catch_up"), sender=self, weak=False)
