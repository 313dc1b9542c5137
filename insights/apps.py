"""The Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightsConfig(AppConfig):
    name = "insights"
    verbose_name = _("explanations and forecasts")

    def ready(self) -> None:
        """Tell on the page of an order how it counts (PG-06): orders do not know this app."""
        from insights.presenters.order_counts import counts_of_order
        from orders.present.additions import register_addition

        register_addition(counts_of_order)
