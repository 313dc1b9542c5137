"""The events of appeals."""

from django.utils.translation import gettext_lazy as _

from appeals.models import DECISIONS, STATES
from core.events import Detail, EventKind, Visibility, choice_words, declare_events, details, instant_words

APPEAL = "appeal"

DESCRIBE = details(
    state=Detail(_("state"), choice_words(STATES)),
    decision=Detail(_("decision"), choice_words(DECISIONS)),
    notice=Detail(_("notice")),
    orders=Detail(_("orders")),
    reason=Detail(_("reason")),
    due_at=Detail(_("due"), instant_words),
    agreed=Detail(_("orders decided the same")),
)

declare_events(
    EventKind("appeal.started", _("Appeal drafted"), APPEAL, describe=DESCRIBE),
    EventKind("appeal.submitted", _("Appeal submitted"), APPEAL, describe=DESCRIBE),
    EventKind("appeal.supplement", _("Supplement requested"), APPEAL, describe=DESCRIBE),
    EventKind("appeal.supplemented", _("Supplement handed in"), APPEAL, describe=DESCRIBE),
    EventKind("appeal.accepted", _("Appeal accepted"), APPEAL, describe=DESCRIBE),
    EventKind("appeal.rejected", _("Appeal rejected"), APPEAL, describe=DESCRIBE),
    EventKind("appeal.withdrawn", _("Appeal withdrawn"), APPEAL, describe=DESCRIBE),
    EventKind("appeal.closed", _("Appeal closed without decision"), APPEAL, describe=DESCRIBE),
    EventKind("appeal.complex", _("Appeal marked as complex"), APPEAL, describe=DESCRIBE),
    EventKind("appeal.claimed", _("Appeal claimed for review"), APPEAL, Visibility.STAFF, DESCRIBE),
    EventKind("appeal.released", _("Claim of an appeal released"), APPEAL, Visibility.STAFF, DESCRIBE),
    EventKind("appeal.handed_over", _("Appeal handed over to another reviewer"), APPEAL, Visibility.STAFF, DESCRIBE),
    EventKind("appeal.overdue", _("Review of an appeal overdue"), APPEAL, Visibility.STAFF, DESCRIBE),
    EventKind("appeal.blind_reviewed", _("Appeal decided again blind"), APPEAL, Visibility.STAFF, DESCRIBE),
)
