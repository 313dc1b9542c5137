"""The events of exports that are prepared in the background: what left, whose it was, who took it (RL-14)."""

from django.utils.translation import gettext_lazy as _

from core.events import Detail, EventKind, declare_events, details

EXPORT = details(list=Detail(_("list")), rows=Detail(_("rows")), format=Detail(_("format")), error=Detail(_("error")))

declare_events(
    EventKind("export.requested", _("Export asked for"), "export", describe=EXPORT),
    EventKind("export.ready", _("Export ready"), "export", describe=EXPORT),
    EventKind("export.failed", _("Export failed"), "export", describe=EXPORT),
    EventKind("export.cancelled", _("Export cancelled"), "export", describe=EXPORT),
    EventKind("export.downloaded", _("Export downloaded"), "export", describe=EXPORT),
    EventKind("export.removed", _("Export removed"), "export", describe=EXPORT),
)
