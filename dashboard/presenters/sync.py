"""The page of a store's sync health (PN-20, TM-17, TM-18)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages import formats
from core.pages.components import Banner, Fact, Tab
from core.templatetags.ui import instant
from dashboard.queries.sync import SyncFound
from intake.models import Import, Source, WaitingRow
from intake.presenters import FILE_TITLES
from intake.sync.forms import IntervalForm
from intake.sync.presenters import interval_of, source_name, source_state
from notifications.models import WebhookEndpoint
from notifications.webhooks.addresses import host_of
from orders.data_issues import CHECKS, data_issue_texts
from orders.models import Source as OrderSource
from orders.queries.tabs import NUMBERLESS, UNSYNCED
from stores.access import StoreRequest, may_write
from stores.context_processors import nav
from stores.models import Store
from stores.principals import Area

# Verdicts of rows that a line of a source names, in this order.
SHOWN = ("new", "changed", "same", "older", "waiting", "refused", "duplicates", "deleted")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source; ``action`` and ``url``: how it is made to speak."""

    source: Source
    name: str
    level: str
    word: str
    interval: timedelta | None
    rows: str
    form: IntervalForm | None
    action: str
    url: str


@dataclass(frozen=True, slots=True)
class StreamRow:
    """A data stream and how far it is behind."""

    title: str
    known_until: datetime
    lag: timedelta


@dataclass(frozen=True, slots=True)
class IssueRow:
    """Orders with one data issue, and what to check."""

    title: str
    check: str
    count: int
    url: str
    file_url: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that failed, and the way to try it again."""

    title: str
    text: str
    at: datetime | None
    url: str
    action: str


@dataclass(frozen=True, slots=True)
class SyncPage:
    """What templates/dashboard/sync.html reads."""

    nav: dict[str, Any]
    store: Store
    now: datetime
    notes: list[Banner]
    sources: list[SourceRow]
    streams: list[StreamRow]
    grace: str
    missing: list[Fact]
    issues: list[IssueRow]
    failures: list[Failure]
    waiting: list[Tab]
    asked: str
    rows: Page[WaitingRow] | None
    data_url: str


def sync_page_of(request: StoreRequest, found: SyncFound) -> SyncPage:
    """The page of a store's sync health."""
    store, writes = found.store, may_write(request.principal, found.store, Area.ORDERS)
    hours = {"count": found.grace_hours}
    return SyncPage(
        nav=nav(request, current="data"),
        store=store,
        now=found.at,
        notes=[*silent_banners(found.sources, ""), *_switched_off(store), *_added_fields(found)],
        sources=[_source_row(source, may_set=writes) for source in found.sources],
        streams=[
            StreamRow(str(feed.get_kind_display()), feed.known_until, max(found.at - feed.known_until, timedelta()))
            for feed in found.feeds
        ],
        grace=ngettext("%(count)s hour", "%(count)s hours", found.grace_hours) % hours,
        missing=_missing(found),
        issues=[_issue_row(store, bit, count) for bit, count in found.issues.items()],
        failures=[
            *(_failed_import(job) for job in found.failed),
            *(_failed_webhook(store, endpoint) for endpoint in found.webhooks),
        ],
        waiting=[
            Tab(_file_title(group.kind), f"?waiting={group.kind}#waiting", group.kind == found.asked, group.rows)
            for group in found.waiting
        ],
        asked=_file_title(found.asked),
        rows=found.rows,
        data_url=reverse("intake:index"),
    )


def silent_banners(sources: Sequence[Source], url: str) -> list[Banner]:
    """That figures may be behind, for each source that has fallen silent."""
    return [
        Banner(
            "stale",
            _("%(source)s is silent") % {"source": source_name(source)},
            _("Nothing has come since %(last)s. Figures may be behind until it speaks again.")
            % {"last": instant(source.silent_since)},
            url,
            _("Sync health") if url else "",
        )
        for source in sources
        if source.silent_since is not None
    ]


def _switched_off(store: Store) -> list[Banner]:
    if store.tracking_auto_sync is not False:
        return []
    text = _("Tracking numbers and scans arrive late or not at all. Switch it on in the ERP, or import them often.")
    return [Banner("yellow", _("Tracking auto-sync is off"), text)]


