"""The Django app: has the night issue notices and the export command write them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("notices and messages")

    def ready(self) -> None:
        """Register with the night (MX-03), exports (IX-13), what-if (BX-04), charts (PG-04), the list of stores
        (PG-02) and the health panel (PG-03): metrics does not know this app."""
        from metrics.exports.kinds import register_export
        from metrics.exports.people import register_for_people
        from metrics.presenting.marks import register_happenings
        from metrics.presenting.needs import name_deadlines
        from metrics.presenting.todo import register_todo
        from metrics.queries.stores import register_notice_counts
        from metrics.queries.whatif_notices import register_notices
        from metrics.services.freezing import on_freeze
        from metrics.services.stages import register_stage
        from notifications.exports import NOTICES
        from notifications.files import notices_sheet
        from notifications.presenting.marks import notice_happenings
        from notifications.presenting.parts import SUBSET, numbered_url, orders_subset
        from notifications.presenting.todo import notice_todos
        from notifications.queries.notices import APPEAL, VIEW, standing_counts
        from notifications.queries.whatif import BOOK
        from notifications.services.advising import advise_day
        from notifications.services.judging import judge_day
        from notifications.services.messages import tell_of_freeze
        from orders.queries.subsets import register_subset

        register_stage("notices", judge_day)
        register_stage("advice", advise_day)
        on_freeze(tell_of_freeze)
        register_export("notices", NOTICES)
        register_for_people("notices", notices_sheet)
        register_notices(BOOK)
        register_subset(SUBSET, orders_subset)
        register_happenings(notice_happenings)
        register_notice_counts(standing_counts)
        register_todo(notice_todos)
        name_deadlines({VIEW: (_("Open notice"), numbered_url), APPEAL: (_("Appeal against a notice"), numbered_url)})
