"""The Django app: penalties follow notices, levels, points and verdicts."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class PenaltiesConfig(AppConfig):
    name = "penalties"
    verbose_name = _("penalties")

    def ready(self) -> None:
        """Load what declares grounds, and register with what calls this app at run time."""
        from metrics.services.stages import register_stage
        from notifications.following import follow_notices
        from penalties.services import correcting as correcting
        from penalties.services.deriving import derive_day, follow_red_notices
        from penalties.services.levels import record_day

        autodiscover_modules("grounds")
        register_stage("levels", record_day)
        register_stage("penalties", derive_day)
        follow_notices(follow_red_notices)
