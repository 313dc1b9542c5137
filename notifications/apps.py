"""The Django app: has the night issue notices, what-if tell them, and webhooks follow events."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("notices and messages")

    def ready(self) -> None:
        """Register with what calls this app at run time: the night (MX-03) and what-if (BX-04)."""
        from core.outbox.subscribers import subscriber
        from insights.queries.whatif.notices import register_notices
        from metrics.services.stages import register_stage
        from notifications.queries.whatif import BOOK
        from notifications.services.advising import advise_day
        from notifications.services.advising_carriers import advise_on_carriers
        from notifications.services.complaints import judge_day_of_complaints
        from notifications.services.judging import judge_day
        from notifications.webhooks.feeding import feed_webhooks
        from notifications.webhooks.kinds import followed_events
        from notifications.webhooks.ratings import queue_rating_changes

        autodiscover_modules("message_kinds", "webhook_kinds")
        subscriber("webhooks", kinds=followed_events())(feed_webhooks)
        register_stage("notices", judge_day)
        register_stage("complaints", judge_day_of_complaints)
        register_stage("advice", advise_day)
        register_stage("carriers", advise_on_carriers)
        register_stage("webhooks", queue_rating_changes)
        register_notices(BOOK)