def _added_fields(found: SyncFound) -> list[Banner]:
    if not found.added:
        return []
    text = ngettext(
        "%(count)s field is not read. The figures stay as they are.",
        "%(count)s fields are not read. The figures stay as they are.",
        found.added,
    ) % {"count": formats.number(found.added)}
    url = f"{reverse('intake:connection', args=[found.store.store_no])}#fields"
    return [Banner("info", _("The platform sends new fields"), text, url, _("Show the fields"))]


def _source_row(source: Source, *, may_set: bool) -> SourceRow:
    level, word = source_state(source)
    interval = interval_of(source)
    hours = source.set_seconds // 3600 if source.set_seconds else None
    action, url = _retry(source)
    return SourceRow(
        source=source,
        name=source_name(source),
        level=level,
        word=word,
        interval=interval,
        rows=_verdicts(source.counts),
        form=IntervalForm(initial={"hours": hours}, prefix=None, auto_id=f"id_{source.pk}_%s") if may_set else None,
        action=action,
        url=url,
    )


def _verdicts(counts: Mapping[str, int]) -> str:
    words = {
        "new": _("new"),
        "changed": _("changed"),
        "same": _("same"),
        "older": _("older, ignored"),
        "waiting": _("waiting"),
        "refused": _("refused"),
        "duplicates": _("doubled keys"),
        "deleted": _("deleted"),
    }
    return ", ".join(f"{words[name]} {formats.number(counts[name])}" for name in SHOWN if counts.get(name))


def _retry(source: Source) -> tuple[str, str]:
    """How a person makes the source speak: words and address, empty where it is not done in the browser."""
    ways = {
        Source.Kind.UPLOAD: (_("Import again"), "intake:index"),
        Source.Kind.CONNECTOR: (_("Sync now"), "intake:connections"),
        Source.Kind.WATCH_FOLDER: (_("Import now"), "intake:index"),
    }
    action, route = ways.get(Source.Kind(source.kind), ("", ""))
    try:
        return (action, reverse(route)) if route else ("", "")
    except NoReverseMatch:
        return "", ""


def _missing(found: SyncFound) -> list[Fact]:
    """Orders without a number by where they were placed, each leading to exactly those."""
    labels = {NUMBERLESS.code: NUMBERLESS.label, UNSYNCED.code: UNSYNCED.label}
    placed = dict(OrderSource.choices)
    facts = []
    for code, counts in found.missing.items():
        for source, count in sorted(counts.items()):
            query = urlencode({"tab": code, "source": source})
            url = f"{reverse('dashboard:orders', args=[found.store.store_no])}?{query}"
            facts.append(Fact(f"{labels[code]} · {placed.get(source, source)}", formats.number(count), "", url))
    return facts


def _issue_row(store: Store, bit: int, count: int) -> IssueRow:
    query = urlencode({"tab": "data_issues", "issue": str(bit)})
    title = data_issue_texts(bit)[0]
    return IssueRow(
        title=title,
        check=str(CHECKS[bit]),
        count=count,
        url=f"{reverse('dashboard:orders', args=[store.store_no])}?{query}",
        file_url=f"{reverse('dashboard:orders_file', args=[store.store_no, 'csv'])}?{query}",
    )


def _failed_import(job: Import) -> Failure:
    return Failure(job.name, job.error, job.finished_at, reverse("intake:import", args=[job.pk]), _("Import again"))


def _failed_webhook(store: Store, endpoint: WebhookEndpoint) -> Failure:
    url = reverse("notifications:webhook", args=[store.company.company_no, endpoint.pk])
    failed = int(getattr(endpoint, "failed", 0))
    text = ngettext("%(count)s delivery failed", "%(count)s deliveries failed", failed) % {"count": failed}
    title = _("Webhook to %(host)s") % {"host": host_of(endpoint.url)}
    return Failure(title, text, endpoint.succeeded_at, f"{url}?state=failed", _("Send again"))


def _file_title(kind: str) -> str:
    return _("data streams") if kind == "feed" else str(FILE_TITLES.get(kind, kind))
