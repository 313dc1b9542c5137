"""The events of imports."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.events import Detail, EventKind, choice_words, declare_events, details
from intake.models import Import


def _counts(counts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items() if number)


IMPORT = details(
    file=Detail(_("file")),
    files=Detail(_("files")),
    rows=Detail(_("rows")),
    counts=Detail(_("counts"), _counts),
    state=Detail(_("state"), choice_words(Import.State.choices)),
    dry_run=Detail(_("dry run")),
    strict=Detail(_("all or nothing")),
)

declare_events(
    EventKind("import.queued", _("Import asked for"), "import", describe=IMPORT),
    EventKind("import.chunk", _("Part of an import taken"), "import", describe=IMPORT),
    EventKind("import.finished", _("Import ended"), "import", describe=IMPORT),
    EventKind("import.cancelled", _("Import cancelled"), "import", describe=IMPORT),
)
