from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from core.upgrades import catch_up_after_upgrade


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("orders")

    def ready(self) -> None:
        """Load each app's ``holds``, what keeps orders from going on (DM-21), its kinds of risk cases
        and what they bring."""
        autodiscover_modules("holds", "case_kinds", "feedback_cases", "case_consequences")
        post_migrate.connect(catch_up_after_upgrade("orders.catch_up"), sender=self, weak=False)
