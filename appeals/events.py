"""The events of appeals."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appeals.models import CAUSE_KINDS, DECISIONS, EVENT_STATES, STATES
from core.events import Detail, EventKind, Visibility, choice_words, declare_events, details, instant_words

APPEAL, CORRECTION, PROTECTED_EVENT = "appeal", "correction", "protected_event"


def _yes_or_no(value: bool) -> str:
    return gettext("yes") if value else gettext("no")


DESCRIBE = details(
    state=Detail(_("state"), choice_words(STATES)),
    decision=Detail(_("decision"), choice_words(DECISIONS)),
    notice=Detail(_("notice")),
    orders=Detail(_("orders")),
    reason=Detail(_("reason")),
    due_at=Detail(_("due"), instant_words),
    agreed=Detail(_("orders decided the same")),
    subject=Detail(_("against")),
    letters=Detail(_("letters of the statement")),
    file=Detail(_("file")),
    accepted=Detail(_("accepted orders")),
    expedited=Detail(_("expedited"), _yes_or_no),
)

CORRECTED = details(
    cause_kind=Detail(_("cause"), choice_words(CAUSE_KINDS)),
    cause_no=Detail(_("number of the cause")),
    orders=Detail(_("orders")),
    results=Detail(_("values that changed")),
    notices=Detail(_("notices ended")),
    freezes=Detail(_("rating freezes ended")),
)
OF_EVENT = details(state=Detail(_("state"), choice_words(EVENT_STATES)), reason=Detail(_("reason")))

declare_events(
    EventKind("appeal.started", _("Appeal drafted"), APPEAL, describe=DESCRIBE),
    EventKind("appeal.edited", _("Draft of an appeal changed"), APPEAL, describe=DESCRIBE),
    EventKind("appeal.file_attached", _("File attached to an appeal"), APPEAL, describe=DESCRIBE),
    EventKind("appeal.file_removed", _("File removed from an appeal"), APPEAL, describe=DESCRIBE),
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
    EventKind("correction.made", _("Figures corrected"), CORRECTION, describe=CORRECTED),
    EventKind("correction.withdrawn", _("Correction taken back"), CORRECTION, describe=CORRECTED),
    EventKind("protected_event.added", _("Protected event drafted"), PROTECTED_EVENT, Visibility.STAFF),
    EventKind("protected_event.changed", _("Protected event changed"), PROTECTED_EVENT, Visibility.STAFF),
    EventKind("protected_event.restarted", _("Protected event worked on anew"), PROTECTED_EVENT, Visibility.STAFF),
    EventKind(
        "protected_event.applied", _("Protected event applied"), PROTECTED_EVENT, Visibility.STAFF, describe=OF_EVENT
    ),
    EventKind(
        "protected_event.withdrawn",
        _("Protected event withdrawn"),
        PROTECTED_EVENT,
        Visibility.STAFF,
        describe=OF_EVENT,
    ),
)
