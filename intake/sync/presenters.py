"""The overview of sync health, and the words of sources. No database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.pages.components import Tab
from intake.connectors.registry import KINDS
from intake.models import Source
from intake.silence import usual_interval
from intake.sync.queries import FAILING, SILENT, AbsentStore, StoreHealth
from stores.context_processors import nav
from stores.models import Feed, Store


@dataclass(frozen=True, slots=True)
class HealthRow:
    """A store with the worst state of its sources, its last success, and the data stream that ends first; ``later``:
    how many others there are."""

    health: StoreHealth
    url: str
    level: str
    word: str
    last_success_at: datetime | None
    issues_url: str
    first: Feed | None
    later: int


@dataclass(frozen=True, slots=True)
class HealthPage:
    """What templates/intake/health.html reads."""

    nav: dict[str, Any]
    now: datetime
    tabs: list[Tab]
    state: str
    search: str
    rows: list[HealthRow]
    page: Page[Store]
    absent: Sequence[AbsentStore]


def health_page_of(
    request: HttpRequest,
    *,
    state: str,
    search: str,
    page: Page[Store],
    health: Sequence[StoreHealth],
    counts: Mapping[str, int],
    absent: Sequence[AbsentStore],
    now: datetime,
) -> HealthPage:
    """The overview of the stores of one state."""
    words = {"": _("All stores"), SILENT: _("Silent"), FAILING: _("Failing")}
    tabs = [Tab(str(word), _address(name, search), name == state, counts[name]) for name, word in words.items()]
    return HealthPage(
        nav=nav(request, current="data"),
        now=now,
        tabs=tabs,
        state=state,
        search=search,
        rows=[_row(one) for one in health],
        page=page,
        absent=absent,
    )


def _address(state: str, search: str) -> str:
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in (("state", state), ("store", search)) if value})
    return f"{reverse('intake:health')}?{query.urlencode()}" if query else reverse("intake:health")


def _row(health: StoreHealth) -> HealthRow:
    level, word = store_state(health.sources)
    number = health.store.store_no
    return HealthRow(
        health=health,
        url=reverse("dashboard:sync", args=[number]),
        level=level,
        word=word,
        last_success_at=max((one.last_success_at for one in health.sources if one.last_success_at), default=None),
        first=health.feeds[0] if health.feeds else None,
        later=max(len(health.feeds) - 1, 0),
        issues_url=f"{reverse('dashboard:orders', args=[number])}?tab=data_issues",
    )


def store_state(sources: Sequence[Source]) -> tuple[str, str]:
    """Status and word of the worst of a store's sources."""
    if not sources:
        return "info", _("no source yet")
    return max((source_state(source) for source in sources), key=lambda state: ("ok", "yellow", "red").index(state[0]))


def source_state(source: Source) -> tuple[str, str]:
    """Status and word of a source."""
    if source.silent_since is not None:
        return "red", pgettext("source", "silent")
    return ("yellow", _("failing")) if source.failures else ("ok", _("in sync"))


def source_name(source: Source) -> str:
    """What a source is called: its kind, and its name where it has one."""
    kind, name = str(source.get_kind_display()), source.name
    if source.kind == Source.Kind.CONNECTOR and name in KINDS:
        name = str(KINDS[name].label)
    return _("%(kind)s: %(name)s") % {"kind": kind, "name": name} if name else kind


def interval_of(source: Source) -> timedelta | None:
    """How often the source is expected to speak."""
    return usual_interval(source.pauses, source.set_seconds)
