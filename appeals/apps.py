"""The Django app: has the night look again at notices of stores that were corrected meanwhile."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AppealsConfig(AppConfig):
    name = "appeals"
    verbose_name = _("appeals")

    def ready(self) -> None:
        """Register with what calls this app at run time: the night (MX-03)."""
        from appeals.services.rechecking import recheck_day
        from metrics.services.stages import register_stage

        register_stage("corrections", recheck_day)
