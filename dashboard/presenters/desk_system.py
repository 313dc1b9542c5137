"""Whether the installation keeps up, in words (PG-20)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.templatetags.ui import duration, instant
from dashboard.queries.desk_system import SystemState


@dataclass(frozen=True, slots=True)
class SystemRow:
    """A part of the installation: its state as level and words, and the page behind it (or empty)."""

    name: str
    level: str
    state: str
    note: str = ""
    url: str = ""


def system_rows(found: SystemState, at: datetime) -> list[SystemRow]:
    return [*_timers(found, at), *_deliveries(found), *_data(found, at), *_policy(found)]


def _fine() -> str:
    return pgettext("state of the installation", "fine")


def _timers(found: SystemState, at: datetime) -> Iterator[SystemRow]:
    if found.late_since is None:
        yield SystemRow(_("Timers"), "ok", _fine(), _("nothing is overdue"))
        return
    late = ngettext("%(number)s deadline late", "%(number)s deadlines late", found.late_deadlines)
    since = _("the oldest by %(time)s") % {"time": duration(at - found.late_since)}
    yield SystemRow(_("Timers"), "red", late % {"number": found.late_deadlines}, since)


def _deliveries(found: SystemState) -> Iterator[SystemRow]:
    if found.failed_deliveries is None or found.late_deliveries is None:
        return
    url = reverse("admin:notifications_delivery_changelist")
    if found.late_deliveries or found.failed_deliveries:
        late = ngettext("%(number)s waits", "%(number)s wait", found.late_deliveries)
        failed = ngettext("%(number)s failed within a day", "%(number)s failed within a day", found.failed_deliveries)
        given = (late % {"number": found.late_deliveries}, failed % {"number": found.failed_deliveries})
        yield SystemRow(_("Deliveries"), "yellow", " · ".join(given), "", url)
    else:
        yield SystemRow(_("Deliveries"), "ok", _fine(), "", url)


def _data(found: SystemState, at: datetime) -> Iterator[SystemRow]:
    if found.behind_since is None:
        yield SystemRow(_("Data of stores"), "ok", _fine(), _("orders of all stores are known"))
        return
    behind = ngettext("%(number)s store behind", "%(number)s stores behind", found.stores_behind)
    since = _("the oldest by %(time)s") % {"time": duration(at - found.behind_since)}
    url = reverse("admin:stores_store_changelist")
    yield SystemRow(_("Data of stores"), "yellow", behind % {"number": found.stores_behind}, since, url)


def _policy(found: SystemState) -> Iterator[SystemRow]:
    if found.policy is None:
        return
    url = reverse("admin:policy")
    state = _("version %(number)s in force") % {"number": found.policy}
    note = ""
    if found.next_policy is not None:
        given = {"number": found.next_policy.policy.number, "at": instant(found.next_policy.start)}
        note = _("version %(number)s from %(at)s") % given
    yield SystemRow(_("Policy"), "ok", state, note, url)
