"""The events of penalties and penalty points."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.events import Detail, EventKind, Visibility, choice_words, declare_events, details
from core.templatetags.ui import status_word
from metrics.catalogue import METRICS
from penalties.models import ENDINGS, KINDS, PenaltyProposal

PENALTY, POINTS, PROPOSAL = "penalty", "points", "penalty_proposal"


def _metrics(near: Any) -> str:
    return ", ".join(str(METRICS[one["metric"]].title) for one in near)


DESCRIBE = details(
    penalty=Detail(_("penalty"), choice_words(KINDS)),
    subject=Detail(_("listing")),
    starts_at=Detail(_("from")),
    ends_at=Detail(_("until")),
    ending=Detail(_("end"), choice_words(ENDINGS)),
    points=Detail(_("points")),
    cause=Detail(_("cause")),
)

declare_events(
    EventKind("penalty.applied", _("Penalty applied"), PENALTY, describe=DESCRIBE),
    EventKind("penalty.predicted", _("Penalty predicted"), PENALTY, describe=DESCRIBE),
    EventKind("penalty.ended", _("Penalty ended"), PENALTY, describe=DESCRIBE),
    EventKind("points.added", _("Penalty points added"), POINTS, describe=DESCRIBE),
    EventKind("points.lifted", _("Penalty points lifted"), POINTS, describe=DESCRIBE),
)

_OF_PROPOSAL = details(
    action=Detail(_("action"), choice_words(PenaltyProposal.Action.choices)),
    penalty=Detail(_("penalty"), choice_words(KINDS)),
    subject=Detail(_("listing")),
    days=Detail(_("days")),
    points=Detail(_("points")),
    reason=Detail(_("reason")),
    answer=Detail(_("answer")),
)
# The company learns of a proposal by the penalty or lifting that another person confirmed.
declare_events(
    *(
        EventKind(f"penalty_proposal.{verb}", label, PROPOSAL, Visibility.STAFF, _OF_PROPOSAL)
        for verb, label in (
            ("proposed", _("Penalty or lifting proposed")),
            ("confirmed", _("Proposal confirmed")),
            ("refused", _("Proposal refused")),
            ("withdrawn", _("Proposal withdrawn")),
            ("claimed", _("Proposal claimed")),
            ("released", _("Claim of a proposal released")),
            ("handed_over", _("Proposal handed over to another reviewer")),
        )
    )
)

declare_events(
    EventKind(
        "linked_stores.examined",
        _("Re-examined because a linked store reached a level"),
        "store",
        describe=details(
            level=Detail(_("level"), status_word),
            day=Detail(_("day")),
            liability=Detail(_("value")),
            near=Detail(_("near a threshold"), _metrics),
        ),
    )
)
