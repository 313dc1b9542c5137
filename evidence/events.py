"""The events of evidence files: received, and every access to them (AP-03)."""

from django.utils.translation import gettext_lazy as _

from core.events import Detail, EventKind, Visibility, choice_words, declare_events, details
from evidence.models import EvidenceFile

EVIDENCE = "evidence"

DESCRIBE = details(
    type=Detail(_("type"), choice_words(EvidenceFile.Kind.choices)),
    size=Detail(_("size, bytes")),
    pages=Detail(_("pages")),
    sha256=Detail(_("SHA-256")),
)

declare_events(
    EventKind("evidence.received", _("Evidence file received"), EVIDENCE, describe=DESCRIBE),
    EventKind("evidence.removed", _("Content of an evidence file removed by age"), EVIDENCE, describe=DESCRIBE),
    EventKind("evidence.downloaded", _("Evidence file downloaded"), EVIDENCE, Visibility.STAFF, DESCRIBE),
    EventKind("evidence.viewed", _("Evidence file viewed"), EVIDENCE, Visibility.STAFF, DESCRIBE),
)
