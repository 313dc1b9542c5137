"""The events of imports."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.events import Detail, EventKind, Visibility, choice_words, declare_events, details, instant_words
from intake.models import Import, Source, StoreConnection


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


def _row(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items() if value)


SOURCE = details(
    source=Detail(_("source"), choice_words(Source.Kind.choices)),
    name=Detail(_("name")),
    since=Detail(_("last success"), instant_words),
)
ERASED = details(orders=Detail(_("orders")), waiting=Detail(_("waiting rows")))
ENTERED = details(file=Detail(_("file")), row=Detail(_("row"), _row), verdict=Detail(_("result")))

PUSHED = details(
    file=Detail(_("file")), counts=Detail(_("counts"), _counts), exported_at=Detail(_("as of"), instant_words)
)

CONNECTION = details(
    kind=Detail(_("platform")),
    region=Detail(_("region")),
    app_key=Detail(_("App Key")),
    problem=Detail(_("problem"), choice_words(StoreConnection.Problem.choices)),
    days=Detail(_("days left")),
    call=Detail(_("call")),
    fields=Detail(_("fields")),
    until=Detail(_("authorisation until"), instant_words),
)

PROFILE = details(name=Detail(_("name")), version=Detail(_("version")))

declare_events(
    EventKind("profile.created", _("Import profile made"), "import_profile", describe=PROFILE),
    EventKind("profile.changed", _("Import profile changed"), "import_profile", describe=PROFILE),
    EventKind("profile.deleted", _("Import profile deleted"), "import_profile", describe=PROFILE),
    EventKind("import.queued", _("Import asked for"), "import", describe=IMPORT),
    EventKind("import.chunk", _("Part of an import taken"), "import", describe=IMPORT),
    EventKind("import.finished", _("Import ended"), "import", describe=IMPORT),
    EventKind("import.cancelled", _("Import cancelled"), "import", describe=IMPORT),
    EventKind("source.silent", _("Source silent"), "store", describe=SOURCE),
    EventKind("source.spoke", _("Source back"), "store", describe=SOURCE),
    EventKind("row.entered", _("Row entered by hand"), "store", describe=ENTERED),
    EventKind("buyer.exported", _("Buyer's data exported"), "buyer"),
    EventKind("buyer.erased", _("Buyer's data erased"), "buyer", describe=ERASED),
    EventKind("personal.purged", _("Buyers' data removed by age"), "personal_data", Visibility.STAFF),
    EventKind("rows.pushed", _("Rows pushed by a program"), "store", describe=PUSHED),
    EventKind("connector.set_up", _("Connection set up"), "store", describe=CONNECTION),
    EventKind("connector.connected", _("Store connected to its platform"), "store", describe=CONNECTION),
    EventKind("connector.paused", _("Connection paused"), "store"),
    EventKind("connector.resumed", _("Connection resumed"), "store"),
    EventKind("connector.asked", _("Run of a connection asked for"), "store"),
    EventKind("connector.stopped", _("Connection stopped"), "store", describe=CONNECTION),
    EventKind("connector.ending", _("Authorisation of a connection ends soon"), "store", describe=CONNECTION),
    EventKind("connector.field_added", _("Platform sends new fields"), "store", describe=CONNECTION),
    EventKind("connector.disconnected", _("Connection ended"), "store", describe=CONNECTION),
)
