"""The events of team reports."""

from django.utils.translation import gettext_lazy as _

from core.events import Detail, EventKind, declare_events, details

SUBSCRIPTION = details(
    person=Detail(_("person")), weekday=Detail(_("weekday")), language=Detail(_("language")), day=Detail(_("day"))
)

declare_events(
    EventKind("report.subscribed", _("Weekly report subscribed"), "report", describe=SUBSCRIPTION),
    EventKind("report.removed", _("Weekly report removed"), "report", describe=SUBSCRIPTION),
    EventKind("report.unsubscribed", _("Weekly report unsubscribed"), "report", describe=SUBSCRIPTION),
    EventKind("report.sent", _("Weekly report sent"), "report", describe=SUBSCRIPTION),
)
