from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("orders")

    def ready(self) -> None:
        """Load each app's ``holds``, what keeps orders from going on (DM-21), and its kinds of risk cases."""
        autodiscover_modules("holds", "case_kinds", "feedback_cases")
