"""The events of penalties and penalty points."""

from django.utils.translation import gettext_lazy as _

from core.events import Detail, EventKind, choice_words, declare_events, details
from penalties.models import ENDINGS, KINDS

PENALTY, POINTS = "penalty", "points"

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
