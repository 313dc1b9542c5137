"""The events of appeals."""

from django.utils.translation import gettext_lazy as _

from appeals.models import DECISIONS, STATES
from core.events import Detail, EventKind, choice_words, declare_events, details

APPEAL = "appeal"

DESCRIBE = details(
    state=Detail(_("state"), choice_words(STATES)),
    decision=Detail(_("decision"), choice_words(DECISIONS)),
    notice=Detail(_("notice")),
    orders=Detail(_("orders")),
    reason=Detail(_("reason")),
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
)
