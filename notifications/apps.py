"""The Django app: has the night issue notices and what-if tell them."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("notices and messages")

    def ready(self) -> None:
        """Register with what calls this app at run time: the night (MX-03) and what-if (BX-04)."""
        from insights.queries.whatif.notices import register_notices
        from metrics.services.stages import register_stage
        from notifications.queries.whatif import BOOK
        from notifications.services.advising import advise_day
        from notifications.services.judging import judge_day

        autodiscover_modules("message_kinds")
        register_stage("notices", judge_day)
        register_stage("advice", advise_day)
        register_notices(BOOK)
