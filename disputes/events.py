"""The events of commands given to disputes (DM-22)."""

from django.utils.translation import gettext_lazy as _

from core.events import Detail, EventKind, Visibility, column_details, declare_events, details
from disputes.models import Dispute

DESCRIBE = column_details(Dispute)
COUNT = details(count=Detail(_("number")))
# What copyright notices follow: complaints that were decided, and listings that show something else.
COMPLAINT_EVENTS = ("complaint.decided", "listing.shown", "listing.offline", "listing.online", "listing.delisted")

declare_events(
    EventKind("dispute.answered", _("Dispute answered"), "dispute", describe=DESCRIBE),
    EventKind("dispute.escalated", _("Dispute handed to arbitration"), "dispute", describe=DESCRIBE),
    EventKind("dispute.closed", _("Dispute closed"), "dispute", describe=DESCRIBE),
    EventKind("dispute.settled", _("Dispute settled"), "dispute", describe=DESCRIBE),
    EventKind("dispute.withdrawn", _("Dispute withdrawn"), "dispute", describe=DESCRIBE),
    EventKind("dispute.arbitration_begun", _("Arbitration begun"), "dispute"),
    EventKind("dispute.arbitration_complex", _("Arbitration marked as complex"), "dispute", Visibility.STAFF),
    EventKind("dispute.arbitration_handed_over", _("Arbitration handed over"), "dispute", Visibility.STAFF),
    EventKind("dispute.judged", _("Verdict on a dispute"), "dispute"),
    EventKind("dispute.arbitration_overdue", _("Arbitration overdue"), "dispute", describe=DESCRIBE),
    EventKind("dispute.evidence_added", _("Evidence added to a dispute"), "dispute"),
    EventKind("dispute.evidence_removed", _("Evidence removed from a dispute"), "dispute"),
    EventKind("complaint.decided", _("Copyright complaints decided"), "store", describe=COUNT),
    EventKind("listing.shown", _("Images of listings changed"), "store", Visibility.STAFF, COUNT),
    EventKind(
        "listing.image_flagged", _("Images flagged that look like one complained about"), "store", describe=COUNT
    ),
    EventKind("dispute.reopened", _("Dispute re-opened"), "dispute", describe=DESCRIBE),
)
