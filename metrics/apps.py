from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MetricsConfig(AppConfig):
    name = "metrics"
    verbose_name = _("metrics")

    def ready(self) -> None:
        """Tell on the page of an order how it counts (PG-06): orders do not know this app."""
        from metrics.presenting.order_counts import counts_of_order
        from orders.present.additions import register_addition

        register_addition(counts_of_order)
